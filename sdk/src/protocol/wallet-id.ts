import { encodeBase58 } from './base58.ts'
import { WalletIdError } from './errors.ts'

/** The parts of an explicit wallet id, `us:8301234567:USD`. */
export type WalletId = {
  /** 2 to 32 lower-case letters: an ISO 3166 country code, or a name of the operator's. */
  namespace: string
  /** 1 to 64 letters, digits, `.`, `_` or `-`; kept as given, because a telephone number may begin with 0. */
  number: string
  /** 2 to 12 upper-case letters or digits: an ISO 4217 code, or that of another unit, such as `PTS`. */
  currency: string
}

/** An explicit id in any case, for a route; normalise what it matched. In a path the colons may stand as `%3A`. */
export const explicitIdPattern = '[A-Za-z]{2,32}(?::|%3[Aa])[A-Za-z0-9._-]{1,64}(?::|%3[Aa])[A-Za-z0-9]{2,12}'

/** An opaque id, for a route: a SHA-1 in base58 has 28 characters mostly, 27 often, and any number down to 20 rarely. */
export const opaqueIdPattern = '[1-9A-HJ-NP-Za-km-z]{20,28}'

const explicitId = /^([A-Za-z]{2,32}):([A-Za-z0-9._-]{1,64}):([A-Za-z0-9]{2,12})$/
const opaqueIdText = new RegExp(`^${opaqueIdPattern}$`)

/** Whether a text is an explicit id, in any case. */
export const isExplicitId = (text: string): boolean => explicitId.test(text)

/** Whether a text may be an opaque id. An explicit one never is: it has colons. */
export const isOpaqueId = (text: string): boolean => opaqueIdText.test(text)

/** Reads an explicit id in any case; the parts are normalised. Throws a {@link WalletIdError}. */
export function parseWalletId(text: string): WalletId {
  const match = explicitId.exec(text)
  if (!match) throw new WalletIdError('A wallet id reads namespace:number:currency')
  const [, namespace = '', number = '', currency = ''] = match
  return { namespace: namespace.toLowerCase(), number, currency: currency.toUpperCase() }
}

/** The explicit id as it is stored and hashed. */
export const formatWalletId = ({ namespace, number, currency }: WalletId): string =>
  `${namespace}:${number}:${currency}`

/**
 * One spelling per wallet id: an explicit id with its namespace in lower case and its currency in upper case; an opaque one as it
 * is. Throws a {@link WalletIdError} for any other text.
 */
export function normaliseWalletId(text: string): string {
  return isOpaqueId(text) ? text : formatWalletId(parseWalletId(text))
}

/** {@link normaliseWalletId} of one segment of a URL's path, where the colons may be percent-encoded. */
export function walletIdFromPath(segment: string): string {
  return normaliseWalletId(segment.replace(/%3a/gi, ':'))
}

/**
 * The opaque id: base58 of the SHA-1 of the explicit id's bytes, as they are given; normalise before. It hides nothing from
 * someone who can guess the number: it is a name, not a secret.
 */
export async function opaqueWalletId(explicit: string): Promise<string> {
  return encodeBase58(new Uint8Array(await crypto.subtle.digest('SHA-1', new TextEncoder().encode(explicit))))
}
