import type { OauthClient } from './oauth.ts'
import { isFresh, type TokenSet, type TokenSource } from './token-source.ts'

/**
 * Access tokens that a client gets with its secret (RFC 6749, 4.4), kept until shortly before they expire. Callers that arrive
 * together share one request.
 */
export function createClientTokens(client: OauthClient, scope: string | undefined, clock: () => number): TokenSource {
  let tokens: TokenSet | null = null
  let running: Promise<TokenSet> | null = null

  return {
    async get() {
      if (tokens === null || !isFresh(tokens, clock())) {
        running ??= client.clientCredentials(scope).finally(() => {
          running = null
        })
        tokens = await running
      }
      return { value: tokens.accessToken, dpop: client.dpop }
    },
    drop(value) {
      if (tokens?.accessToken === value) tokens = null
    },
  }
}
