import { hashSecret, makeSecret } from '../credentials/secrets.ts'
import { updateClientSecret } from '../storage/clients.ts'
import type { Sql } from '../storage/database.ts'
import { OperationRefusal } from './input.ts'

/** Gives a confidential client a new secret; the old one ends within 5 s everywhere. Shown in this answer only. */
export async function rotateClientSecret(deps: { db: Sql }, input: { id: string }): Promise<{ clientSecret: string }> {
  const clientSecret = makeSecret('clientSecret')
  if (!(await updateClientSecret(deps.db, input.id, hashSecret(clientSecret))))
    throw new OperationRefusal('not_found', 'id', 'there is no such confidential client')
  return { clientSecret }
}
