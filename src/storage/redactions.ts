import { idempotencyDigest } from '../ledger/lines.ts'
import { millisecondsOf } from '../ledger/transaction-rows.ts'
import type { Sql } from './database.ts'

/** Transactions that concern accounts: their movements, holds and changes. */
export async function listTransactionsOf(sql: Sql, accounts: readonly bigint[]): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `select transaction_id as id from entry where account_id = any($1::bigint[])
     union select transaction_id from account_change where account_id = any($1::bigint[])
     union select unnest(array[opened_by, closed_by]) from hold where source = any($1::bigint[]) or target = any($1::bigint[])`,
    [accounts.map(String)],
  )
  return rows.map(({ id }) => id).filter((id) => id !== null)
}

const CHUNK = 20_000

/** Transactions whose texts a pattern finds something in; the whole table is read, in pieces. */
export async function listTransactionsThatSay(sql: Sql, pattern: string): Promise<string[]> {
  const found: string[] = []
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const [chunk] = await sql.query<{ last: string | null; count: number; ids: string[] }>(
      `with chunk as materialized (select id, principal, payload from transaction where id > $1 order by id limit ${CHUNK})
       select (select id from chunk order by id desc limit 1) as last, (select count(*)::int from chunk) as count,
         array(select id::text from chunk where principal ~* $2 or payload ~* $2) as ids`,
      [after, pattern],
    )
    if (!chunk || chunk.last === null) return found
    found.push(...chunk.ids)
    after = chunk.last
    if (chunk.count < CHUNK) return found
  }
}

/** Stored answers of these transactions: whoever repeats the request meets closed accounts, not a second movement. */
export async function deleteAnswersOf(sql: Sql, transactions: readonly string[]): Promise<number> {
  const rows = await sql.query('delete from idempotency where transaction_id = any($1::uuid[]) returning 1', [
    transactions,
  ])
  return rows.length
}

/**
 * Stored answers that say something of a person, of movements between others. Their keys stay used; a repeat is told no more than
 * that. Refusals are forgotten: they moved nothing.
 */
export async function blankAnswersThatSay(sql: Sql, pattern: string): Promise<number> {
  const refused = await sql.query('delete from idempotency where transaction_id is null and answer ~* $1 returning 1', [
    pattern,
  ])
  type Row = { id: string; hash: string; transaction: string; at: string; status: number }
  const rows = await sql.query<Row>(
    `select replace(id::text, '-', '') as id, replace(request_hash::text, '-', '') as hash, transaction_id as transaction,
       ${millisecondsOf('at')} as at, status from idempotency where answer ~* $1`,
    [pattern],
  )
  const answer = '{"erased":true}'
  for (const row of rows) {
    const digest = idempotencyDigest({ ...row, at: Number(row.at), answer })
    await sql.query('update idempotency set answer = $2, digest = $3::uuid where id = $1::uuid', [
      row.id,
      answer,
      digest,
    ])
  }
  return refused.length + rows.length
}
