import { errors } from 'oidc-provider'
import type { ClientState } from '../../credentials/client-states.ts'
import type { DpopProof } from '../../credentials/dpop.ts'
import { makeRefreshToken, parseRefreshToken } from '../../credentials/refresh-token.ts'
import { splitScopes } from '../../credentials/scopes.ts'
import { equalBytes } from '../../credentials/secrets.ts'
import { markConsentUsed } from '../../storage/consents.ts'
import { findRefreshFamily, type RefreshFamilyRow, rotateRefreshFamily } from '../../storage/refresh-families.ts'
import { type Authority, familyEnd, loadAuthority } from './authority.ts'
import { requireKey, spend } from './dpop.ts'
import type { GrantDeps } from './grants.ts'
import { revokeFamily } from './revoke-family.ts'
import { type TokenAnswer, tokenAnswer } from './token-answer.ts'

/**
 * RFC 6749 section 6 with rotation: each use gives a new pair. A retry within the grace window gets the same pair; any other
 * use of an old token ends the family, because one of the two who hold it should not (RFC 9700 section 4.14.2).
 */
export function createRefreshTokenGrant(deps: GrantDeps) {
  return async function refreshToken(
    client: ClientState,
    token: string | undefined,
    scope: string | undefined,
    proof: DpopProof | null,
  ): Promise<TokenAnswer> {
    if (!token) throw new errors.InvalidRequest('refresh_token is required')
    const presented = parseRefreshToken(token)
    if (!presented) throw new errors.InvalidGrant('not a refresh token')

    // A second look only for those who lost the race to rotate: then the winner's answer is there.
    for (let look = 1; look <= 2; look += 1) {
      const family = await findRefreshFamily(deps.db, presented.familyId)
      assertUsable(deps, family, client)
      requireKey(family.jkt, proof)
      const authority = await loadAuthority(deps, { partyId: family.party_id, consentId: family.consent_id })
      const scopes = narrowedScopes(family, authority, client, scope)
      if (look === 1) await spend(proof)
      if (!equalBytes(presented.hash, family.current_hash)) return retry(deps, family, presented.hash, proof)
      const answer = await rotate(deps, family, authority, scopes, proof)
      if (answer) return answer
    }
    throw new errors.InvalidGrant('lost to a revocation')
  }
}

function assertUsable(
  deps: GrantDeps,
  family: RefreshFamilyRow | undefined,
  client: ClientState,
): asserts family is RefreshFamilyRow {
  if (!family) throw new errors.InvalidGrant('no such family')
  if (family.client_id !== client.id) throw new errors.InvalidGrant('belongs to another client')
  if (family.revoked_at !== null) throw new errors.InvalidGrant('revoked')
  if (family.expires_at.getTime() <= deps.clock()) throw new errors.InvalidGrant('expired')
}

/** Within what was granted and is still allowed. Before the rotation: a bad scope must not use up the token. */
function narrowedScopes(
  family: RefreshFamilyRow,
  authority: Authority,
  client: ClientState,
  scope: string | undefined,
): string[] {
  const granted = splitScopes(family.scopes)
  const wanted = splitScopes(scope ?? '')
  if (wanted.some((one) => !granted.includes(one)))
    throw new errors.InvalidScope('a requested scope was not granted with this refresh token')
  const left = (wanted.length > 0 ? wanted : granted).filter(
    (one) => client.scopes.has(one) && authority.scopes?.includes(one) !== false,
  )
  if (left.length === 0) throw new errors.InvalidScope('nothing is left of the granted scopes')
  return left
}

/** What a retry is answered with, and the key that the answer's access token is bound to. */
type Successor = { answer: TokenAnswer; jkt: string | null }

const successorContext = (familyId: string) => `refresh_family:${familyId}:successor`

/** @returns undefined when somebody else has rotated or revoked the family meanwhile */
async function rotate(
  deps: GrantDeps,
  family: RefreshFamilyRow,
  authority: Authority,
  scopes: string[],
  proof: DpopProof | null,
): Promise<TokenAnswer | undefined> {
  const next = makeRefreshToken(family.id)
  const answer = tokenAnswer(deps, {
    clientId: family.client_id,
    subject: family.party_id,
    scopes,
    familyId: family.id,
    refreshToken: next.token,
    jkt: proof?.jkt ?? null,
    authority,
  })
  const now = deps.clock()
  const first = await rotateRefreshFamily(deps.db, {
    id: family.id,
    presentedHash: family.current_hash,
    nextHash: next.hash,
    successor: deps.keyring.seal(
      JSON.stringify({ answer, jkt: proof?.jkt ?? null } satisfies Successor),
      successorContext(family.id),
    ),
    at: new Date(now),
    expiresAt: new Date(familyEnd(deps.settings, authority, now)),
  })
  if (first && authority.consentId !== null) await markConsentUsed(deps.db, authority.consentId, new Date(now))
  return first ? answer : undefined
}

async function retry(
  deps: GrantDeps,
  family: RefreshFamilyRow,
  hash: Buffer,
  proof: DpopProof | null,
): Promise<TokenAnswer> {
  const { previous_hash: previous, rotated_at: rotatedAt, successor } = family
  const inWindow = rotatedAt !== null && deps.clock() - rotatedAt.getTime() <= deps.settings.refreshGrace * 1000
  if (previous && successor && inWindow && equalBytes(hash, previous)) {
    const { answer, jkt }: Successor = JSON.parse(deps.keyring.open(successor, successorContext(family.id)))
    // The first answer's token is of no use to whoever has not the key that it is bound to.
    if (jkt !== (proof?.jkt ?? null)) throw new errors.InvalidGrant('a retry with another key')
    return answer
  }
  await revokeFamily(deps, family.id)
  deps.log.warn(
    { clientId: family.client_id, family: family.id },
    'an old refresh token was used: its family is revoked',
  )
  throw new errors.InvalidGrant('reused')
}
