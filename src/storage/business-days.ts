import type { Database, Sql } from './database.ts'
import { firstId } from './order-listings.ts'

/** What a business sells: cards by its partners, purchases by its merchants, cards that were redeemed with it. */
export const BUSINESS_SALES = ['cards', 'purchases', 'redemptions'] as const
export type BusinessSale = (typeof BUSINESS_SALES)[number]

/** Sums of one day. Minor units. */
export type BusinessDay = {
  /** `2026-11-22` */
  readonly day: string
  readonly what: BusinessSale
  readonly currency: string
  readonly exponent: number
  readonly count: bigint
  readonly amount: bigint
}

const DAY = 86_400_000
/** An order waits for its card, and an authorized purchase for its capture, no longer than this; ms. */
const LONGEST_WAIT = 36 * DAY
/** After midnight a day is still being written to for so long; ms. */
const SETTLED = 60_000

// By what has ended on those days; ids begin with the time of the request, which is never long before.
const COUNT = `
select day, asset_id, what, count(*) as count, sum(amount) as amount from (
  select (o.ended_at at time zone 'UTC')::date as day, o.asset_id, 'cards' as what, o.face as amount
  from partner p join gift_order o on o.partner_id = p.id
  where p.party_id = $1 and o.id >= $4::uuid and o.ended_at >= $2 and o.ended_at < $3 and o.status in ('succeeded', 'cancelled')
  union all
  select (u.settled_at at time zone 'UTC')::date, u.asset_id, 'purchases', u.captured
  from merchant m join purchase u on u.merchant_id = m.id
  where m.party_id = $1 and u.id >= $4::uuid and u.settled_at >= $2 and u.settled_at < $3 and u.captured is not null
  union all
  select (r.at at time zone 'UTC')::date, c.asset_id, 'redemptions', r.amount
  from card_redemption r join card c on c.id = r.card_id
  where r.party_id = $1 and r.id >= $4::uuid and r.at >= $2 and r.at < $3
) as s group by day, asset_id, what`

/**
 * What was sold on each of the last days, today included. Days that are over are counted once and kept: what is taken back later does
 * not change that it was sold. Of what ends today only that is counted before midnight which was asked for since yesterday.
 * @param now ms since the epoch
 */
export async function readBusinessDays(
  db: Database,
  partyId: string,
  { days, now }: { days: number; now: number },
): Promise<BusinessDay[]> {
  const today = now - (now % DAY)
  const first = today - (days - 1) * DAY
  const counted = await db.query<{ day: string }>(
    'select day::text from business_day_counted where party_id = $1 and day >= $2::date',
    [partyId, isoDay(first)],
  )
  const known = new Set(counted.map(({ day }) => day))
  const over = (at: number) => now >= at + DAY + SETTLED
  const wanted = Array.from({ length: days }, (_, index) => first + index * DAY)
  const missing = wanted.filter((at) => over(at) && !known.has(isoDay(at)))
  // Days are missing at the end, where nobody looked for a while, so they make one stretch.
  const [from] = missing
  const until = missing.at(-1)
  if (from !== undefined && until !== undefined) await countDays(db, partyId, from, until + DAY)
  const kept = await db.query<BusinessDay>(
    `select d.day::text, d.what, s.code as currency, s.exponent, d.count, d.amount::bigint as amount
     from business_day d join asset s on s.id = d.asset_id where d.party_id = $1 and d.day >= $2::date`,
    [partyId, isoDay(first)],
  )
  const open = wanted.find((at) => !over(at)) ?? today
  const live = await db.query<BusinessDay>(
    `select c.day::text, c.what, s.code as currency, s.exponent, c.count, c.amount::bigint as amount
     from (${COUNT}) as c join asset s on s.id = c.asset_id`,
    [partyId, new Date(open), new Date(today + DAY), firstId(new Date(open - DAY))],
  )
  return [...kept, ...live]
}

function countDays(db: Database, partyId: string, from: number, until: number): Promise<void> {
  return db.transaction(async (sql: Sql) => {
    await sql.query(
      `insert into business_day (party_id, day, asset_id, what, count, amount)
       select $1::uuid, c.day, c.asset_id, c.what, c.count, c.amount from (${COUNT}) as c on conflict do nothing`,
      [partyId, new Date(from), new Date(until), firstId(new Date(from - LONGEST_WAIT))],
    )
    await sql.query(
      `insert into business_day_counted (party_id, day)
       select $1, d::date from generate_series($2::date, $3::date, interval '1 day') as d on conflict do nothing`,
      [partyId, isoDay(from), isoDay(until - DAY)],
    )
  })
}

const isoDay = (at: number) => new Date(at).toISOString().slice(0, 10)
