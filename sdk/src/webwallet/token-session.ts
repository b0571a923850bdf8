import { WebWalletError } from './error.ts'
import type { OauthClient } from './oauth.ts'
import { isFresh, type TokenSet, type TokenSource } from './token-source.ts'

/** Where a session's tokens are kept. What it holds is as good as the owner's consent: keep it secret. */
export type TokenStore = {
  load(): TokenSet | null | Promise<TokenSet | null>
  /** Called before a new pair is used for the first time; the pair counts only once this is done. */
  save(tokens: TokenSet): unknown
}

/** For programs that may forget: tokens in memory. */
export function memoryTokenStore(tokens: TokenSet | null = null): TokenStore {
  let kept = tokens
  return {
    load: () => kept,
    save(next) {
      kept = next
    },
  }
}

/**
 * Access tokens of one consent, refreshed when needed.
 *
 * A refresh token is for one use, and a second use ends the consent. So callers that arrive together share one refresh; the new
 * pair is kept before it is used; when keeping it fails, it is kept at the next call instead of asking again; what another process
 * put into the same store is taken over; and a refresh whose answer got lost is repeated only within the time in which the server
 * answers with the same pair.
 *
 * Throws `authorization-required` when only the owner can help: there are no tokens, or the consent has ended.
 */
export function createTokenSession(
  client: OauthClient,
  store: TokenStore,
  clock: () => number = Date.now,
): TokenSource {
  let current: TokenSet | null = null
  let unsaved: TokenSet | null = null
  /** The access token that the server refused last. */
  let refused: string | null = null
  let running: Promise<TokenSet> | null = null

  const usable = (tokens: TokenSet) => tokens.accessToken !== refused && isFresh(tokens, clock())

  async function keep(tokens: TokenSet): Promise<TokenSet> {
    unsaved = tokens
    await store.save(tokens)
    unsaved = null
    return tokens
  }

  async function renew(): Promise<TokenSet> {
    if (unsaved) return keep(unsaved)
    const stored = await store.load()
    if (stored === null) throw required('There are no tokens yet')
    return usable(stored) ? stored : refresh(stored)
  }

  async function refresh({ refreshToken }: TokenSet): Promise<TokenSet> {
    if (refreshToken === null) throw required('The access token has ended, and there is no refresh token')
    try {
      return await keep(await client.refresh(refreshToken))
    } catch (error) {
      if (!(error instanceof WebWalletError) || error.code !== 'invalid_grant') throw error
      // Another process may have been faster by more than the time in which the server repeats itself.
      const stored = await store.load()
      if (stored && stored.refreshToken !== refreshToken) return usable(stored) ? stored : refresh(stored)
      throw required('The consent has ended', error)
    }
  }

  return {
    async get() {
      if (current === null || !usable(current)) {
        running ??= renew().finally(() => {
          running = null
        })
        current = await running
      }
      return { value: current.accessToken, dpop: current.tokenType === 'DPoP' ? client.dpop : null }
    },
    drop(value) {
      if (current?.accessToken === value) refused = value
    },
  }
}

const required = (message: string, cause?: unknown) =>
  new WebWalletError('authorization-required', message, { status: 0, cause })
