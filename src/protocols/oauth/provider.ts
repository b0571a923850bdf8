import Provider, { type Context } from 'oidc-provider'
import { WALLET_SCOPES } from '../../credentials/scopes.ts'
import { createArtifactAdapter } from './adapter.ts'
import { type GrantDeps, registerGrants } from './grants.ts'
import { provideClients } from './provider-clients.ts'
import { PATHS } from './routes.ts'
import { createAccessTokenAdapter, createRefreshTokenAdapter, emptyAdapter } from './token-adapters.ts'

const HOUR = 3_600

/** The OAuth library on our tables, with our grants. Everything it would otherwise decide by a default is said here. */
export function createProvider(deps: GrantDeps): Provider {
  const provider = new Provider(deps.issuer, {
    adapter: (model: string) => adapterFor(deps, model),
    jwks: { keys: deps.keys.privateJwks() },
    scopes: [...WALLET_SCOPES],
    claims: { openid: ['sub'] },
    responseTypes: [],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    clientDefaults: { id_token_signed_response_alg: 'ES256', response_types: [], grant_types: [] },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    cookies: {
      keys: [deps.keyring.derive('oauth-cookies').toString('base64url')],
      names: { session: 'billfold_oauth', interaction: 'billfold_interaction', resume: 'billfold_resume' },
      long: { httpOnly: true, sameSite: 'lax', signed: true },
      short: { httpOnly: true, sameSite: 'lax', signed: true },
    },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: ownTokenOfConfidentialClient },
      revocation: { enabled: true, allowedPolicy: ownToken },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
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
    },
    ttl: {
      AccessToken: deps.settings.accessTokenTtl,
      ClientCredentials: deps.settings.accessTokenTtl,
      RefreshToken: deps.settings.clientRefreshTokenTtl,
      AuthorizationCode: 60,
      Grant: 14 * 24 * HOUR,
      IdToken: HOUR,
      Interaction: HOUR,
      Session: 14 * 24 * HOUR,
    },
    clientBasedCORS: () => false,
    findAccount: async () => undefined,
    async renderError(ctx: Context, out: object) {
      ctx.type = 'application/json'
      ctx.body = out
    },
  })

  provideClients(provider, deps.clients)
  registerGrants(provider, deps)
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
  provider.on('server_error', (_ctx, error) => logFailure(error))
  return provider
}

function adapterFor(deps: GrantDeps, model: string) {
  if (model === 'AccessToken') return createAccessTokenAdapter(deps)
  if (model === 'RefreshToken') return createRefreshTokenAdapter(deps)
  if (model === 'ClientCredentials') return emptyAdapter
  return createArtifactAdapter(deps, model)
}

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

/** The last word on each answer of the library. */
async function finish(ctx: Context, next: () => Promise<void>): Promise<void> {
  await next()
  for (const header of ['Access-Control-Allow-Origin', 'Access-Control-Expose-Headers', 'Vary']) ctx.remove(header)
  const body = ctx.body as Record<string, unknown> | undefined
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
    revocation_endpoint_auth_methods_supported: metadata.token_endpoint_auth_methods_supported,
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  }
}
