import type { Sql } from '../storage/database.ts'
import { keyId } from './lines.ts'

/** Whether a command of this principal and key has its answer already. */
export async function hasAnswer(sql: Sql, principal: string, key: string): Promise<boolean> {
  const rows = await sql.query('select from idempotency where id = $1::uuid', [keyId(principal, key)])
  return rows.length > 0
}
