import type { Sql } from './database.ts'
import type { MovementSum } from './statement-lines.ts'

export type DaySum = MovementSum & {
  /** `2026-11-22` */
  readonly day: string
}

/** What was summed up of these days before. */
export function readDaySums(sql: Sql, account: bigint, days: readonly string[]): Promise<DaySum[]> {
  return sql.query<DaySum>(
    `select day::text, kind, counterparty, inward, amount, count from statement_day
     where account_id = $1 and day = any($2::date[])`,
    [account, days],
  )
}

/** Keeps the sums of a day to which nothing can be added any more; whoever else does finds the same. */
export async function putDaySums(sql: Sql, account: bigint, day: string, sums: readonly MovementSum[]): Promise<void> {
  await sql.query(
    `insert into statement_day (account_id, day, kind, counterparty, inward, amount, count)
     select $1, $2, * from unnest($3::text[], $4::text[], $5::boolean[], $6::bigint[], $7::bigint[]) on conflict do nothing`,
    [
      account,
      day,
      sums.map(({ kind }) => kind),
      sums.map(({ counterparty }) => counterparty),
      sums.map(({ inward }) => inward),
      sums.map(({ amount }) => amount),
      sums.map(({ count }) => count),
    ],
  )
}
