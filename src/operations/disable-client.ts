import { markClientDisabled } from '../storage/clients.ts'
import type { Sql } from '../storage/database.ts'
import { OperationRefusal } from './input.ts'

/** Ends a client: no new tokens, and those it has are refused within 5 s everywhere. Asked again, it changes nothing. */
export async function disableClient(deps: { db: Sql }, input: { id: string }): Promise<void> {
  if (!(await markClientDisabled(deps.db, input.id)))
    throw new OperationRefusal('not_found', 'id', 'there is no such client')
}
