import type { Sql } from '../storage/database.ts'

/** A question: how the account stood at a moment. */
export type CourseProbe = { readonly account: bigint; readonly at: Date }

/** The last entry at or before the moment; entry 0 with balance 0 when there was none yet. Minor units. */
export type CoursePoint = { readonly entry: bigint; readonly balance: bigint }

/**
 * Answers many such questions, of several accounts, with one query: each is the search by halves of `readBalanceAsOf`, and all
 * take their steps together. The lateral reads keep every step an index probe, whatever the planner thinks of the table.
 * @returns one point for each probe, in the order of the probes
 */
export async function readCourse(sql: Sql, probes: readonly CourseProbe[]): Promise<CoursePoint[]> {
  const rows = await sql.query<{ n: bigint; entry: bigint; balance: bigint }>(
    `with recursive search (n, account, at, low, high) as (
       select p.n, p.account, p.at, 0::bigint, a.entries
       from unnest($1::bigint[], $2::timestamptz[]) with ordinality as p (account, at, n) join account a on a.id = p.account
       union all
       select s.n, s.account, s.at, case when e.at <= s.at then e.seq else s.low end,
         case when e.at <= s.at then s.high else e.seq - 1 end
       from search s cross join lateral (
         select seq, at from entry where account_id = s.account and seq = (s.low + s.high + 1) / 2 limit 1
       ) e
       where s.low < s.high
     )
     select s.n, s.low as entry, coalesce(e.balance, 0) as balance
     from search s left join lateral (
       select balance from entry where account_id = s.account and seq = s.low limit 1
     ) e on true
     where s.low = s.high`,
    [probes.map((probe) => probe.account), probes.map((probe) => probe.at)],
  )
  const points: CoursePoint[] = probes.map(() => ({ entry: 0n, balance: 0n }))
  for (const { n, entry, balance } of rows) points[Number(n) - 1] = { entry, balance }
  return points
}
