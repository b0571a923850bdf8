import type { Keyring } from '../../credentials/keyring.ts'
import type { Sql } from '../../storage/database.ts'
import { type CredentialListing, endCredentialAt } from '../../storage/partners.ts'
import { OperationRefusal } from '../input.ts'
import type { NewCredential } from './create-partner.ts'
import { addCredential, requireCredential } from './partner-credentials.ts'

/** Longest time for which a credential and its successor both work, in hours: 30 days. */
export const LONGEST_OVERLAP = 720

/** Protocols whose credential can be replaced by another: Jackpot's belongs to an account, which has secrets of its own. */
const REPLACEABLE = ['walleo', 'tillo']

export const isReplaceable = ({ protocol, revoked_at: revoked, ends_at: ends }: CredentialListing): boolean =>
  REPLACEABLE.includes(protocol) && revoked === null && ends === null

/**
 * Makes a credential of the same protocol, usable from the same addresses; the old one ends after the overlap, so that the partner
 * changes over without a pause. Of two who do so at once one is refused.
 * @param deps.db a transaction
 * @param input.hours of the overlap, 0 to {@link LONGEST_OVERLAP}
 * @throws {OperationRefusal}
 */
export async function rotateCredential(
  deps: { db: Sql; keyring: Keyring; clock: () => number },
  input: { partner: string; credentialId: string; hours: number },
): Promise<NewCredential & { listing: CredentialListing; endsAt: Date }> {
  const old = await requireCredential(deps.db, input)
  const conflict = (why: string) => new OperationRefusal('conflict', 'credential_id', why)
  if (!REPLACEABLE.includes(old.protocol)) throw conflict('a credential of this protocol is not replaced by another')
  if (!(Number.isInteger(input.hours) && input.hours >= 0 && input.hours <= LONGEST_OVERLAP))
    throw new OperationRefusal('invalid_input', 'hours', `an overlap has 0 to ${LONGEST_OVERLAP} hours`)
  const endsAt = new Date(deps.clock() + input.hours * 3_600_000)
  if (!(await endCredentialAt(deps.db, old.id, endsAt))) throw conflict('the credential has ended or was replaced')
  const { protocol, addresses } = old
  return { ...(await addCredential(deps, { partner: input.partner, protocol, addresses })), endsAt }
}
