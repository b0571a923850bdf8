import { createGenerationCache } from '../domain/generation-cache.ts'
import { type AccessTokenClaims, verifyAccessTokenJwt } from './access-token-jwt.ts'
import type { ClientState, ClientStates } from './client-states.ts'
import type { ConsentState, ConsentStates } from './consent-states.ts'
import type { DpopProofs } from './dpop.ts'
import type { Principal } from './principal.ts'
import type { Revocations } from './revocations.ts'
import type { SigningKeys } from './signing-keys.ts'
import { TokenRefusal, type TokenScheme } from './token-refusal.ts'

/**
 * Who an `Authorization` header proves to be. Answers at once, without a promise, for a bearer token that this process has seen
 * and whose client it knows; a refusal may be thrown at once too. Anything but a {@link TokenRefusal} means that the database
 * could not be asked.
 * @param authorization the header's value; '' when it is absent
 * @param now ms since the epoch
 * @param request what a proof of possession must be for, and the proof; without it no bound token is good
 */
export type VerifyAccessToken = (
  authorization: string,
  now: number,
  request?: BoundRequest,
) => Principal | Promise<Principal>

/** The part of a request that a proof speaks of (RFC 9449). */
export type BoundRequest = {
  readonly method: string
  /** as it stands in the request line, without the query */
  readonly path: string
  readonly headers: { readonly dpop?: string | undefined }
}

export type VerifierDeps = {
  issuer: string
  /** The public URLs of the wallet API; a token must be meant for one of them. */
  audiences: ReadonlySet<string>
  keys: SigningKeys
  clients: ClientStates
  consents: ConsentStates
  revocations: Revocations
  proofs: DpopProofs
  /** tokens remembered */
  capacity?: number
}

type Seen = {
  /** the whole header */
  authorization: string
  claims: AccessTokenClaims
  /** Built from the claims and these two; built anew when one of them is another object. */
  principal: Principal | null
  client: ClientState | null
  consent: Consent
}

/** The owner's consent that a token was issued under; undefined: it needs none, null: it was withdrawn. */
type Consent = ConsentState | null | undefined

const CAPACITY = 10_000
const LONGEST_HEADER = 8_192
const TAIL = 64

export function createAccessTokenVerifier(deps: VerifierDeps): VerifyAccessToken {
  // By the end of the header, which is of the signature: the lookup is the only work for a token that was seen before, and to digest all
  // of its 800 characters would be most of that.
  const seen = createGenerationCache<Seen>(deps.capacity ?? CAPACITY)

  return function verify(authorization, now, request) {
    const known = seen.get(authorization.slice(-TAIL))
    if (known?.authorization === authorization) return admit(known, authorization, now, request)
    const { scheme, token } = presented(authorization)
    const checked = verifyAccessTokenJwt(deps, token, now)
    if (!(checked instanceof Promise))
      return admit(remember(authorization, scheme, checked), authorization, now, request)
    return checked.then((claims) => admit(remember(authorization, scheme, claims), authorization, now, request))
  }

  function remember(authorization: string, scheme: TokenScheme, claims: AccessTokenClaims): Seen {
    requireScheme(scheme, claims)
    const entry: Seen = { authorization, claims, principal: null, client: null, consent: null }
    seen.set(authorization.slice(-TAIL), entry)
    return entry
  }

  function admit(entry: Seen, authorization: string, now: number, request: BoundRequest | undefined) {
    const { jkt } = entry.claims
    return jkt ? proven(entry, jkt, authorization, now, request) : judge(entry, now)
  }

  /** Last of all, because it uses the proof up. */
  async function proven(
    entry: Seen,
    jkt: string,
    authorization: string,
    now: number,
    request: BoundRequest | undefined,
  ): Promise<Principal> {
    const principal = await judge(entry, now)
    const header = request?.headers.dpop
    if (!request || !header) throw new TokenRefusal('invalid_dpop_proof', 'the access token needs the proof of its key')
    const { method, path } = request
    const proof = await deps.proofs.verify(header, { method, path, accessToken: presented(authorization).token })
    if (proof.jkt !== jkt)
      throw new TokenRefusal('invalid_token', 'the DPoP proof is of another key than the access token')
    await proof.spend()
    return principal
  }

  function judge(entry: Seen, now: number): Principal | Promise<Principal> {
    if (entry.claims.expiresAt <= now) throw new TokenRefusal('invalid_token', 'the access token has expired')
    const waiting = deps.revocations.ready()
    return waiting ? waiting.then(() => weigh(entry, now)) : weigh(entry, now)
  }

  function weigh(entry: Seen, now: number): Principal | Promise<Principal> {
    const { claims } = entry
    const revoked = deps.revocations.has(claims.jti, claims.family)
    const client = deps.clients.get(claims.clientId)
    const consent = claims.consent ? deps.consents.get(claims.consent) : undefined
    if (revoked instanceof Promise || client instanceof Promise || consent instanceof Promise)
      return Promise.all([revoked, client, consent]).then((all) => conclude(entry, now, ...all))
    return conclude(entry, now, revoked, client, consent)
  }
}

