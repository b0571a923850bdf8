import { errors } from 'oidc-provider'
import type { ClientState } from '../../credentials/client-states.ts'
import type { DpopProof } from '../../credentials/dpop.ts'
import { makeRefreshToken } from '../../credentials/refresh-token.ts'
import { splitScopes } from '../../credentials/scopes.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import { markClientsUsed } from '../../storage/clients.ts'
import { listWalletsOfParties, type PartyWallet } from '../../storage/party-wallets.ts'
import { insertRefreshFamilies, type NewRefreshFamily } from '../../storage/refresh-families.ts'
import { createBatch } from './batch.ts'
import { spend } from './dpop.ts'
import type { GrantDeps } from './grants.ts'
import { type TokenAnswer, tokenAnswer } from './token-answer.ts'

type Wish = { clientId: string; partyId: string; family: NewRefreshFamily | null }

const LARGEST_BATCH = 200

/** RFC 6749 section 4.4, with a refresh token. One insert and one read per batch of grants that arrive together. */
export function createClientCredentialsGrant(deps: GrantDeps) {
  const settle = createBatch((wishes: Wish[]) => settleBatch(deps, wishes), { largest: LARGEST_BATCH })

  return async function clientCredentials(
    client: ClientState,
    scope: string | undefined,
    proof: DpopProof | null,
  ): Promise<TokenAnswer> {
    const scopes = grantedScopes(client, scope)
    await spend(proof)
    const now = deps.clock()
    const id = uuidV7(now)
    const refresh = deps.settings.refreshTokensWithClientCredentials ? makeRefreshToken(id) : null
    const family = refresh && {
      id,
      clientId: client.id,
      partyId: client.partyId,
      scopes: scopes.join(' '),
      currentHash: refresh.hash,
      expiresAt: new Date(now + deps.settings.clientRefreshTokenTtl * 1000),
      // Needs the client's secret anyway; RFC 9449 section 5 binds those of public clients only.
      jkt: null,
    }
    const wallets = await settle({ clientId: client.id, partyId: client.partyId, family })
    return tokenAnswer(deps, {
      clientId: client.id,
      subject: client.partyId,
      scopes,
      familyId: family && id,
      refreshToken: refresh?.token ?? null,
      jkt: proof?.jkt ?? null,
      authority: { consentId: null, scopes: null, wallets, endsAt: null },
    })
  }
}

/** All of the client's scopes when it names none. @throws invalid_scope for one that is unknown or not the client's */
function grantedScopes(client: ClientState, scope: string | undefined): string[] {
  const wanted = splitScopes(scope ?? '')
  if (wanted.length === 0) return [...client.scopes]
  const refused = wanted.filter((one) => !client.scopes.has(one))
  if (refused.length > 0) throw new errors.InvalidScope('a requested scope is unknown or not allowed for this client')
  return wanted
}

async function settleBatch(deps: GrantDeps, wishes: Wish[]): Promise<PartyWallet[][]> {
  const families = wishes.flatMap(({ family }) => family ?? [])
  const parties = [...new Set(wishes.map(({ partyId }) => partyId))]
  const [wallets] = await Promise.all([
    listWalletsOfParties(deps.db, parties, deps.settings.mostWalletsNamed + 1),
    families.length > 0 && insertRefreshFamilies(deps.db, families),
    markClientsUsed(deps.db, [...new Set(wishes.map(({ clientId }) => clientId))]),
  ])
  const byParty = Map.groupBy(wallets, (wallet) => wallet.party_id)
  return wishes.map(({ partyId }) => byParty.get(partyId) ?? [])
}
