import { errors } from 'oidc-provider'
import type { ClientState } from '../../credentials/client-states.ts'
import { makeRefreshToken } from '../../credentials/refresh-token.ts'
import { splitScopes } from '../../credentials/scopes.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import { findFamilyOfCode, redeemCode as useUp } from '../../storage/authorization-codes.ts'
import { type Authority, familyEnd } from './authority.ts'
import type { GrantDeps } from './grants.ts'
import { revokeFamily } from './revoke-family.ts'
import { type TokenAnswer, tokenAnswer } from './token-answer.ts'

export type CodeRedemption = {
  codeHash: Buffer
  /** the owner who consented: a party */
  partyId: string
  authority: Authority & { consentId: string }
  /** as the code has them, separated by spaces */
  scope: string
  /** the key that the access token is bound to */
  jkt: string | null
  /** whether a refresh token is handed out; the implicit flow has none (RFC 6749 section 4.2.2) */
  renewable: boolean
}

/**
 * Turns a code into tokens, once. Everything that comes of it is one family, so that the code's second use can end all of it.
 * @throws invalid_grant for everyone but the first
 */
export async function redeemCode(
  deps: GrantDeps,
  client: ClientState,
  { codeHash, partyId, authority, scope, jkt, renewable }: CodeRedemption,
): Promise<TokenAnswer> {
  const scopes = splitScopes(scope).filter((one) => client.scopes.has(one) && authority.scopes?.includes(one))
  if (scopes.length === 0) throw new errors.InvalidGrant('nothing is left of what was consented to')
  const now = deps.clock()
  const id = uuidV7(now)
  const refresh = makeRefreshToken(id)
  const first = await useUp(deps.db, {
    id,
    clientId: client.id,
    partyId,
    scopes: scopes.join(' '),
    // Without a refresh token the family is there to be revoked, and nobody has what this is the hash of.
    currentHash: refresh.hash,
    expiresAt: new Date(
      renewable ? familyEnd(deps.settings, authority, now) : now + deps.settings.accessTokenTtl * 1000,
    ),
    // RFC 9449 section 5: a confidential client proves itself by its secret at each refresh.
    jkt: client.public ? jkt : null,
    consentId: authority.consentId,
    codeHash,
    at: new Date(now),
  })
  if (!first) return endWhatCameOf(deps, client, codeHash)
  return tokenAnswer(deps, {
    clientId: client.id,
    subject: partyId,
    scopes,
    familyId: id,
    refreshToken: renewable ? refresh.token : null,
    jkt,
    authority,
  })
}

/** RFC 6749 section 4.1.2: a code that comes twice may have been stolen, and with it what was issued for it. */
export async function endWhatCameOf(
  deps: Pick<GrantDeps, 'db' | 'revocations' | 'clock' | 'settings' | 'log'>,
  client: ClientState,
  codeHash: Buffer,
): Promise<never> {
  const family = await findFamilyOfCode(deps.db, codeHash)
  if (family?.client_id === client.id) {
    await revokeFamily(deps, family.id)
    deps.log.warn(
      { clientId: client.id, family: family.id },
      'an authorization code was used again: its family is revoked',
    )
  }
  throw new errors.InvalidGrant('no such code, or used before')
}
