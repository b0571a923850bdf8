import Provider, { type Client, type Context, type Refused } from 'oidc-provider'
import { DPOP_ALGORITHMS } from '../../credentials/dpop.ts'
import { WALLET_SCOPES } from '../../credentials/scopes.ts'
import { isDatabaseAway } from '../../storage/database-away.ts'
import { createArtifactAdapter } from './adapter.ts'
import { consentPolicy, loadGrant } from './consent-policy.ts'
import { type GrantDeps, registerGrants } from './grants.ts'
import { checkBinding, createImplicitMode, IMPLICIT, IMPLICIT_ELSEWHERE } from './implicit.ts'
import { findAccount, showRefusal, useOwnSessions } from './people.ts'
import { provideClients } from './provider-clients.ts'
import { checkScope } from './requested-scope.ts'
import { PATHS } from './routes.ts'
import { createAccessTokenAdapter, createRefreshTokenAdapter, emptyAdapter } from './token-adapters.ts'

const HOUR = 3_600
const BROWSER_ROUTES = new Set(['authorization', 'resume'])

/** The OAuth library on our tables, with our grants. Everything it would otherwise decide by a default is said here. */
export function createProvider(deps: GrantDeps): Provider {
  const provider: Provider = new Provider(deps.issuer, {
    adapter: (model: string) => adapterFor(deps, model),
    jwks: { keys: [...deps.keys.privateJwks()] },
    scopes: [...WALLET_SCOPES],
    claims: { openid: ['sub'] },
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    clientDefaults: { id_token_signed_response_alg: 'ES256', response_types: [], grant_types: [] },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'], dPoPSigningAlgValues: [...DPOP_ALGORITHMS] },
    cookies: {
      keys: deps.keyring.deriveEach('oauth-cookies').map((key) => key.toString('base64url')),
      names: { session: 'billfold_unused', interaction: 'billfold_interaction', resume: 'billfold_resume' },
      long: { httpOnly: true, sameSite: 'lax', signed: true },
      short: { httpOnly: true, sameSite: 'lax', signed: true },
    },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: ownTokenOfConfidentialClient },
      revocation: { enabled: true, allowedPolicy: ownToken },
      pushedAuthorizationRequests: { enabled: true },
      requestObjects: { enabled: false },
      // For its parameters and metadata. No proof reaches the library: ours are checked in dpop.ts.
      dPoP: { enabled: true },
      resourceIndicators: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
    },
    routes: {
      authorization: PATHS.authorize,
      token: PATHS.token,
      jwks: PATHS.jwks,
      revocation: PATHS.revoke,
      introspection: PATHS.introspect,
      pushed_authorization_request: PATHS.par,
    },
    ttl: {
      AccessToken: deps.settings.accessTokenTtl,
      ClientCredentials: deps.settings.accessTokenTtl,
      RefreshToken: deps.settings.clientRefreshTokenTtl,
      AuthorizationCode: deps.settings.authorizationCodeTtl,
      Grant: HOUR,
      IdToken: HOUR,
      Interaction: deps.settings.interactionTtl,
      Session: HOUR,
    },
    clientBasedCORS: () => false,
    allowOmittingSingleRegisteredRedirectUri: false,
    // RFC 9700 section 2.1.1. Elsewhere it is up to the client; without one, a verifier is refused at the token endpoint.
    pkce: {
      required: ({ oidc }: Context, client: Client) => isPublic(client) && oidc.params.response_mode !== IMPLICIT,
    },
    extraParams: { scope: checkScope, dpop_jkt: checkBinding },
    interactions: {
      url: (_ctx: Context, { uid }: { uid: string }) => `/interaction/${uid}`,
      policy: consentPolicy(deps.clock),
    },
    expiresWithSession: () => false,
    findAccount: (ctx: Context, id: string) => findAccount(deps.people, ctx, id),
    loadExistingGrant: (ctx: Context) => loadGrant(deps, provider, ctx),
    async renderError(ctx: Context, out: Refused, error: unknown) {
      if (BROWSER_ROUTES.has(ctx.oidc.route)) return showRefusal(deps.people, ctx, out, error)
      ctx.type = 'application/json'
      ctx.body = out
    },
  })

  provideClients(provider, deps.clients)
  useOwnSessions(provider, deps.people)
  registerGrants(provider, deps)
  for (const mode of [IMPLICIT, IMPLICIT_ELSEWHERE]) provider.registerResponseMode(mode, createImplicitMode(deps))
  pinOrigin(provider, deps.issuer)
  provider.use(finish)
  // Koa would print what it catches.
  provider.silent = true
  const logFailure = (error: Error & { code?: unknown }) =>
    deps.log.error(
      { error: { name: error.name, code: error.code, message: error.message, stack: error.stack } },
      'oauth',
    )
  provider.on('error', logFailure)
  provider.on('server_error', (ctx, error) => {
    ctx.state.databaseAway = isDatabaseAway(error)
    logFailure(error)
  })
  return provider
}

