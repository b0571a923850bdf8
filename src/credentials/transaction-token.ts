import { type KeyObject, sign, verify } from 'node:crypto'
import type { SigningKeys } from './signing-keys.ts'

/**
 * What a transaction token says: the consent of the owner of `sub` to one transaction. Wallets are explicit ids; `*` as audience
 * is anyone, `*` as source or target is the presenter's wallet.
 */
export type TransactionTokenClaims = {
  readonly iss: string
  readonly sub: string
  readonly aud: string
  readonly endpoint: 'charges' | 'payments'
  readonly source: string
  readonly target: string
  /** as the issuing request had it: a JSON number or a decimal string */
  readonly amount: number | string
  readonly currency: string
  readonly details?: unknown
  readonly description?: string
  readonly metadata?: Record<string, unknown>
  /** seconds since the epoch */
  readonly iat: number
  readonly nbf?: number
  readonly exp: number
  readonly jti: string
}

/** The longest time between issue and expiry; ms. Keys stay published for longer (signing-keys.ts). */
export const TRANSACTION_TOKEN_MAX_MS = 7 * 24 * 3_600_000

// The algorithm is ours, never the token's (RFC 8725 section 3.1), and the type is no other token's (section 3.11).
const ALG = 'ES256'
const TYP = 'transaction+jwt'
const LONGEST = 16_384

/** What is issued is shorter: as a bearer it has to fit among the headers of a request, 16 KiB in all. */
export const TRANSACTION_TOKEN_MAX_LENGTH = 12_288

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

export function signTransactionToken(signer: { kid: string; key: KeyObject }, claims: TransactionTokenClaims): string {
  const input = `${encode({ alg: ALG, typ: TYP, kid: signer.kid })}.${encode(claims)}`
  const signature = sign('sha256', Buffer.from(input), { key: signer.key, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

/** Whether a bearer credential says that it is a transaction token; nothing is proven by that. */
export function looksLikeTransactionToken(token: string): boolean {
  const header = decode(token.split('.', 1)[0] ?? '')
  return header?.typ === TYP
}

/**
 * The claims of a token that this server has signed; null for any other text. Times are not judged: a repeated request is
 * answered after the token has expired, too, and whether the token may still be used is decided where it is used up.
 */
export async function verifyTransactionToken(
  deps: { issuer: string; keys: Pick<SigningKeys, 'find'> },
  token: string,
): Promise<TransactionTokenClaims | null> {
  const [header = '', payload = '', signature = '', ...rest] = token.split('.')
  if (token.length > LONGEST || rest.length > 0) return null
  const { alg, typ, kid, crit, b64 } = decode(header) ?? {}
  if (alg !== ALG || typ !== TYP || typeof kid !== 'string' || crit !== undefined || b64 !== undefined) return null
  const bytes = Buffer.from(signature, 'base64url')
  // One signature, one spelling: the unused bits of the last character must be zero.
  if (bytes.length !== 64 || bytes.toString('base64url') !== signature) return null
  const key = await deps.keys.find(kid)
  const signed = Buffer.from(`${header}.${payload}`)
  if (!key || !verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, bytes)) return null
  const claims = decode(payload)
  // Ours alone have this type, so their members are as they were signed.
  return claims?.iss === deps.issuer ? (claims as TransactionTokenClaims) : null
}

function decode(part: string): Record<string, unknown> | null {
  if (part.length > LONGEST || !/^[A-Za-z0-9_-]+$/.test(part)) return null
  try {
    // What is JSON and no object has none of the members that are asked for.
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown> | null
  } catch {
    return null
  }
}
