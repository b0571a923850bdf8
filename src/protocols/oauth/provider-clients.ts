import type Provider from 'oidc-provider'
import { type Client, type ClientMetadata, errors } from 'oidc-provider'
import type { ClientState, ClientStates } from '../../credentials/client-states.ts'
import { secretMatches } from '../../credentials/secrets.ts'
import { IMPLICIT, IMPLICIT_ELSEWHERE } from './implicit.ts'
import { isRegisteredRedirectUri } from './redirect-uri.ts'

const CLIENT_ID = /^[A-Za-z0-9._-]{1,64}$/

/**
 * Lets the library see our clients. Its own cache is passed by: it would outlive a change of the row, and it takes a
 * disabled client for a known one.
 */
export function provideClients(provider: Provider, clients: ClientStates): void {
  const made = new WeakMap<ClientState, Client>()
  const stateOf = new WeakMap<Client, ClientState>()

  provider.Client.find = async (id) => {
    if (typeof id !== 'string' || !CLIENT_ID.test(id)) return undefined
    const state = await clients.get(id)
    if (!state || state.disabled) return undefined
    let client = made.get(state)
    if (!client) {
      client = new provider.Client(metadataOf(state))
      made.set(state, client)
      stateOf.set(client, state)
    }
    return client
  }

  provider.Client.prototype.compareClientSecret = function compareClientSecret(this: Client, presented: string) {
    const hash = stateOf.get(this)?.secretHash
    return hash != null && secretMatches(presented, hash)
  }

  provider.Client.prototype.redirectUriAllowed = function redirectUriAllowed(this: Client, asked: string) {
    return isRegisteredRedirectUri(stateOf.get(this)?.redirectUris ?? [], asked)
  }

  provider.Client.prototype.responseModeAllowed = function responseModeAllowed(this: Client, mode: string | undefined) {
    if (mode === IMPLICIT_ELSEWHERE) throw new errors.UnsupportedResponseMode('a token is sent in the fragment only')
    if (mode === IMPLICIT && !stateOf.get(this)?.implicit)
      throw new errors.UnauthorizedClient('the implicit flow is not enabled for this client')
    return true
  }
}

// The library has rules of its own about redirect URIs, by kinds of clients that we do not have. Ours were checked when the client
// was made and are compared above, so it is shown one that it cannot object to.
const ANY_REDIRECT_URI = 'https://client.invalid/'

function metadataOf(state: ClientState): ClientMetadata {
  const redirected = state.redirectUris.length > 0
  return {
    client_id: state.id,
    client_name: state.name,
    // The library wants one to be there; the comparison above is what decides.
    ...(!state.public && { client_secret: 'stored as a hash' }),
    token_endpoint_auth_method: state.public ? 'none' : 'client_secret_basic',
    grant_types: [
      ...(state.public ? [] : ['client_credentials']),
      ...(redirected ? ['authorization_code'] : []),
      'refresh_token',
    ],
    response_types: redirected ? ['code'] : [],
    redirect_uris: redirected ? [ANY_REDIRECT_URI] : [],
    scope: [...state.scopes].join(' '),
    id_token_signed_response_alg: 'ES256',
  }
}
