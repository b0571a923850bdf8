import { decodeHex } from '../protocol/hmac.ts'
import type { Finding } from './types.ts'

/** How the bytes of a signature may be written. */
export type Spelling = 'hex' | 'hex-upper' | 'base64' | 'base64url'

/** A reading of a presented signature: its bytes, and what is wrong with how they are written. */
export type Reading = { bytes: Uint8Array<ArrayBuffer>; wrong: Finding[] }

const finding = (mistake: Finding['mistake'], values: Record<string, string> = {}): Finding => ({ mistake, values })

/**
 * The bytes that a signature may stand for, in whatever way it was written, with what is wrong about that way. Only lengths that a
 * digest or an ECDSA signature has are readings: 20, 32, 48, 64 bytes, and 68 to 72 for one in DER.
 */
export function readCode(text: string, wanted: Spelling): Reading[] {
  const readings: Reading[] = []
  const add = (bytes: Uint8Array<ArrayBuffer> | null, wrong: Finding[]) => {
    if (bytes && isCodeLength(bytes)) readings.push({ bytes, wrong })
  }
  const bare = text.trim().replace(/^["']|["']$/g, '')
  // One of some thousand signatures in base64 begins with "0x" by chance: it is a prefix of hexadecimal digits alone.
  const prefix = /^(?:(?:hmac-)?sha256=|0x(?=[0-9a-f]+$)|v0,|v1=)/i.exec(bare)?.[0] ?? ''
  const before = prefix === '' ? [] : [finding('signature-prefixed', { prefix })]
  const rest = bare.slice(prefix.length)
  if (rest !== text && prefix === '') before.push(finding('signature-surrounded'))
  add(decodeHex(rest), [...before, ...spelledInHex(rest, wanted)])
  add(decodeLoosely(rest), [...before, ...spelledInBase64(rest, wanted)])
  // The digest's hexadecimal text, encoded once more.
  const inner = decodeLoosely(rest)
  const text2 = inner && inner.length >= 40 ? new TextDecoder().decode(inner) : ''
  if (/^[0-9a-f]+$/i.test(text2)) add(decodeHex(text2), [...before, finding('signature-encoded-twice')])
  return readings
}

const isCodeLength = ({ length, 0: first }: Uint8Array) =>
  [20, 32, 48, 64].includes(length) || (length >= 66 && length <= 72 && first === 0x30)

function spelledInHex(text: string, wanted: Spelling): Finding[] {
  if (wanted === 'base64' || wanted === 'base64url') return [finding('signature-in-hex', { wanted })]
  if (wanted === 'hex-upper') return /[a-f]/.test(text) ? [finding('signature-lower-case')] : []
  return /[A-F]/.test(text) ? [finding('signature-upper-case')] : []
}

function spelledInBase64(text: string, wanted: Spelling): Finding[] {
  if (wanted === 'hex' || wanted === 'hex-upper') return [finding('signature-in-base64')]
  const wrong: Finding[] = []
  const padded = text.endsWith('=')
  if (wanted === 'base64url') {
    if (/[+/]/.test(text)) wrong.push(finding('base64-for-base64url'))
    if (padded) wrong.push(finding('signature-padded'))
  } else {
    if (/[-_]/.test(text)) wrong.push(finding('base64url-for-base64'))
    if (!padded && text.length % 4 !== 0) wrong.push(finding('padding-missing'))
  }
  if (wrong.length === 0 && !isCanonical(text)) wrong.push(finding('signature-stray-bits'))
  return wrong
}

/** The bytes of base64 of either alphabet, padded or not; null where it is none. */
export function decodeLoosely(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return null
  const plain = text
    .replace(/={1,2}$/, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/')
  if (plain.length % 4 === 1) return null
  return Uint8Array.from(atob(plain), (character) => character.charCodeAt(0))
}

/** Whether the bits that the last character has too many are zero. */
function isCanonical(text: string): boolean {
  const bytes = decodeLoosely(text)
  if (bytes === null) return false
  const again = btoa(String.fromCharCode(...bytes)).replace(/={1,2}$/, '')
  return (
    again ===
    text
      .replace(/={1,2}$/, '')
      .replaceAll('-', '+')
      .replaceAll('_', '/')
  )
}
