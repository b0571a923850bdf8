import type { Effect } from '../ledger/command.ts'
import type { Sql } from './database.ts'

export type AdminAnswerRow = { request_hash: Buffer; status: number; answer: Buffer }

/**
 * Takes a key for the rest of the transaction. Waits for another transaction that holds it.
 * @returns false when its answer is there already
 */
export async function claimAdminKey(sql: Sql, principal: string, key: string, requestHash: Buffer): Promise<boolean> {
  const rows = await sql.query(
    `insert into admin_idempotency (principal, key, request_hash) values ($1, $2, $3)
     on conflict (principal, key) do nothing returning key`,
    [principal, key, requestHash],
  )
  return rows.length === 1
}

/** Keeps the answer under a key claimed in the same transaction. */
export async function keepAdminAnswer(
  sql: Sql,
  principal: string,
  key: string,
  answer: { status: number; sealed: Buffer },
): Promise<void> {
  await sql.query('update admin_idempotency set status = $3, answer = $4 where principal = $1 and key = $2', [
    principal,
    key,
    answer.status,
    answer.sealed,
  ])
}

export async function findAdminAnswer(sql: Sql, principal: string, key: string): Promise<AdminAnswerRow | undefined> {
  const rows = await sql.query<AdminAnswerRow>(
    'select request_hash, status, answer from admin_idempotency where principal = $1 and key = $2',
    [principal, key],
  )
  return rows[0]
}

/** Written with a command of the ledger. A row: principal, key, request hash in hex, status, sealed answer in hex. */
export const adminAnswerKept: Effect = {
  name: 'admin-answer-kept',
  text: `insert into admin_idempotency (principal, key, request_hash, status, answer)
    select principal, key, decode(hash, 'hex'), status, decode(answer, 'hex')
    from unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::text[]) as kept (principal, key, hash, status, answer)`,
}

/** @returns how many were deleted, at most `atMost` */
export async function deleteAdminAnswers(sql: Sql, before: Date, atMost: number): Promise<number> {
  const rows = await sql.query(
    `delete from admin_idempotency where (principal, key) in (
       select principal, key from admin_idempotency where at < $1 order by at limit $2 for update skip locked
     ) returning 1`,
    [before, atMost],
  )
  return rows.length
}
