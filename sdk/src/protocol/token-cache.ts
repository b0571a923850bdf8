/** A bearer token with its times, in milliseconds since the epoch by this machine's clock. */
export type CachedToken = { value: string; issuedAt: number; expiresAt: number }

export type TokenCache = {
  get(): Promise<string>
  /** Forgets a token that the server no longer takes. */
  drop(value: string): void
}

/**
 * Keeps a token until shortly before it expires: a tenth of its life, at most half a minute. Callers that arrive together share
 * one request.
 */
export function createTokenCache(ask: () => Promise<CachedToken>, clock: () => number): TokenCache {
  let kept: CachedToken | null = null
  let running: Promise<CachedToken> | null = null
  const isFresh = ({ issuedAt, expiresAt }: CachedToken) =>
    clock() < expiresAt - Math.min(30_000, (expiresAt - issuedAt) / 10)

  return {
    async get() {
      if (kept === null || !isFresh(kept)) {
        running ??= ask().finally(() => {
          running = null
        })
        kept = await running
      }
      return kept.value
    },
    drop(value) {
      if (kept?.value === value) kept = null
    },
  }
}
