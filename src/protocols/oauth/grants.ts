import type Provider from 'oidc-provider'
import { type Context, errors } from 'oidc-provider'
import type { ClientState, ClientStates } from '../../credentials/client-states.ts'
import type { Keyring } from '../../credentials/keyring.ts'
import type { Revocations } from '../../credentials/revocations.ts'
import type { SigningKeys } from '../../credentials/signing-keys.ts'
import type { Database } from '../../storage/database.ts'
import { createClientCredentialsGrant } from './grant-client-credentials.ts'
import { createRefreshTokenGrant } from './grant-refresh-token.ts'
import type { OauthSettings } from './settings.ts'

/** The little of a pino logger that is used here. */
export type Log = {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export type GrantDeps = {
  db: Database
  keyring: Keyring
  clients: ClientStates
  keys: SigningKeys
  revocations: Revocations
  issuer: string
  clock: () => number
  log: Log
  settings: OauthSettings
}

/** Puts our grants in the place of the library's. By now the library has authenticated the client. */
export function registerGrants(provider: Provider, deps: GrantDeps): void {
  const clientCredentials = createClientCredentialsGrant(deps)
  const refreshToken = createRefreshTokenGrant(deps)

  provider.registerGrantType(
    'client_credentials',
    async (ctx) => {
      ctx.body = await clientCredentials(await authenticatedClient(deps, ctx), ctx.oidc.params.scope)
    },
    ['scope'],
  )
  provider.registerGrantType(
    'refresh_token',
    async (ctx) => {
      const { refresh_token: token, scope } = ctx.oidc.params
      ctx.body = await refreshToken(await authenticatedClient(deps, ctx), token, scope)
    },
    ['refresh_token', 'scope'],
  )
}

async function authenticatedClient(deps: GrantDeps, ctx: Context): Promise<ClientState> {
  const client = await deps.clients.get(ctx.oidc.client.clientId)
  if (!client || client.disabled) throw new errors.UnauthorizedClient('the client was disabled')
  return client
}
