import type Provider from 'oidc-provider'
import { type Context, errors } from 'oidc-provider'
import type { ClientState, ClientStates } from '../../credentials/client-states.ts'
import type { ConsentStates } from '../../credentials/consent-states.ts'
import type { DpopProofs } from '../../credentials/dpop.ts'
import type { Keyring } from '../../credentials/keyring.ts'
import type { Revocations } from '../../credentials/revocations.ts'
import type { SigningKeys } from '../../credentials/signing-keys.ts'
import type { Database } from '../../storage/database.ts'
import { readProof } from './dpop.ts'
import { createAuthorizationCodeGrant } from './grant-authorization-code.ts'
import { createClientCredentialsGrant } from './grant-client-credentials.ts'
import { createRefreshTokenGrant } from './grant-refresh-token.ts'
import type { People } from './people.ts'
import { parametersOf } from './schema.ts'
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
  consents: ConsentStates
  people: People
  keys: SigningKeys
  revocations: Revocations
  proofs: DpopProofs
  issuer: string
  clock: () => number
  log: Log
  settings: OauthSettings
}

/** Puts our grants in the place of the library's. By now the library has authenticated the client. */
export function registerGrants(provider: Provider, deps: GrantDeps): void {
  const authorizationCode = createAuthorizationCodeGrant(deps)
  const clientCredentials = createClientCredentialsGrant(deps)
  const refreshToken = createRefreshTokenGrant(deps)

  provider.registerGrantType(
    'authorization_code',
    async (ctx) => {
      const { code, redirect_uri: redirectUri, code_verifier: verifier } = ctx.oidc.params
      const proof = await readProof(deps, ctx)
      ctx.body = await authorizationCode(await authenticatedClient(deps, ctx), { code, redirectUri, verifier }, proof)
    },
    parametersOf('authorization_code'),
  )
  provider.registerGrantType(
    'client_credentials',
    async (ctx) => {
      const proof = await readProof(deps, ctx)
      ctx.body = await clientCredentials(await authenticatedClient(deps, ctx), ctx.oidc.params.scope, proof)
    },
    parametersOf('client_credentials'),
  )
  provider.registerGrantType(
    'refresh_token',
    async (ctx) => {
      const { refresh_token: token, scope } = ctx.oidc.params
      const proof = await readProof(deps, ctx)
      ctx.body = await refreshToken(await authenticatedClient(deps, ctx), token, scope, proof)
    },
    parametersOf('refresh_token'),
  )
}

async function authenticatedClient(deps: GrantDeps, ctx: Context): Promise<ClientState> {
  const client = await deps.clients.get(ctx.oidc.client.clientId)
  if (!client || client.disabled) throw new errors.UnauthorizedClient('the client was disabled')
  return client
}
