import { randomUUID } from 'node:crypto'
import { signAccessToken } from '../../credentials/access-token-jwt.ts'
import { familyMark } from '../../credentials/refresh-token.ts'
import type { SigningKeys } from '../../credentials/signing-keys.ts'
import type { Authority } from './authority.ts'
import type { OauthSettings } from './settings.ts'

/** The successful answer of the token endpoint (RFC 6749 section 5.1). */
export type TokenAnswer = {
  access_token: string
  token_type: 'Bearer' | 'DPoP'
  expires_in: number
  refresh_token?: string
  scope: string
}

export type TokenRequest = {
  clientId: string
  /** party */
  subject: string
  scopes: string[]
  familyId: string | null
  refreshToken: string | null
  /** the key that the access token is bound to; null: it is a bearer token */
  jkt: string | null
  /** what stands behind the grant; of a party's own wallets one more than are named at most */
  authority: Authority
}

// A token travels in a header: it must stay well below the 8 kB that servers take.
const LONGEST_NAMES = 2_000

/** Signs the access token of a grant that is durable by now. */
export function tokenAnswer(
  deps: { keys: SigningKeys; issuer: string; clock: () => number; settings: OauthSettings },
  request: TokenRequest,
): TokenAnswer {
  const now = deps.clock()
  const { consentId, wallets, endsAt } = request.authority
  const names = wallets.map((wallet) => wallet.explicit_id)
  const few = names.length <= deps.settings.mostWalletsNamed && names.join().length <= LONGEST_NAMES
  // A consent is for the wallets that it names, never for all.
  const named = few || consentId !== null
  const expiresAt = Math.min(now + deps.settings.accessTokenTtl * 1000, endsAt ?? Number.POSITIVE_INFINITY)
  const accessToken = signAccessToken(deps.keys.signer(), deps.issuer, {
    jti: randomUUID(),
    subject: request.subject,
    clientId: request.clientId,
    scopes: request.scopes,
    family: request.familyId && familyMark(request.familyId),
    consent: consentId,
    wallets: named ? new Set(wallets.map(({ id }) => id)) : null,
    walletNames: few ? names : named ? [] : '*',
    jkt: request.jkt,
    audience: deps.issuer,
    issuedAt: now,
    expiresAt,
  })
  return {
    access_token: accessToken,
    token_type: request.jkt === null ? 'Bearer' : 'DPoP',
    expires_in: Math.floor((expiresAt - now) / 1000),
    ...(request.refreshToken !== null && { refresh_token: request.refreshToken }),
    scope: request.scopes.join(' '),
  }
}
