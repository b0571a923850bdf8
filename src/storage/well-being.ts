import type { Sql } from './database.ts'

/** What may need somebody. Each is counted no further than `MANY`, by an index that holds nothing else. */
export type WellBeing = {
  /** orders that failed within a day */
  readonly failed_orders: number
  /** orders asked for more than an hour ago and not carried out */
  readonly stuck_orders: number
  /** notifications that were given up within a week */
  readonly failed_deliveries: number
  /** mails that were given up within a week */
  readonly failed_mails: number
  /** values of brands with fewer codes left than wanted */
  readonly low_stock: number
  readonly float_requests: number
  /** instalments that are late or failed */
  readonly overdue: number
  /** movements by hand that wait for a second person */
  readonly fundings: number
  readonly frozen: number
}

export const MANY = 100

const few = (from: string) => `(select count(*)::int from (select from ${from} limit ${MANY + 1}) as few)`

export async function readWellBeing(sql: Sql): Promise<WellBeing> {
  const rows = await sql.query<WellBeing>(
    `select
       ${few("gift_order where status = 'failed' and ended_at > clock_timestamp() - interval '1 day'")} as failed_orders,
       ${few(`gift_order where status in ('requested', 'processing') and kind <> 'plastic'
         and created_at < clock_timestamp() - interval '1 hour'`)} as stuck_orders,
       ${few("delivery where status = 'failed' and ended_at > clock_timestamp() - interval '7 days'")} as failed_deliveries,
       ${few("mail_outbox where failed_at > clock_timestamp() - interval '7 days'")} as failed_mails,
       ${few('stock_value where low')} as low_stock,
       ${few("float_request where status = 'pending'")} as float_requests,
       ${few("purchase_part where state in ('late', 'failed')")} as overdue,
       ${few('funding where status = 0 and expires_at > clock_timestamp()')} as fundings,
       ${few('account where status = 1')} as frozen`,
  )
  return rows[0] as WellBeing
}

/** What expired unspent, by the accounts that took it. Minor units. */
export type BrandBreakage = {
  readonly brand: string
  readonly currency: string
  readonly exponent: number
  readonly sum: bigint
}

/** By the number of brands, whatever was sold. */
export function listBreakage(sql: Sql): Promise<BrandBreakage[]> {
  return sql.query<BrandBreakage>(
    `select b.slug as brand, s.code as currency, s.exponent, a.balance as sum
     from brand b join account a on a.id = b.breakage_id join asset s on s.id = b.asset_id order by b.slug limit 500`,
  )
}

export type AssetRow = {
  readonly id: number
  readonly code: string
  readonly circle: string
  readonly exponent: number
}

export const listAssets = (sql: Sql, limit: number): Promise<AssetRow[]> =>
  sql.query<AssetRow>('select id, code, circle, exponent from asset order by id limit $1', [limit])
