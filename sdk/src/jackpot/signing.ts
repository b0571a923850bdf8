import { importSigningKey } from '../protocol/envelope.ts'
import type { JsonObject } from '../protocol/exact-json.ts'
import { type JwtMac, type JwtParts, type JwtRefusal, jwtParts, readJwt, signJwt } from '../protocol/hs256-jwt.ts'

/** What Jackpot's documents leave open about initialization tokens, as it is read here. */
export const jackpotReadings = {
  /** How old an `iat` may be, in seconds. A used token is to be remembered for at least as long. */
  oldestSeconds: 300,
  /** How far an `iat` may lie in the future, in seconds. */
  futureSeconds: 60,
} as const

/** What a token of the second version says. */
export type JackpotClaims = {
  /** What may be spent in the session, in whole units of the account's currency, with up to two decimals. */
  amount: number
  /** Seconds since the epoch. */
  iat: number
  /** The partner's own key of the transaction, one per token. */
  notificationKey: string
  userId?: string
  /** The partner confirms the voucher by itself, whatever the account's setting. */
  forceManualConfirm?: boolean
}

/** What a token of the first version says: all of it. Who stays unknown is of zip code 99 and 99 years old. */
export type JackpotClaimsV1 = {
  amount: number
  /** Zip code. */
  cp: string
  age: number
  gender: string
  userId: string
  iat: number
  notificationKey: string
}

/** The steps of an initialization token's signature: a JSON Web Token with the apiSignature, as text, as its key. */
export const jackpotParts = (claims: JackpotClaims | JackpotClaimsV1): JwtParts => jwtParts(claims)

/** An apiSignature for WebCrypto. */
export const importJackpotKey = (apiSignature: string): Promise<CryptoKey> => importSigningKey(apiSignature)

/** An initialization token, by WebCrypto. It opens one session. */
export const signJackpotToken = (claims: JackpotClaims | JackpotClaimsV1, key: CryptoKey): Promise<string> =>
  signJwt(claims, key)

/** Why an initialization token opens no session. */
export type JackpotRefusal =
  | JwtRefusal
  | 'missing-token'
  /** A claim is missing or of another type. */
  | 'malformed-claims'
  | 'stale-token'
  | 'future-token'

/** A token whose form, claims and time are right. Whether its signature is, the caller's comparison tells. */
export type JackpotExpectation<Claims> = {
  ok: true
  /** Compare in constant time. Both are base64url of 32 bytes. */
  presented: string
  expected: string
  signingInput: string
  claims: Claims
}

type Versions = { v1: JackpotClaimsV1; v2: JackpotClaims }

/**
 * Checks everything about an initialization token but the equality of two signatures, and that it was not used before: tokens in
 * another spelling of the same bytes are refused, so a used one is known by its text, and besides by its `notificationKey`,
 * because the same claims make another token under a header in another order. Pure; `now` in milliseconds.
 */
export function checkJackpotToken<Version extends keyof Versions>(
  version: Version,
  token: string | null | undefined,
  mac: JwtMac,
  now: number,
  window: { oldestSeconds: number; futureSeconds: number } = jackpotReadings,
): { ok: false; refusal: JackpotRefusal } | JackpotExpectation<Versions[Version]> {
  if (!token) return { ok: false, refusal: 'missing-token' }
  const read = readJwt(token)
  if (!read.ok) return read
  const { payload, signingInput, signature } = read.jwt
  if (!(version === 'v1' ? isV1(payload) : isV2(payload))) return { ok: false, refusal: 'malformed-claims' }
  const claims = payload as Versions[Version]
  const age = now / 1000 - claims.iat
  if (age > window.oldestSeconds) return { ok: false, refusal: 'stale-token' }
  if (age < -window.futureSeconds) return { ok: false, refusal: 'future-token' }
  return { ok: true, presented: signature, expected: mac(signingInput), signingInput, claims }
}

const isCommon = ({ amount, iat, notificationKey }: JsonObject) =>
  typeof amount === 'number' &&
  amount > 0 &&
  // Printed as text, a number shows its decimals exactly.
  /^\d{1,15}(?:\.\d{1,2})?$/.test(String(amount)) &&
  Number.isSafeInteger(iat) &&
  isKey(notificationKey)

const isKey = (value: unknown) => typeof value === 'string' && value.length > 0 && value.length <= 255

const isV1 = (claims: JsonObject) =>
  isCommon(claims) &&
  typeof claims.cp === 'string' &&
  typeof claims.age === 'number' &&
  typeof claims.gender === 'string' &&
  typeof claims.userId === 'string'

const isV2 = (claims: JsonObject) =>
  isCommon(claims) &&
  ['undefined', 'string'].includes(typeof claims.userId) &&
  ['undefined', 'boolean'].includes(typeof claims.forceManualConfirm)
