import { importSigningKey } from '../protocol/envelope.ts'
import { decodeHex, hmacSha256 } from '../protocol/hmac.ts'
import { decodeLoosely, type Reading, readCode, type Spelling } from './code.ts'
import type { Finding } from './types.ts'

/** A text that may have been signed; `finding` null: the right one. */
export type TextGuess = { text: string; finding: Finding | null }

/** A key that may have been used; `hash` where it was another than SHA-256, `plain` where it was a hash without key. */
export type KeyGuess = {
  key: string | Uint8Array<ArrayBuffer>
  finding: Finding | null
  hash?: 'SHA-1' | 'SHA-384' | 'SHA-512'
  plain?: boolean
}

export const found = (mistake: Finding['mistake'], values: Record<string, string> = {}): Finding => ({
  mistake,
  values,
})

/** What a comparison of a presented signature with what it should be tells. */
export type Match = { matched: boolean; findings: Finding[] }

/**
 * Looks for the text and the key that a presented signature was made of: the right ones first, then one mistake, then two. The
 * signatures are the SDK's own, of other texts and under other keys.
 */
export async function compare(
  presented: string,
  wanted: Spelling,
  texts: readonly TextGuess[],
  keys: readonly KeyGuess[],
): Promise<Match> {
  const readings = readCode(presented, wanted)
  if (readings.length === 0) return { matched: false, findings: [found('signature-malformed', { wanted })] }
  const pairs = texts.flatMap((text) => keys.map((key) => ({ text, key })))
  const mistakes = ({ text, key }: (typeof pairs)[number]) => (text.finding ? 1 : 0) + (key.finding ? 1 : 0)
  pairs.sort((a, b) => mistakes(a) - mistakes(b))
  for (const { text, key } of pairs) {
    const code = await codeOf(text.text, key)
    const reading = code && readings.find(({ bytes }) => isSame(bytes, code))
    if (reading) return { matched: true, findings: present([text.finding, key.finding, ...reading.wrong]) }
  }
  return { matched: false, findings: commonSpelling(readings) }
}

const present = (findings: (Finding | null)[]) => findings.filter((one) => one !== null)

/** What is wrong with the way of writing, whichever bytes are meant. */
const commonSpelling = (readings: Reading[]): Finding[] => (readings.length === 1 ? (readings[0] as Reading).wrong : [])

async function codeOf(text: string, { key, hash, plain }: KeyGuess): Promise<Uint8Array | null> {
  const bytes = new TextEncoder().encode(text)
  if (plain) return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  if (key.length === 0) return null
  if (hash === undefined) return hmacSha256(await importSigningKey(key), text)
  const raw = typeof key === 'string' ? new TextEncoder().encode(key) : key
  const imported = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, bytes))
}

const isSame = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, at) => byte === b[at])

/** The keys that people make of a secret that is used as text. @param others further secrets that may have been mixed up with it */
export function textKeys(secret: string, others: readonly NamedSecret[] = []): KeyGuess[] {
  const trimmed = secret.trim()
  const hex = decodeHex(trimmed)
  const base64 = decodeLoosely(trimmed)
  return [
    { key: secret, finding: null },
    { key: `${secret}\n`, finding: found('key-with-newline') },
    ...(trimmed === secret ? [] : [{ key: trimmed, finding: found('secret-has-blanks') }]),
    ...(hex ? [{ key: hex, finding: found('key-decoded-from-hex') }] : []),
    ...(base64 ? [{ key: base64, finding: found('key-decoded-from-base64') }] : []),
    ...otherCases(secret),
    ...otherHashes(secret),
    ...others.map(({ name, secret: other }) => ({ key: other, finding: found('wrong-key', { name }) })),
  ]
}

/** A secret, and what it is called. */
export type NamedSecret = { name: string; secret: string }

const otherCases = (secret: string): KeyGuess[] =>
  [secret.toLowerCase(), secret.toUpperCase()]
    .filter((text) => text !== secret)
    .map((key) => ({ key, finding: found('key-in-other-case') }))

/** The right key with another hash, or none at all. */
export function otherHashes(key: string | Uint8Array<ArrayBuffer>): KeyGuess[] {
  const hashes = (['SHA-512', 'SHA-1', 'SHA-384'] as const).map((hash) => ({
    key,
    hash,
    finding: found('wrong-hash', { hash }),
  }))
  return [...hashes, { key, plain: true, finding: found('hash-without-key') }]
}

/** Other texts that the same pieces make: with a line break at the end, or joined by another separator. */
export function joinedOtherwise(pieces: readonly string[], separator: string): TextGuess[] {
  const right = pieces.join(separator)
  const separators = ['+', '-', '.', '', '\n', '&', '|', ':', ' ', ',', '_', '/'].filter((one) => one !== separator)
  return [
    { text: `${right}\n`, finding: found('trailing-newline') },
    { text: right.replaceAll('\n', '\r\n'), finding: found('line-breaks-changed') },
    ...separators.map((used) => ({
      text: pieces.join(used),
      finding: found('wrong-separator', {
        used: used === '' ? '""' : JSON.stringify(used),
        right: JSON.stringify(separator),
      }),
    })),
  ].filter(({ text }) => text !== right)
}

/**
 * Compares the text that somebody says was signed with the one that should have been.
 * @returns null where they are the same; else the piece in which they part
 */
export function firstDifference(
  pieces: readonly { name: string; value: string }[],
  separator: string,
  signed: string,
): { name: string; expected: string; signed: string } | null {
  const right = pieces.map(({ value }) => value).join(separator)
  if (right === signed) return null
  let at = 0
  while (at < right.length && right[at] === signed[at]) at++
  let start = 0
  for (const { name, value } of pieces) {
    if (at <= start + value.length) {
      // As much of the other text as stands in this piece's place, should the rest be equal from its end.
      const tail = right.length - start - value.length
      return { name, expected: value, signed: signed.slice(start, Math.max(start, signed.length - tail)) }
    }
    start += value.length + separator.length
  }
  return { name: pieces.at(-1)?.name ?? '', expected: '', signed: signed.slice(at) }
}

/**
 * The findings of a comparison, completed where nothing matched: the text that its author says was signed tells another key from
 * another text.
 */
export async function settle(
  match: Match,
  facts: {
    presented: string
    wanted: Spelling
    pieces: readonly { name: string; value: string }[]
    separator: string
    /** As the author's program logged it; undefined or '' where it did not. */
    signed: string | undefined
    keys: readonly KeyGuess[]
  },
): Promise<Finding[]> {
  const { findings } = match
  if (match.matched || findings.some(({ mistake }) => mistake === 'signature-malformed')) return findings
  if (!facts.signed) return [...findings, found('signature-mismatch')]
  const own = await compare(facts.presented, facts.wanted, [{ text: facts.signed, finding: null }], facts.keys)
  if (!own.matched) return [...findings, found('unknown-key')]
  const parted = firstDifference(facts.pieces, facts.separator, facts.signed)
  if (parted === null) return own.findings
  const { name, expected, signed } = parted
  const values = { name, part: name, right: shorten(expected), signed: shorten(signed) }
  const isBody = ['payload', 'body', 'client_request_id', 'brand', 'currency', 'amount'].includes(name)
  return [...own.findings, found(isBody ? 'body-changed' : 'part-changed', values)]
}

const shorten = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text)
