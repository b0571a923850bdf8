import { randomUUID } from 'node:crypto'
import { signAccessToken } from '../../credentials/access-token-jwt.ts'
import { familyMark } from '../../credentials/refresh-token.ts'
import type { SigningKeys } from '../../credentials/signing-keys.ts'
import type { PartyWallet } from '../../storage/party-wallets.ts'
import type { OauthSettings } from './settings.ts'

/** The successful answer of the token endpoint (RFC 6749 section 5.1). */
export type TokenAnswer = {
  access_token: string
  token_type: 'Bearer'
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
  /** the subject's wallets, one more than are named at most */
  wallets: PartyWallet[]
}

// A token travels in a header: it must stay well below the 8 kB that servers take.
const LONGEST_NAMES = 2_000

/** Signs the access token of a grant that is durable by now. */
export function tokenAnswer(
  deps: { keys: SigningKeys; issuer: string; clock: () => number; settings: OauthSettings },
  request: TokenRequest,
): TokenAnswer {
  const now = deps.clock()
  const names = request.wallets.map((wallet) => wallet.explicit_id)
  const named = names.length <= deps.settings.mostWalletsNamed && names.join().length <= LONGEST_NAMES
  const accessToken = signAccessToken(deps.keys.signer(), deps.issuer, {
    jti: randomUUID(),
    subject: request.subject,
    clientId: request.clientId,
    scopes: request.scopes,
    family: request.familyId && familyMark(request.familyId),
    wallets: named ? new Set(request.wallets.map(({ id }) => id)) : null,
    walletNames: named ? names : '*',
    audience: deps.issuer,
    issuedAt: now,
    expiresAt: now + deps.settings.accessTokenTtl * 1000,
  })
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: deps.settings.accessTokenTtl,
    ...(request.refreshToken !== null && { refresh_token: request.refreshToken }),
    scope: request.scopes.join(' '),
  }
}