function conclude(entry: Seen, now: number, revoked: boolean, client: ClientState | null, consent: Consent): Principal {
  if (revoked) throw new TokenRefusal('invalid_token', 'the access token was revoked')
  if (!client || client.disabled) throw new TokenRefusal('invalid_token', 'the client may no longer use its tokens')
  const { claims, principal } = entry
  if (consent !== undefined && !isUnder(consent, claims, now))
    throw new TokenRefusal('invalid_token', 'the owner of the wallets has withdrawn the consent')
  if (principal && entry.client === client && entry.consent === consent) return principal
  entry.client = client
  entry.consent = consent
  entry.principal = {
    clientId: client.id,
    clientParty: client.partyId,
    subject: claims.subject,
    // A right that was taken from the client since, or by the owner, is taken from its tokens too.
    scopes: new Set(claims.scopes.filter((scope) => client.scopes.has(scope) && consent?.scopes.has(scope) !== false)),
    wallets: consent
      ? new Set([...(claims.wallets ?? [])].filter((id) => consent.wallets.has(id)))
      : (claims.wallets ?? 'all'),
    public: client.public,
    scheme: claims.jkt ? 'DPoP' : 'Bearer',
    signingKey: client.signingKey,
    expiresAt: claims.expiresAt,
  }
  return entry.principal
}

const isUnder = (consent: ConsentState | null, { clientId, subject }: AccessTokenClaims, now: number): boolean =>
  consent?.clientId === clientId &&
  consent.partyId === subject &&
  (consent.expiresAt === null || consent.expiresAt > now)

/** RFC 9449 section 7.2: a bound token is none to bear, and one that is not bound gains nothing by the other scheme's name. */
function requireScheme(scheme: TokenScheme, claims: AccessTokenClaims): void {
  if (scheme === 'Bearer' && claims.jkt)
    throw new TokenRefusal('invalid_token', 'the access token is bound to a key: use the DPoP scheme, with a proof')
  if (scheme === 'DPoP' && !claims.jkt)
    throw new TokenRefusal('invalid_token', 'the access token is not bound to a key: use the Bearer scheme')
}

function presented(authorization: string): { scheme: TokenScheme; token: string } {
  if (authorization === '') throw new TokenRefusal('invalid_token', 'an access token is required', { missing: true })
  if (authorization.length > LONGEST_HEADER)
    throw new TokenRefusal('invalid_request', 'the Authorization header is too long')
  const space = authorization.indexOf(' ')
  const scheme = SCHEMES.get(authorization.slice(0, Math.max(space, 0)).toLowerCase())
  if (!scheme)
    throw new TokenRefusal('invalid_request', 'the Authorization header must be: Bearer or DPoP, and one access token')
  return { scheme, token: authorization.slice(space + 1) }
}

const SCHEMES: ReadonlyMap<string, TokenScheme> = new Map([
  ['bearer', 'Bearer'],
  ['dpop', 'DPoP'],
])
