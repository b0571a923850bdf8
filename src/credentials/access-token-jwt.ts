import { type KeyObject, sign, verify } from 'node:crypto'
import type { SigningKeys } from './signing-keys.ts'
import { TokenRefusal } from './token-refusal.ts'

/** What an access token says, checked and parsed. */
export type AccessTokenClaims = {
  jti: string
  subject: string
  clientId: string
  scopes: string[]
  /** the mark of the family of refresh tokens that it was issued with */
  family: string | null
  /** id of the owner's consent that it was issued under; null or absent: the client acts for its own party */
  consent?: string | null
  /** null: every wallet that the subject has */
  wallets: ReadonlySet<bigint> | null
  /** thumbprint of the key that it is bound to (RFC 9449 section 6.1); null or absent: whoever bears it may use it */
  jkt?: string | null
  /** explicit ids, for people; `*` for all */
  walletNames: string[] | '*'
  audience: string
  /** ms since the epoch */
  issuedAt: number
  expiresAt: number
}

// The algorithm is ours, never the token's: RFC 8725 section 3.1.
const ALG = 'ES256'
const TYP = 'at+jwt'
const CLOCK_SKEW_MS = 60_000

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A JWT access token (RFC 9068). Besides its claims: `wallets` for people; `wallet_ids` (account ids), `fam`, `consent` for us. */
export function signAccessToken(
  signer: { kid: string; key: KeyObject },
  issuer: string,
  claims: AccessTokenClaims,
): string {
  const input = `${encode({ alg: ALG, typ: TYP, kid: signer.kid })}.${encode({
    iss: issuer,
    sub: claims.subject,
    client_id: claims.clientId,
    aud: claims.audience,
    scope: claims.scopes.join(' '),
    wallets: claims.walletNames,
    ...(claims.wallets && { wallet_ids: Array.from(claims.wallets, String) }),
    ...(claims.family !== null && { fam: claims.family }),
    ...(claims.consent && { consent: claims.consent }),
    ...(claims.jkt && { cnf: { jkt: claims.jkt } }),
    jti: claims.jti,
    iat: Math.floor(claims.issuedAt / 1000),
    exp: Math.floor(claims.expiresAt / 1000),
  })}`
  const signature = sign('sha256', Buffer.from(input), { key: signer.key, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

/**
 * Checks signature, type, issuer, audience and times. A promise only when the key is one that this process has yet to read.
 * @throws {TokenRefusal}
 */
export function verifyAccessTokenJwt(
  deps: { issuer: string; audiences: ReadonlySet<string>; keys: Pick<SigningKeys, 'find'> },
  token: string,
  now: number,
): AccessTokenClaims | Promise<AccessTokenClaims> {
  const [header = '', payload = '', signature = '', ...rest] = token.split('.')
  if (rest.length > 0 || !header || !payload || !signature) throw malformed()
  const { alg, typ, kid, crit, b64 } = decode(header)
  if (alg !== ALG || typ !== TYP || typeof kid !== 'string' || crit !== undefined || b64 !== undefined)
    throw malformed()
  const bytes = Buffer.from(signature, 'base64url')
  // One signature, one spelling: the unused bits of the last character must be zero.
  if (bytes.length !== 64 || bytes.toString('base64url') !== signature) throw malformed()

  const conclude = (key: KeyObject | undefined) => {
    const signed = Buffer.from(token.slice(0, header.length + 1 + payload.length))
    if (!key || !verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, bytes))
      throw new TokenRefusal('invalid_token', 'the access token is not signed by this server')
    return readClaims(deps, decode(payload), now)
  }
  const key = deps.keys.find(kid)
  return key instanceof Promise ? key.then(conclude) : conclude(key)
}

const malformed = () => new TokenRefusal('invalid_token', 'this is not an access token of this server')

function decode(part: string): Record<string, unknown> {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) throw malformed()
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Falls through to the one answer.
  }
  throw malformed()
}

function readClaims(
  deps: { issuer: string; audiences: ReadonlySet<string> },
  claims: Record<string, unknown>,
  now: number,
): AccessTokenClaims {
  const {
    iss,
    aud,
    sub,
    client_id: clientId,
    jti,
    scope,
    iat,
    exp,
    nbf,
    fam,
    consent,
    cnf,
    wallets,
    wallet_ids: ids,
  } = claims
  if (iss !== deps.issuer) throw new TokenRefusal('invalid_token', 'the access token was issued by another server')
  const audience = (Array.isArray(aud) ? aud : [aud]).find((one) => deps.audiences.has(one))
  if (audience === undefined) throw new TokenRefusal('invalid_token', 'the access token is meant for another server')
  if (typeof exp !== 'number' || exp * 1000 <= now)
    throw new TokenRefusal('invalid_token', 'the access token has expired')
  if (typeof iat !== 'number' || iat * 1000 > now + CLOCK_SKEW_MS || nbf !== undefined) throw malformed()
  if (typeof sub !== 'string' || typeof clientId !== 'string' || typeof jti !== 'string' || typeof scope !== 'string')
    throw malformed()
  const all = wallets === '*'
  if (!all && !isStrings(wallets)) throw malformed()
  if (!all && (!isStrings(ids) || !ids.every((id) => /^-?\d{1,19}$/.test(id)))) throw malformed()
  return {
    jti,
    subject: sub,
    clientId,
    scopes: scope === '' ? [] : scope.split(' '),
    family: typeof fam === 'string' ? fam : null,
    consent: typeof consent === 'string' ? consent : null,
    jkt: readBinding(cnf),
    wallets: all ? null : new Set((ids as string[]).map(BigInt)),
    walletNames: wallets as string[] | '*',
    audience,
    issuedAt: iat * 1000,
    expiresAt: exp * 1000,
  }
}

/** A token bound in a way that is not known here would be worth as much as an unbound one: it is refused. */
function readBinding(cnf: unknown): string | null {
  if (cnf === undefined) return null
  const { jkt, ...others } = (cnf ?? {}) as Record<string, unknown>
  if (typeof jkt !== 'string' || Object.keys(others).length > 0) throw malformed()
  return jkt
}

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')
