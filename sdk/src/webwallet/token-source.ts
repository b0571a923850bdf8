import type { Dpop } from './dpop.ts'

/** An access token, and the key that it is bound to, if it is. */
export type AccessToken = { readonly value: string; readonly dpop: Dpop | null }

/** Where a client gets its access tokens from. */
export type TokenSource = {
  get(): Promise<AccessToken>
  /** Forgets a token that the server no longer takes. */
  drop(value: string): void
}

/** What the token endpoint gave; plain JSON, to be kept secret. */
export type TokenSet = {
  accessToken: string
  tokenType: 'Bearer' | 'DPoP'
  /** Null where none was given, or the server gives none for this grant. */
  refreshToken: string | null
  /** What was granted, separated by spaces; null: what was asked for. */
  scope: string | null
  /** Milliseconds since the epoch, by this machine's clock. */
  issuedAt: number
  expiresAt: number
}

/** Whether a token is worth sending. A tenth of its life early, at most half a minute, so that it does not expire on its way. */
export function isFresh({ issuedAt, expiresAt }: TokenSet, now: number): boolean {
  return now < expiresAt - Math.min(30_000, (expiresAt - issuedAt) / 10)
}

/** The headers that a request carries its token in (RFC 6750, RFC 9449). */
export async function authorization(
  { value, dpop }: AccessToken,
  request: { method: string; url: string },
): Promise<Record<string, string>> {
  if (dpop === null) return { authorization: `Bearer ${value}` }
  return { authorization: `DPoP ${value}`, dpop: await dpop.proof({ ...request, accessToken: value }) }
}