function adapterFor(deps: GrantDeps, model: string) {
  if (model === 'AccessToken') return createAccessTokenAdapter(deps)
  if (model === 'RefreshToken') return createRefreshTokenAdapter(deps)
  if (model === 'ClientCredentials') return emptyAdapter
  // Whether it was used up is asked when its owner has decided, long after it could be begun.
  const remembered = model === 'PushedAuthorizationRequest' ? deps.settings.interactionTtl : 0
  return createArtifactAdapter(deps, model, remembered)
}

const isPublic = (client: Client) => client.clientAuthMethod === 'none'

type Owned = { clientId: string }
const ownToken = async (_ctx: Context, client: Owned, token: Owned) => client.clientId === token.clientId
const ownTokenOfConfidentialClient = async (
  _ctx: Context,
  client: Owned & { clientAuthMethod: string },
  token: Owned,
) => client.clientAuthMethod !== 'none' && client.clientId === token.clientId

/** Addresses in answers come from the configured public URL, never from a Host header that anyone can send. */
function pinOrigin(provider: Provider, issuer: string): void {
  const { protocol, host } = new URL(issuer)
  Object.defineProperties(provider.request, {
    protocol: { get: () => protocol.slice(0, -1) },
    host: { get: () => host },
  })
}

const GRANT_NOT_ALLOWED = 'requested grant type is not allowed for this client'

const CORS_HEADERS = ['Access-Control-Allow-Origin', 'Access-Control-Expose-Headers', 'Vary']

/** For the moments when the database is started again or replaced; RFC 6749 section 4.1.2.1 has the name. */
export const AWAY = {
  status: 503,
  body: {
    error: 'temporarily_unavailable',
    error_description: 'the server cannot reach its database; try again in a moment',
  },
} as const

/** The last word on each answer of the library. */
async function finish(ctx: Context, next: () => Promise<void>): Promise<void> {
  // Which origins may call is the server's to say, and it has said so by now.
  const ours = new Map(CORS_HEADERS.map((name) => [name, ctx.response.get(name)]))
  await next()
  for (const [name, value] of ours) value ? ctx.set(name, value) : ctx.remove(name)
  if (BROWSER_ROUTES.has(ctx.oidc?.route ?? '')) {
    ctx.set('Referrer-Policy', 'no-referrer')
    // A redirect's text would repeat what it hands over.
    if (ctx.status === 303) ctx.body = ''
  }
  const body = ctx.body as Record<string, unknown> | undefined
  if (ctx.state.databaseAway && ctx.status >= 500) {
    ctx.status = AWAY.status
    ctx.set('Retry-After', '1')
    if (body?.error) Object.assign(body, AWAY.body)
  }
  if (ctx.path === PATHS.metadata || ctx.path === PATHS.openidMetadata) ctx.body = honestMetadata(body ?? {})
  else if (body?.error === 'server_error') body.error_description = 'the server could not answer; try again later'
  // RFC 6749 section 5.2 has a code of its own for this.
  else if (body?.error_description === GRANT_NOT_ALLOWED) body.error = 'unauthorized_client'
}

function honestMetadata(metadata: Record<string, unknown>): Record<string, unknown> {
  const { claims_supported: _1, claims_parameter_supported: _2, response_modes_supported: _3, ...rest } = metadata
  return {
    ...rest,
    scopes_supported: [...WALLET_SCOPES],
    // What clients are spoken to in; the library sees our implicit flow as another one.
    response_types_supported: ['code', 'token'],
    response_modes_supported: ['query', 'fragment'],
    grant_types_supported: [...(metadata.grant_types_supported as string[]), 'implicit'],
    revocation_endpoint_auth_methods_supported: metadata.token_endpoint_auth_methods_supported,
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  }
}
