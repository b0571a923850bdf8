import { uuidV7 } from '../domain/uuid.ts'
import type { Sql } from '../storage/database.ts'
import { insertParty, type PartyRow } from '../storage/parties.ts'
import { OperationRefusal, requireName } from './input.ts'

/** Makes a person or a business, who can then own wallets and credentials. */
export async function createParty(
  deps: { db: Sql; clock: () => number },
  input: { kind: PartyRow['kind']; name: string },
): Promise<{ id: string }> {
  if (input.kind !== 'person' && input.kind !== 'business')
    throw new OperationRefusal('invalid_input', 'kind', 'a party is a person or a business')
  const id = uuidV7(deps.clock())
  await insertParty(deps.db, { id, kind: input.kind, name: requireName(input.name) })
  return { id }
}
