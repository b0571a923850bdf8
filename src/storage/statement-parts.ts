import type { Sql } from './database.ts'
import type { EntryRange, MovementSum } from './statement-lines.ts'

/** Sums of a range of an account's entries, all of one day. */
export type StatementPart = EntryRange & { readonly sums: readonly MovementSum[] }

type Row = {
  first: bigint
  last: bigint
  sums: (Omit<MovementSum, 'amount' | 'count'> & { amount: string; count: string })[]
}

/** What was summed up within a range, in the order of the entries. */
export async function readParts(sql: Sql, account: bigint, { first, last }: EntryRange): Promise<StatementPart[]> {
  const rows = await sql.query<Row>(
    'select first, last, sums from statement_part where account_id = $1 and first between $2 and $3 and last <= $3 order by first',
    [account, first, last],
  )
  return rows.map(({ sums, ...range }) => ({
    ...range,
    sums: sums.map((sum) => ({ ...sum, amount: BigInt(sum.amount), count: BigInt(sum.count) })),
  }))
}

/** Whoever else sums up from the same entry on keeps what was there first: both are right. */
export async function putPart(sql: Sql, account: bigint, { first, last, sums }: StatementPart): Promise<void> {
  const text = JSON.stringify(sums, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  await sql.query(
    'insert into statement_part (account_id, first, last, sums) values ($1, $2, $3, $4) on conflict do nothing',
    [account, first, last, text],
  )
}

/** An account with many entries that nobody has summed up. */
export type HeavyAccount = {
  readonly id: bigint
  readonly entries: bigint /** the last one that is in a part */
  readonly through: bigint
}

/** Accounts that have statements, and more such entries than `least`. */
export function listHeavyAccounts(sql: Sql, least: number, limit: number): Promise<HeavyAccount[]> {
  return sql.query<HeavyAccount>(
    `select w.id, a.entries, coalesce(p.last, 0) as through
     from wallet w join party y on y.id = w.party_id and y.kind = 'business' join account a on a.id = w.id
     left join lateral (
       select last from statement_part where account_id = a.id and a.entries >= $1 order by first desc limit 1
     ) p on true
     where a.entries >= $1 and a.entries - coalesce(p.last, 0) >= $1 order by w.id limit $2`,
    [least, limit],
  )
}

/** The last of these entries that lies on the same day (UTC) as the first. */
export async function dayRange(sql: Sql, account: bigint, { first, last }: EntryRange): Promise<bigint | undefined> {
  const [row] = await sql.query<{ last: bigint }>(
    `select m.last
     from (select at from entry where account_id = $1 and seq = $2) f
     cross join lateral (select (date_trunc('day', f.at at time zone 'UTC') + interval '1 day') at time zone 'UTC' as until) d
     cross join lateral (
       select max(seq) as last from entry where account_id = $1 and seq between $2 and $3 and at < d.until
     ) m`,
    [account, first, last],
  )
  return row?.last
}
