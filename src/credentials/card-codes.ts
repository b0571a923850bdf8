import { createHmac, createSecretKey, KeyObject, randomInt } from 'node:crypto'
import { drawRandomBytes } from './random-pool.ts'
import { hashSecret } from './secrets.ts'

/** What is secret about a card. */
export type CardSecrets = {
  readonly code: string
  readonly pin: string | null
  /** where the vendor's own page of the card is */
  readonly url?: string | null
  readonly serial?: string | null
}

// Crockford's base32: no I, L, O, U, so that nothing read aloud or typed is mistaken.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const RANDOM_SYMBOLS = 19

/** A code of our own: 95 random bits and a check symbol, 20 characters. Nobody can guess one; the check tells slips of the finger. */
export function makeCardCode(): string {
  const bytes = drawRandomBytes(RANDOM_SYMBOLS)
  let code = ''
  for (const byte of bytes) code += ALPHABET[byte & 31]
  return code + checkSymbol(code)
}

export const makePin = (): string => String(randomInt(10_000)).padStart(4, '0')

/** Whether the text may be a code of our own: the check symbol finds every single wrong character and every swap of neighbours. */
export function isCardCode(text: string): boolean {
  return text.length === RANDOM_SYMBOLS + 1 && checkSymbol(text.slice(0, -1)) === text.at(-1)
}

/** Upper case, without the blanks and dashes that people put between groups; O, I and L read as the digits they look like. */
export function normaliseCardCode(text: string): string {
  return text.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
}

// Luhn's method in base 32 (mod N, N even: all single errors and all neighbour swaps but 0 with N-1 are found).
function checkSymbol(code: string): string {
  let sum = 0
  let factor = 2
  for (let i = code.length - 1; i >= 0; i--) {
    const value = ALPHABET.indexOf(code[i] as string) * factor
    if (value < 0) return ''
    sum += Math.floor(value / 32) + (value % 32)
    factor = 3 - factor
  }
  return ALPHABET[(32 - (sum % 32)) % 32] as string
}

/** Finds a card by its code without keeping the code: a keyed hash. Codes of stock and upstream are unique within their brand. */
export type CardHasher = {
  own(code: string): Buffer
  ofBrand(brandId: string, code: string): Buffer
  /** for a thread of this process; never leaves it */
  readonly key: KeyObject
}

/** @param key 32 bytes, the same in all servers and for ever */
export function createCardHasher(key: Buffer | KeyObject): CardHasher {
  const secret = key instanceof KeyObject ? key : createSecretKey(key)
  const mac = (text: string) => createHmac('sha256', secret).update(text).digest()
  return {
    own: (code) => mac(`own:${normaliseCardCode(code)}`),
    ofBrand: (brandId, code) => mac(`${brandId}:${code.trim()}`),
    key: secret,
  }
}

/** The secret in the address of a card's page: 192 bits. */
export function makeCardLink(): { link: string; hash: Buffer } {
  const link = drawRandomBytes(24).toString('base64url')
  return { link, hash: hashSecret(link) }
}
