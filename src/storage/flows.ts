import type { Database, Sql } from './database.ts'
import { firstId } from './order-listings.ts'

// What moves on a day. Transfers are kept in the order of their ids, which begin with the time, so a slice of time is a range of the
// primary key, and each transfer is read once in its life.

/** `in`: from an issuing account; `out`: to one; `moved`: between others. */
export type FlowWay = 'in' | 'out' | 'moved'

/** `day`: `YYYY-MM-DD` (UTC). Minor units. */
export type Flow = {
  readonly asset: number
  readonly day: string
  readonly way: FlowWay
  readonly count: bigint
  readonly amount: bigint
}

export const FLOW_DAYS = 30
const DAY = 86_400_000
const SLICE = 600_000
/** An id is made before its commit, which may take this long at most; later ones would be missed. ms */
const LAG = 300_000
/** Of what is not counted yet the page reads so many at most. */
const TAIL = 5_000

const AT = `to_timestamp(('x' || left(replace(t.transaction_id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)`
// Each account is one probe of the primary key: joined, the planner would read all accounts for a handful of transfers.
const issues = (side: 'source' | 'target') => `(select a.upper = 0 from account a where a.id = t.${side})`
const summed = (from: string) => `
select asset_id, day, case when "in" then 'in' when "out" then 'out' else 'moved' end as way, count(*) as count, sum(amount) as amount
from (
  select t.asset_id, t.amount, (${AT} at time zone 'UTC')::date as day, ${issues('source')} as "in", ${issues('target')} as "out"
  from ${from}
) as t group by 1, 2, 3`

/**
 * Counts the transfers since the last time, slice by slice, each in a transaction of its own; of several servers one does it.
 * @returns how many slices
 */
export async function countFlows(db: Database, clock: () => number, signal?: AbortSignal): Promise<number> {
  for (let slices = 0; ; slices++) {
    if (signal?.aborted || !(await db.transaction((sql) => countSlice(sql, clock())))) return slices
  }
}

async function countSlice(sql: Sql, now: number): Promise<boolean> {
  const oldest = new Date(startOf(now, FLOW_DAYS + 1))
  await sql.query('insert into flow_until (at) values ($1) on conflict do nothing', [oldest])
  const [state] = await sql.query<{ at: Date }>('select at from flow_until for update skip locked')
  if (!state) return false
  // Days that no page shows are not worth counting.
  const from = new Date(Math.max(state.at.getTime(), oldest.getTime()))
  const [next] = await sql.query<{ at: Date }>(
    `select ${AT} as at from transfer t where transaction_id >= $1 order by transaction_id limit 1`,
    [firstId(from)],
  )
  const start = Math.floor((next?.at.getTime() ?? now) / SLICE) * SLICE
  const end = start + SLICE
  if (end > now - LAG) return false
  await sql.query(
    `insert into flow_day as f (asset_id, day, way, count, amount)
     ${summed('transfer t where t.transaction_id >= $1 and t.transaction_id < $2')}
     on conflict (asset_id, day, way) do update set count = f.count + excluded.count, amount = f.amount + excluded.amount`,
    [firstId(new Date(Math.max(start, from.getTime()))), firstId(new Date(end))],
  )
  await sql.query('update flow_until set at = $1', [new Date(end)])
  return true
}

/**
 * The flows of the last days, today among them. What was not counted yet is read now, as far as that is little.
 * @returns `until`: null when everything is in it, else the moment up to which it is
 */
export async function readFlows(sql: Sql, now: number): Promise<{ flows: Flow[]; until: Date | null }> {
  const first = startOf(now, FLOW_DAYS - 1)
  // One statement, one moment: what a slice counts meanwhile is in one of the two.
  const rows = await sql.query<{
    asset: number
    day: string
    way: FlowWay
    count: bigint
    amount: string
    last: Date
    read: bigint
  }>(
    `with until as (select coalesce(max(at), '-infinity') as at from flow_until),
     tail as (
       select t.transaction_id, t.source, t.target, t.asset_id, t.amount from transfer t
       where transaction_id >= (
         select greatest($2::uuid, (lpad(to_hex((extract(epoch from greatest(at, '1970-01-01'::timestamptz)) * 1000)::bigint), 12, '0')
           || '00000000000000000000')::uuid) from until)
       order by t.transaction_id limit ${TAIL}
     ), summed as (
       select asset_id, day, way, count, amount from flow_day where day >= $1::date
       union all ${summed('tail t')}
     ), ends as (select count(*) as read, (select ${AT} from tail t order by t.transaction_id desc limit 1) as last from tail)
     select asset_id as asset, day::text, way, sum(count)::bigint as count, trunc(sum(amount))::text as amount, e.last, e.read
     from summed, ends e group by 1, 2, 3, e.last, e.read order by 1, 2, 3`,
    [first, firstId(first)],
  )
  const flows = rows.map(({ asset, day, way, count, amount }) => ({ asset, day, way, count, amount: BigInt(amount) }))
  const [end] = rows
  return { flows, until: end && end.read >= BigInt(TAIL) ? end.last : null }
}

/** The days that flows are shown of, oldest first. */
export function flowDays(now: number): string[] {
  const first = startOf(now, FLOW_DAYS - 1).getTime()
  return Array.from({ length: FLOW_DAYS }, (_, index) => new Date(first + index * DAY).toISOString().slice(0, 10))
}

const startOf = (now: number, daysBefore: number) => new Date(Math.floor(now / DAY) * DAY - daysBefore * DAY)
