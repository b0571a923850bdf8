import type Provider from 'oidc-provider'
import type { GrantDeps } from './grants.ts'
import { createProvider } from './provider.ts'

/**
 * The library reads its keys when it is made, and never again. So it is made anew when they have changed, or when another one of
 * them begins to sign; requests under way end with the one that they began with. All that outlives a request is in the database.
 */
export function createCurrentProvider(deps: GrantDeps): () => Provider {
  let keys = deps.keys.privateJwks()
  let provider = createProvider(deps)
  return () => {
    const now = deps.keys.privateJwks()
    if (now !== keys) {
      provider = createProvider(deps)
      keys = now
    }
    return provider
  }
}
