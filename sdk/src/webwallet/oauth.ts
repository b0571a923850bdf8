import {
  type AuthorizeParams,
  beginAuthorization,
  finishAuthorization,
  type PendingAuthorization,
} from './authorization.ts'
import type { Dpop } from './dpop.ts'
import { createOauthEndpoints, type OauthOptions, oauthRefusal, readOauthAnswer } from './token-endpoint.ts'
import type { TokenSet } from './token-source.ts'

/** How long a refresh whose answer got lost may be repeated; the server gives the same pair for ten seconds. */
const refreshWindow = 8_000

/**
 * An OAuth client of the server. Every method throws a `WebWalletError`: with the code of OAuth (`invalid_grant`,
 * `access_denied`) for a refusal, or with one of the client's own.
 */
export type OauthClient = {
  /** The key that its tokens are bound to. */
  readonly dpop: Dpop | null
  /** Where to send the owner, and what to keep until they come back. */
  authorize(params: AuthorizeParams): Promise<{ url: string; pending: PendingAuthorization }>
  /** Tokens for the address that the owner came back to. */
  exchange(callback: string | URL, pending: PendingAuthorization): Promise<TokenSet>
  clientCredentials(scope?: string): Promise<TokenSet>
  /** A new pair; the old refresh token is used up. Prefer a `createTokenSession`, which does this safely. */
  refresh(refreshToken: string): Promise<TokenSet>
  /** Ends an access token, or a refresh token with all that was issued along with it (RFC 7009). */
  revoke(token: string): Promise<void>
  /** What the server says of one of the client's own tokens (RFC 7662). Not for public clients. */
  introspect(token: string): Promise<{ active: boolean; [claim: string]: unknown }>
}

/** A client of the authorization server: consent of owners, tokens, revocation. */
export function createOauthClient(options: OauthOptions): OauthClient {
  const endpoints = createOauthEndpoints(options)
  return {
    dpop: options.dpop ?? null,
    authorize: (params) => beginAuthorization(options, endpoints, params),
    exchange: (callback, pending) => finishAuthorization(options, endpoints, callback, pending),
    clientCredentials: (scope) =>
      endpoints.grant({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) }),
    async refresh(refreshToken) {
      const parameters = { grant_type: 'refresh_token', refresh_token: refreshToken }
      const tokens = await endpoints.grant(parameters, refreshWindow)
      // A server that does not rotate leaves the old one in force.
      return { ...tokens, refreshToken: tokens.refreshToken ?? refreshToken }
    },
    async revoke(token) {
      const answer = await endpoints.post('revoke', { token })
      if (answer.status !== 200) throw oauthRefusal(answer, readOauthAnswer(answer))
    },
    async introspect(token) {
      const answer = await endpoints.post('introspect', { token })
      const body = readOauthAnswer(answer)
      if (answer.status !== 200 || typeof body.active !== 'boolean') throw oauthRefusal(answer, body)
      return { ...body, active: body.active }
    },
  }
}
