import type { Database, Sql } from './database.ts'

// What was sold and what expired, day by day, each order counted once in its life: a report costs the same whatever there is.

/** A sale is dated before its commit, which may take this long at most; later ones would be missed. ms */
const LAG = 300_000
const MINUTE = 60_000
const DAY = 86_400_000

const DAY_OF = (column: string) => `(${column} at time zone 'UTC')::date`

/** Orders that had their card, and cards that expired, within $1 and $2, by brand and day. Failed orders are none. */
export const GIFT_COUNTS = `
select brand_id, ${DAY_OF('ended_at')} as day, count(*) as orders, sum(face)::bigint as value, sum(cost)::bigint as cost,
  0::bigint as expired, 0::bigint as expired_value
from gift_order where ended_at >= $1 and ended_at < $2 and status in ('succeeded', 'cancelled') group by 1, 2
union all
select c.brand_id, ${DAY_OF('e.at')}, 0, 0, 0, count(*), sum(e.amount)::bigint
from card_end e join card c on c.id = e.card_id where e.how = 'expired' and e.at >= $1 and e.at < $2 group by 1, 2`

const ADD = `
insert into gift_day as d (brand_id, day, orders, value, cost, expired, expired_value)
select brand_id, day, sum(orders), sum(value), sum(cost), sum(expired), sum(expired_value) from (${GIFT_COUNTS}) as new group by 1, 2
on conflict (brand_id, day) do update set orders = d.orders + excluded.orders, value = d.value + excluded.value,
  cost = d.cost + excluded.cost, expired = d.expired + excluded.expired, expired_value = d.expired_value + excluded.expired_value`

/**
 * Counts what came since the last time, a day at most in one transaction; of several servers one does it.
 * @returns how many slices
 */
export async function countGiftDays(db: Database, clock: () => number, signal?: AbortSignal): Promise<number> {
  for (let slices = 0; ; slices++) {
    if (signal?.aborted || !(await db.transaction((sql) => countSlice(sql, clock())))) return slices
  }
}

async function countSlice(sql: Sql, now: number): Promise<boolean> {
  const [state] = await sql.query<{ at: Date | null }>(
    `select nullif(at, '-infinity') as at from gift_until for update skip locked`,
  )
  if (!state) return false
  const from = state.at ?? (await firstMoment(sql, now))
  const midnight = (Math.floor(from.getTime() / DAY) + 1) * DAY
  const until = Math.min(midnight, Math.floor((now - LAG) / MINUTE) * MINUTE)
  if (until <= from.getTime()) return false
  await sql.query(ADD, [from, new Date(until)])
  await sql.query('update gift_until set at = $1', [new Date(until)])
  return true
}

async function firstMoment(sql: Sql, now: number): Promise<Date> {
  const [first] = await sql.query<{ at: Date | null }>(
    `select least((select min(ended_at) from gift_order), (select min(at) from card_end)) as at`,
  )
  return new Date(Math.floor(Math.min(first?.at?.getTime() ?? now, now - LAG) / DAY) * DAY)
}

/**
 * Counts one day a second time, another one each time, and puts right what is not as it was counted before.
 * @returns the day, and whether it was right; null when there is none that is over
 */
export async function checkGiftDay(db: Database): Promise<{ day: string; right: boolean } | null> {
  return db.transaction(async (sql) => {
    const [state] = await sql.query<{ day: string }>(
      `select coalesce(
         (select min(day) from gift_day where day > coalesce(u.checked, '-infinity') and day + 1 <= ${DAY_OF('u.at')}),
         (select min(day) from gift_day where day + 1 <= ${DAY_OF('u.at')}))::text as day
       from gift_until u where u.at > '-infinity' for update of u skip locked`,
    )
    if (!state?.day) return null
    const { day } = state
    await sql.query('update gift_until set checked = $1', [day])
    const from = new Date(`${day}T00:00:00Z`)
    const period = [from, new Date(from.getTime() + DAY)]
    const [same] = await sql.query<{ right: boolean }>(
      `with fresh as (
         select brand_id, sum(orders) as orders, sum(value) as value, sum(cost) as cost, sum(expired) as expired,
           sum(expired_value) as expired_value
         from (${GIFT_COUNTS}) as n group by 1
       )
       select not exists (
         select from fresh f full join (select * from gift_day where day = $3::date) d using (brand_id)
         where (f.orders, f.value, f.cost, f.expired, f.expired_value)
           is distinct from (d.orders::numeric, d.value::numeric, d.cost::numeric, d.expired::numeric, d.expired_value::numeric)
       ) as right`,
      [...period, day],
    )
    if (same?.right) return { day, right: true }
    await sql.query('delete from gift_day where day = $1::date', [day])
    await sql.query(ADD, period)
    return { day, right: false }
  })
}

/** Whole days (UTC); `to` is the first one that does not belong to it. */
export type DayPeriod = { readonly from: Date; readonly to: Date; readonly brandId?: string | undefined }

/** What every reader of the days names its rows; `taken_back` are those sold on the day. */
const KNOWN = `
select brand_id, day, orders, value, cost, expired, expired_value, 0::bigint as taken, 0::bigint as taken_value from gift_day
where day >= ${DAY_OF('$3::timestamptz')} and day < ${DAY_OF('$2::timestamptz')}
union all select *, 0, 0 from (${GIFT_COUNTS}) as rest
union all
select brand_id, ${DAY_OF('ended_at')}, 0, 0, 0, 0, 0, count(*), sum(face)::bigint
from gift_order where status = 'cancelled' and ended_at >= $3 and ended_at < $2 group by 1, 2`

/**
 * Runs a query over the days: what was counted, and from there on what is in the tables. One moment for both: what was counted
 * meanwhile would be in neither or twice.
 * @param select reads `known`; its parameters are from $5 on
 */
export async function queryGiftDays<Row>(
  sql: Sql,
  { from, to, brandId }: DayPeriod,
  select: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  for (;;) {
    const [state] = await sql.query<{ at: Date | null }>(`select nullif(at, '-infinity') as at from gift_until`)
    const counted = state?.at ?? null
    // The planner is told the moment: it then reads the few blocks that lie after it.
    const rest = counted && counted > from ? (counted < to ? counted : to) : from
    const rows = await sql.query<Row & { counted: Date | null; found: boolean | null }>(
      `with known as materialized (
         select * from (${KNOWN}) as k where $4::uuid is null or brand_id = $4
       ), rows as (${select})
       select nullif(u.at, '-infinity') as counted, r.* from gift_until u left join (select true as found, * from rows) r on true`,
      [rest, to, from, brandId ?? null, ...values],
    )
    if (rows[0]?.counted?.getTime() !== counted?.getTime()) continue
    return rows.flatMap(({ counted: _, found, ...row }) => (found ? [row as unknown as Row] : []))
  }
}
