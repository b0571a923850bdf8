import { createGenerationCache } from '../domain/generation-cache.ts'
import { type AccessTokenClaims, verifyAccessTokenJwt } from './access-token-jwt.ts'
import type { ClientState, ClientStates } from './client-states.ts'
import type { FreshCache } from './fresh-cache.ts'
import type { Principal } from './principal.ts'
import type { Revocations } from './revocations.ts'
import type { SigningKeys } from './signing-keys.ts'
import { TokenRefusal } from './token-refusal.ts'

/**
 * Who an `Authorization` header proves to be. Answers at once, without a promise, for a token that this process has seen and
 * whose client it knows; a refusal may be thrown at once too. Anything but a {@link TokenRefusal} means that the database
 * could not be asked.
 * @param authorization the header's value; '' when it is absent
 * @param now ms since the epoch
 */
export type VerifyAccessToken = (authorization: string, now: number) => Principal | Promise<Principal>

export type VerifierDeps = {
  issuer: string
  /** The public URLs of the wallet API; a token must be meant for one of them. */
  audiences: ReadonlySet<string>
  keys: SigningKeys
  clients: ClientStates
  revocations: Revocations
  /** All wallets of a party, for tokens that reach whatever the party has. */
  partyWallets: FreshCache<ReadonlySet<bigint>>
  /** tokens remembered */
  capacity?: number
}

type Seen = {
  claims: AccessTokenClaims
  /** Built from these two; built anew when one of them is another object. */
  principal: Principal | null
  client: ClientState | null
}

const CAPACITY = 10_000
const LONGEST_HEADER = 8_192

export function createAccessTokenVerifier(deps: VerifierDeps): VerifyAccessToken {
  // By the whole header: the lookup is the only work for a token that was seen before.
  const seen = createGenerationCache<Seen>(deps.capacity ?? CAPACITY)

  return function verify(authorization, now) {
    const known = seen.get(authorization)
    if (known) return judge(known, now)
    const checked = verifyAccessTokenJwt(deps, bearerToken(authorization), now)
    if (!(checked instanceof Promise)) return judge(remember(authorization, checked), now)
    return checked.then((claims) => judge(remember(authorization, claims), now))
  }

  function remember(authorization: string, claims: AccessTokenClaims): Seen {
    const entry: Seen = { claims, principal: null, client: null }
    seen.set(authorization, entry)
    return entry
  }

  function judge(entry: Seen, now: number): Principal | Promise<Principal> {
    if (entry.claims.expiresAt <= now) throw new TokenRefusal('invalid_token', 'the access token has expired')
    const waiting = deps.revocations.ready()
    return waiting ? waiting.then(() => weigh(entry)) : weigh(entry)
  }

  function weigh(entry: Seen): Principal | Promise<Principal> {
    const { claims } = entry
    const revoked = deps.revocations.has(claims.jti, claims.family)
    const client = deps.clients.get(claims.clientId)
    const wallets = claims.wallets ?? deps.partyWallets.get(claims.subject)
    if (revoked instanceof Promise || client instanceof Promise || wallets instanceof Promise)
      return Promise.all([revoked, client, wallets]).then((all) => conclude(entry, ...all))
    return conclude(entry, revoked, client, wallets)
  }
}

function conclude(
  entry: Seen,
  revoked: boolean,
  client: ClientState | null,
  wallets: ReadonlySet<bigint> | null,
): Principal {
  if (revoked) throw new TokenRefusal('invalid_token', 'the access token was revoked')
  if (!client || client.disabled) throw new TokenRefusal('invalid_token', 'the client may no longer use its tokens')
  const { claims, principal } = entry
  const reach = wallets ?? NONE
  if (principal && entry.client === client && principal.wallets === reach) return principal
  entry.client = client
  entry.principal = {
    clientId: client.id,
    subject: claims.subject,
    // A right that was taken from the client since is taken from its tokens too.
    scopes: new Set(claims.scopes.filter((scope) => client.scopes.has(scope))),
    wallets: reach,
    public: client.public,
    signingKey: client.signingKey,
    expiresAt: claims.expiresAt,
  }
  return entry.principal
}

const NONE: ReadonlySet<bigint> = new Set()

function bearerToken(authorization: string): string {
  if (authorization === '') throw new TokenRefusal('invalid_token', 'an access token is required', { missing: true })
  if (authorization.length > LONGEST_HEADER)
    throw new TokenRefusal('invalid_request', 'the Authorization header is too long')
  const space = authorization.indexOf(' ')
  if (space < 0 || authorization.slice(0, space).toLowerCase() !== 'bearer')
    throw new TokenRefusal('invalid_request', 'the Authorization header must be: Bearer and one access token')
  return authorization.slice(space + 1)
}
