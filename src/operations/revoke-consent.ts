import type { ConsentStates } from '../credentials/consent-states.ts'
import { markConsentRevoked } from '../storage/consents.ts'
import type { Sql } from '../storage/database.ts'
import { isUuid } from './input.ts'

export type RevokeConsentDeps = {
  db: Sql
  clock: () => number
  /** of this process, which refuses the tokens at once; other processes follow within 5 s */
  oauth: { consents: Pick<ConsentStates, 'forget'> }
}

/**
 * Withdraws what an owner allowed an application. Codes, refresh tokens and access tokens of it are looked up against the consent
 * whenever they are used, so there is nothing else to end.
 * @returns false when the owner has no such consent
 */
export async function revokeConsent(
  { db, clock, oauth }: RevokeConsentDeps,
  { partyId, id }: { partyId: string; id: string },
): Promise<boolean> {
  if (!isUuid(id)) return false
  const revoked = await markConsentRevoked(db, { id, partyId, at: new Date(clock()) })
  oauth.consents.forget(id)
  return revoked
}
