import { uuidV7 } from '../domain/uuid.ts'
import { closeEndedConsent, upsertConsent } from '../storage/consents.ts'
import type { Sql } from '../storage/database.ts'
import { countWalletsOfParty } from '../storage/party-wallets.ts'
import { OperationRefusal } from './input.ts'

/** A token that names them all must still fit into a header. */
export const MOST_WALLETS_OF_A_CONSENT = 50

export type GiveConsentInput = {
  clientId: string
  partyId: string
  /** what the application asks for; the owner may allow less */
  asked: readonly string[]
  scopes: string[]
  walletIds: bigint[]
  /** ms since the epoch; null: until it is withdrawn */
  until: number | null
}

/**
 * Records what an owner allows an application, in the place of what was allowed before: tokens issued under that reach no further
 * than this from then on.
 * @returns the consent's id
 */
export async function giveConsent(
  { db, clock }: { db: Sql; clock: () => number },
  { clientId, partyId, asked, scopes, walletIds, until }: GiveConsentInput,
): Promise<string> {
  const refuse = (field: string, message: string) => new OperationRefusal('invalid_input', field, message)
  const now = clock()
  const wallets = [...new Set(walletIds)]
  if (scopes.length === 0 || !scopes.every((scope) => asked.includes(scope)))
    throw refuse('scopes', 'a consent is for one or more of the operations that were asked for')
  if (wallets.length === 0 || wallets.length > MOST_WALLETS_OF_A_CONSENT)
    throw refuse('wallets', `a consent is for 1 to ${MOST_WALLETS_OF_A_CONSENT} wallets`)
  if (until !== null && until <= now) throw refuse('until', 'a consent ends in the future')
  if ((await countWalletsOfParty(db, partyId, wallets)) !== wallets.length)
    throw refuse('wallets', 'a consent is for wallets of one’s own')
  // One whose time is over is no more to be changed than one that was withdrawn: its refresh tokens stay dead.
  await closeEndedConsent(db, clientId, partyId, new Date(now))
  return upsertConsent(db, {
    id: uuidV7(now),
    clientId,
    partyId,
    scopes: [...new Set(scopes)],
    walletIds: wallets,
    at: new Date(now),
    expiresAt: until === null ? null : new Date(until),
  })
}
