import type { Sql } from './database.ts'
import { type DayPeriod, queryGiftDays } from './gift-days.ts'
import { firstId } from './order-listings.ts'

// Sums over all of a brand's cards or orders. Amounts in minor units.

type OfBrand = { readonly brand: string; readonly currency: string; readonly exponent: number }

/** What holders can still spend. */
export type Liability = OfBrand & { readonly cards: bigint; readonly outstanding: bigint }

export async function sumLiability(sql: Sql): Promise<Liability[]> {
  return sql.query<Liability>(
    `select b.slug as brand, s.code as currency, s.exponent, l.cards, l.outstanding
     from (
       select c.brand_id, count(*) as cards, sum(a.balance)::bigint as outstanding
       from card c join account a on a.id = c.account_id where c.status <> 'ended' group by c.brand_id
     ) as l join brand b on b.id = l.brand_id join asset s on s.id = b.asset_id
     order by b.slug`,
  )
}

/** What expired unspent. `balance`: of the brand's breakage account, now. */
export type Breakage = OfBrand & { readonly cards: bigint; readonly expired: bigint; readonly balance: bigint }

export async function sumBreakage(
  sql: Sql,
  period: { from?: Date | undefined; to?: Date | undefined },
): Promise<Breakage[]> {
  return sql.query<Breakage>(
    `select b.slug as brand, s.code as currency, s.exponent, coalesce(e.cards, 0) as cards,
       coalesce(e.expired, 0)::bigint as expired, a.balance
     from brand b join asset s on s.id = b.asset_id join account a on a.id = b.breakage_id
     left join (
       select c.brand_id, count(*) as cards, sum(e.amount) as expired
       from card_end e join card c on c.id = e.card_id
       where e.how = 'expired' and e.at >= coalesce($1::timestamptz, '-infinity') and e.at < coalesce($2::timestamptz, 'infinity')
       group by c.brand_id
     ) as e on e.brand_id = b.id
     where e.cards is not null or a.balance <> 0 order by b.slug`,
    [period.from ?? null, period.to ?? null],
  )
}

/** What was sold of a brand on one day (UTC), and what of it was taken back since. */
export type Sales = OfBrand & {
  readonly day: string
  readonly orders: bigint
  readonly value: bigint
  readonly cost: bigint
  readonly cancelled: bigint
  readonly cancelled_value: bigint
}

/** An order waits for its card no longer than its money is held: 35 days. */
const LONGEST_WAIT = 36 * 86_400_000

/** The same by month (`2026-01`), newest first, then by brand. */
export type MonthlySales = Omit<Sales, 'day'> & { readonly brand_id: string; readonly month: string }

/** From what was counted day by day. @param period.to the first day that does not belong to it */
export async function sumMonthlySales(sql: Sql, period: DayPeriod): Promise<MonthlySales[]> {
  return queryGiftDays<MonthlySales>(
    sql,
    period,
    `select b.id as brand_id, b.slug as brand, s.code as currency, s.exponent, d.month, d.orders, d.value, d.cost, d.cancelled,
       d.cancelled_value
     from (
       select brand_id, to_char(day, 'YYYY-MM') as month, sum(orders)::bigint as orders, sum(value)::bigint as value,
         sum(cost)::bigint as cost, sum(taken)::bigint as cancelled, sum(taken_value)::bigint as cancelled_value
       from known group by 1, 2 having sum(orders) > 0
     ) as d join brand b on b.id = d.brand_id join asset s on s.id = b.asset_id
     order by d.month desc, b.slug`,
  )
}

/** The value sold of one brand, or of those that are not named, on a day (UTC) in a currency. */
export type DailySales = {
  readonly day: string
  readonly currency: string
  readonly exponent: number
  /** slug; null: of the others together */
  readonly brand: string | null
  readonly value: bigint
}

/** For a picture. @param shown ids of the brands that stand for themselves */
export async function sumDailySales(sql: Sql, period: DayPeriod, shown: readonly string[]): Promise<DailySales[]> {
  return queryGiftDays<DailySales>(
    sql,
    period,
    `select d.day::text, s.code as currency, s.exponent, b.slug as brand, d.value
     from (
       select a.asset_id, case when k.brand_id = any($5::uuid[]) then k.brand_id end as brand_id, k.day, sum(k.value)::bigint as value
       from known k join brand a on a.id = k.brand_id where k.orders > 0 group by 1, 2, 3
     ) as d join asset s on s.id = d.asset_id left join brand b on b.id = d.brand_id
     order by d.day, s.code, b.slug`,
    [shown],
  )
}

/** The same as {@link sumBreakage} for whole days, from what was counted day by day. */
export async function readBreakage(sql: Sql, period: DayPeriod): Promise<Breakage[]> {
  return queryGiftDays<Breakage>(
    sql,
    period,
    `select b.slug as brand, s.code as currency, s.exponent, coalesce(e.cards, 0) as cards, coalesce(e.expired, 0) as expired,
       a.balance
     from brand b join asset s on s.id = b.asset_id join account a on a.id = b.breakage_id
     left join (
       select brand_id, sum(expired)::bigint as cards, sum(expired_value)::bigint as expired from known where expired > 0 group by 1
     ) as e on e.brand_id = b.id
     where e.cards is not null or a.balance <> 0 order by b.slug`,
  )
}

/** Counted afresh. @param to the first moment that does not belong to the period */
export async function sumSales(
  sql: Sql,
  { from, to, brandId }: { from: Date; to: Date; brandId?: string | undefined },
): Promise<Sales[]> {
  return sql.query<Sales>(
    `select b.slug as brand, s.code as currency, s.exponent, d.day::text, d.orders, d.value, d.cost, d.cancelled,
       d.cancelled_value
     from (
       select brand_id, (ended_at at time zone 'UTC')::date as day, count(*) as orders, sum(face)::bigint as value,
         sum(cost)::bigint as cost, count(*) filter (where status = 'cancelled') as cancelled,
         coalesce(sum(face) filter (where status = 'cancelled'), 0)::bigint as cancelled_value
       from gift_order
       where id >= $1::uuid and id < $2::uuid and ended_at >= $3 and ended_at < $4 and status in ('succeeded', 'cancelled')
         and ($5::uuid is null or brand_id = $5)
       group by 1, 2
     ) as d join brand b on b.id = d.brand_id join asset s on s.id = b.asset_id
     order by d.day, b.slug`,
    [
      firstId(new Date(from.getTime() - LONGEST_WAIT)),
      firstId(new Date(to.getTime() + 60_000)),
      from,
      to,
      brandId ?? null,
    ],
  )
}
