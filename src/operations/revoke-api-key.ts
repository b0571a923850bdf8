import { markApiKeyRevoked } from '../storage/api-keys.ts'
import type { Sql } from '../storage/database.ts'
import { OperationRefusal, requireUuid } from './input.ts'

/** Ends a key of the admin API, at once in every process. Asked again, it changes nothing. */
export async function revokeApiKey(deps: { db: Sql }, input: { id: string }): Promise<void> {
  if (!(await markApiKeyRevoked(deps.db, requireUuid('id', input.id))))
    throw new OperationRefusal('not_found', 'id', 'there is no such key')
}
