import { normaliseWalletId, opaqueWalletId } from '../protocol/wallet-id.ts'
import { WebWalletError } from './error.ts'
import { readJwt } from './jwt.ts'
import type { Amount, Details } from './types.ts'

/** What a transaction token says: its owner's consent to one transaction. */
export type TransactionTokenClaims = {
  /** The server that issued it. */
  iss: string
  /** The wallet whose owner consents. */
  sub: string
  /** The wallet whose side may use it; `*`: anyone's. */
  aud: string
  endpoint: 'charges' | 'payments'
  /** Explicit ids; `*`: the wallet of whoever uses it. */
  source: string
  target: string
  amount: Amount
  currency: string
  details?: Details
  description?: string
  metadata?: Record<string, unknown>
  /** Seconds since the epoch. */
  iat: number
  nbf?: number
  exp: number
  /** Names the token; it can be used once. */
  jti: string
  [claim: string]: unknown
}

export type TransactionTokenCheck = {
  /** The public key of a `kid`, from the server's JWKS; null if it has none of that name. */
  key(kid: string): Promise<CryptoKey | null>
  issuer: string
  /** Explicit or opaque id of the wallet that wants to use it; not checked if left out. */
  audience?: string
  /** Milliseconds since the epoch. */
  now: number
}

/** Seconds by which the server's clock may be ahead of ours. */
const skew = 60

/**
 * Checks a transaction token without asking the server about it: signature, issuer, times, and for whom it is. Whether it was used
 * or revoked meanwhile only its use tells. Throws `transaction-token-refused`.
 */
export async function checkTransactionToken(
  token: string,
  { key, issuer, audience, now }: TransactionTokenCheck,
): Promise<TransactionTokenClaims> {
  const jwt = readJwt(token)
  if (jwt === null) throw refused('It is no JWT')
  const { header, claims } = jwt
  // The algorithm is fixed; the header only says that it means the same.
  if (header.alg !== 'ES256' || header.typ !== 'transaction+jwt' || header.crit !== undefined) {
    throw refused('It is no transaction token')
  }
  const known = typeof header.kid === 'string' ? await key(header.kid) : null
  if (known === null) throw refused('The server has no such key')
  if (!(await jwt.verify(known))) throw refused('The signature does not fit')
  if (claims.iss !== issuer) throw refused('Another server issued it')
  const seconds = now / 1000
  if (typeof claims.exp !== 'number' || claims.exp <= seconds) throw refused('It has expired')
  const from = claims.nbf ?? claims.iat
  if (typeof from !== 'number' || from > seconds + skew) throw refused('It is not valid yet')
  for (const name of ['sub', 'aud', 'endpoint', 'source', 'target', 'currency', 'jti']) {
    if (typeof claims[name] !== 'string') throw refused(`It says no ${name}`)
  }
  if (typeof claims.amount !== 'string' && typeof claims.amount !== 'number') throw refused('It says no amount')
  const said = claims as TransactionTokenClaims
  if (audience !== undefined && said.aud !== '*' && !(await isSameWallet(said.aud, audience))) {
    throw refused('It is meant for another wallet')
  }
  return said
}

/** Whether two ids, explicit or opaque, name the same wallet. */
async function isSameWallet(a: string, b: string): Promise<boolean> {
  const opaque = async (id: string) => (id.includes(':') ? opaqueWalletId(normaliseWalletId(id)) : id)
  return (await opaque(a)) === (await opaque(b))
}

const refused = (message: string) => new WebWalletError('transaction-token-refused', message, { status: 0 })
