import type { Effect } from '../ledger/command.ts'
import type { Sql } from './database.ts'

/** A code that may be sold; `code` is sealed for `stock:HASH` (its `code_hash` in hex). */
export type StockCode = {
  readonly id: bigint
  readonly expires_on: Date | null
  readonly code_hash: Buffer
  readonly code: Buffer
}

/** The unsold codes of one value that expire first, and have not expired by `today`. One range of an index over unsold codes. */
export async function listUnsold(
  sql: Sql,
  { brandId, face, today, limit }: { brandId: string; face: bigint; today: Date; limit: number },
): Promise<StockCode[]> {
  return sql.query<StockCode>(
    `select id, expires_on, code_hash, code from stock_code
     where brand_id = $1 and face = $2 and sold = 0 and (expires_on is null or expires_on > $3::date)
     order by expires_on nulls last, id limit $4`,
    [brandId, face, today, limit],
  )
}

/** What is left of each value. */
export async function countUnsold(sql: Sql, brandId: string): Promise<{ face: bigint; left: number }[]> {
  return sql.query<{ face: bigint; left: number }>(
    `select face, count(*)::int as left from stock_code
     where brand_id = $1 and sold = 0 and (expires_on is null or expires_on > current_date) group by face order by face`,
    [brandId],
  )
}

/** Sells codes; one that was sold before, or twice in one batch, breaks the constraint of that name. */
export const stockSold: Effect = {
  name: 'stock-sold',
  text: `update stock_code c set sold = c.sold + u.times, order_id = u.order_id
    from (select id, count(*) as times, min(order_id::text)::uuid as order_id
          from unnest($1::bigint[], $2::uuid[]) as u (id, order_id) group by id order by id) as u
    where c.id = u.id`,
}
export const STOCK_SOLD = 'stock_code_sold_once'
