import { importSigningKey } from '../protocol/envelope.ts'
import type { JsonObject } from '../protocol/exact-json.ts'
import { type JwtMac, type JwtParts, type JwtRefusal, jwtParts, readJwt, signJwt } from '../protocol/hs256-jwt.ts'
import { isJsonObject } from '../protocol/json-object.ts'

/** What Pledg's documents leave open about signed requests, as it is read here. */
export const pledgReadings = {
  /** Seconds by which clocks may differ where a token has an `exp` or `nbf`. */
  leewaySeconds: 60,
} as const

/** What a signed request says: parameters in `data`, and, for a purchase link, how it is sent. */
export type PledgRequest = {
  data: Record<string, unknown>
  purchase_link_settings?: Record<string, unknown>
  /** Seconds since the epoch; a token without it does not expire. */
  exp?: number
}

/**
 * The payload of the parameter `signature`. Parameters that are only meant for the page (`signature`, `container`, callbacks) are
 * left out.
 */
export function pledgPayload({ data, purchase_link_settings, exp }: PledgRequest): object {
  const signed = Object.entries(data).filter(
    ([name, value]) => name !== 'signature' && name !== 'container' && typeof value !== 'function',
  )
  return {
    data: Object.fromEntries(signed),
    ...(purchase_link_settings === undefined ? {} : { purchase_link_settings }),
    ...(exp === undefined ? {} : { exp }),
  }
}

/** The steps of a request's signature: a JSON Web Token with the merchant's secret, as text, as its key. */
export const pledgParts = (request: PledgRequest): JwtParts => jwtParts(pledgPayload(request))

/** A merchant's secret for WebCrypto. */
export const importPledgKey = (secret: string): Promise<CryptoKey> => importSigningKey(secret)

/** The value of the parameter `signature`, by WebCrypto. */
export const signPledgRequest = (request: PledgRequest, key: CryptoKey): Promise<string> =>
  signJwt(pledgPayload(request), key)

/** Where signed requests go: below the back's address the ones with `/api`, below the front's the others. */
export const pledgSignedPaths = {
  purchaseLink: '/api/purchase_link/',
  paymentByTransfer: '/api/payment_by_transfer',
  purchase: '/purchase',
  paymentSolutions: '/payment_solutions',
} as const

/** The address of a signed request, its token in the query. */
export const pledgSignedUrl = (base: string, path: keyof typeof pledgSignedPaths, token: string): string =>
  `${base.replace(/\/+$/, '')}${pledgSignedPaths[path]}?signature=${encodeURIComponent(token)}`

/** Why a signed request can't be taken for its merchant's. */
export type PledgRefusal =
  | JwtRefusal
  | 'missing-signature'
  /** No object `data`, or a time that is no number. */
  | 'malformed-claims'
  | 'expired'
  | 'not-yet-valid'
  /** Nobody has a key for what `data` names. */
  | 'unknown-merchant'

/** A signed request whose form and times are right. Whether its signature is, the caller's comparison tells. */
export type PledgExpectation = {
  ok: true
  /** Compare in constant time. Both are base64url of 32 bytes. */
  presented: string
  expected: string
  signingInput: string
  data: JsonObject
  settings: JsonObject | null
}

type Refused = { ok: false; refusal: PledgRefusal }
const refused = (refusal: PledgRefusal): Refused => ({ ok: false, refusal })

/**
 * Checks everything about a signed request but the equality of two signatures. Which merchant's key is the right one stands in
 * `data`, so `macFor` is given it, unproven: take nothing else from there. Pure; `now` in milliseconds.
 */
export function checkPledgRequest(
  token: string | null | undefined,
  macFor: (data: JsonObject) => JwtMac | null,
  now: number,
  leewaySeconds: number = pledgReadings.leewaySeconds,
): Refused | PledgExpectation {
  if (!token) return refused('missing-signature')
  const read = readJwt(token)
  if (!read.ok) return read
  const { payload, signingInput, signature } = read.jwt
  const { data, purchase_link_settings: settings, exp, nbf } = payload
  if (!isJsonObject(data) || !(settings === undefined || isJsonObject(settings))) return refused('malformed-claims')
  const seconds = now / 1000
  if (!isTime(exp) || !isTime(nbf)) return refused('malformed-claims')
  if (exp !== undefined && seconds >= exp + leewaySeconds) return refused('expired')
  if (nbf !== undefined && seconds < nbf - leewaySeconds) return refused('not-yet-valid')
  const mac = macFor(data)
  if (mac === null) return refused('unknown-merchant')
  return { ok: true, presented: signature, expected: mac(signingInput), signingInput, data, settings: settings ?? null }
}

const isTime = (value: unknown): value is number | undefined => value === undefined || typeof value === 'number'
