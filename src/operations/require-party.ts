import type { Sql } from '../storage/database.ts'
import { findParty, type PartyRow } from '../storage/parties.ts'
import { OperationRefusal, requireUuid } from './input.ts'

/** @throws {OperationRefusal} when there is no such party */
export async function requireParty(sql: Sql, id: string): Promise<PartyRow> {
  const party = await findParty(sql, requireUuid('party_id', id))
  if (!party) throw new OperationRefusal('not_found', 'party_id', 'there is no such party')
  return party
}
