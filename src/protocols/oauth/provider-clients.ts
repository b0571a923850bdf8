import type Provider from 'oidc-provider'
import type { Client, ClientMetadata } from 'oidc-provider'
import type { ClientState, ClientStates } from '../../credentials/client-states.ts'
import { secretMatches } from '../../credentials/secrets.ts'

/**
 * Lets the library see our clients. Its own cache is passed by: it would outlive a change of the row, and it takes a
 * disabled client for a known one.
 */
export function provideClients(provider: Provider, clients: ClientStates): void {
  const made = new WeakMap<ClientState, Client>()
  const stateOf = new WeakMap<Client, ClientState>()

  provider.Client.find = async (id) => {
    if (typeof id !== 'string' || id === '') return undefined
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
}

function metadataOf(state: ClientState): ClientMetadata {
  return {
    client_id: state.id,
    client_name: state.name,
    // The library wants one to be there; the comparison above is what decides.
    ...(!state.public && { client_secret: 'stored as a hash' }),
    token_endpoint_auth_method: state.public ? 'none' : 'client_secret_basic',
    grant_types: state.public ? ['refresh_token'] : ['client_credentials', 'refresh_token'],
    // No flow through a browser yet; each needs its response type here and in the configuration.
    response_types: [],
    redirect_uris: [...state.redirectUris],
    scope: [...state.scopes].join(' '),
    id_token_signed_response_alg: 'ES256',
  }
}
