import type { Sql } from './database.ts'
import { stockLowTelling } from './event-facts.ts'

/** A value of a brand of which fewer codes are left than the brand wants to have. `remaining` counts codes. */
export type StockNotice = {
  readonly id: bigint
  readonly brand_id: string
  readonly face: bigint
  readonly remaining: number
  readonly low_stock: number
  readonly at: Date
}

/** Of which brand and value; absent: of all. */
export type StockScope = { readonly brandId?: string; readonly face?: bigint }

/**
 * Notes which values have fallen below their brand's mark or risen to it again. Each crossing is one conditional update, so of
 * several processes one notices. Counts no further than the mark: the cost does not grow with the stock.
 * @param today codes that expire then, or did before, are not counted
 * Of those that have fallen, whoever wants to know is told.
 * @returns the values that have fallen below just now
 */
export async function noticeLevels(sql: Sql, { brandId, face }: StockScope, today: Date): Promise<StockNotice[]> {
  return sql.query<StockNotice>(
    `with level as (
       select v.brand_id, v.face, b.low_stock, unsold.count as remaining
       from stock_value v join brand b on b.id = v.brand_id
       cross join lateral (
         select count(*)::int from (
           select from stock_code c
           where c.brand_id = v.brand_id and c.face = v.face and c.sold = 0
             and (c.expires_on is null or c.expires_on > $3::date)
           limit b.low_stock
         ) as few
       ) as unsold
       where (b.low_stock > 0 or v.low) and ($1::uuid is null or v.brand_id = $1) and ($2::bigint is null or v.face = $2)
     ), crossed as (
       update stock_value v set low = l.remaining < l.low_stock from level l
       where v.brand_id = l.brand_id and v.face = l.face and v.low <> (l.remaining < l.low_stock)
       returning v.brand_id, v.face, v.low, l.remaining, l.low_stock
     ), noticed as (
       insert into stock_notice (brand_id, face, remaining, low_stock)
       select brand_id, face, remaining, low_stock from crossed where low order by brand_id, face
       returning id, brand_id, face, remaining, low_stock, at
     ), ${stockLowTelling}
     select id, brand_id, face, remaining, low_stock, at from noticed order by id`,
    [brandId ?? null, face ?? null, today],
  )
}

export type StockNoticeListing = StockNotice & {
  readonly brand: string
  readonly currency: string
  readonly exponent: number
}

/** Newest first; `before` is the id of the last one seen. */
export async function listNotices(
  sql: Sql,
  { brandId, before, limit }: { brandId?: string | undefined; before?: bigint | undefined; limit: number },
): Promise<StockNoticeListing[]> {
  const one = brandId === undefined ? '' : 'n.brand_id = $3 and'
  return sql.query<StockNoticeListing>(
    `select n.id, n.brand_id, n.face, n.remaining, n.low_stock, n.at, b.slug as brand, s.code as currency, s.exponent
     from stock_notice n join brand b on b.id = n.brand_id join asset s on s.id = b.asset_id
     where ${one} n.id < $1 order by n.id desc limit $2`,
    [before ?? 2n ** 62n, limit, ...(brandId === undefined ? [] : [brandId])],
  )
}

/** What is there of each value of a brand. */
export type StockLevel = { readonly face: bigint; readonly remaining: bigint; readonly low: boolean }

export async function listLevels(sql: Sql, brandId: string, today: Date): Promise<StockLevel[]> {
  return sql.query<StockLevel>(
    `select v.face, v.low, coalesce(c.remaining, 0) as remaining
     from stock_value v left join (
       select face, count(*) as remaining from stock_code
       where brand_id = $1 and sold = 0 and (expires_on is null or expires_on > $2::date) group by face
     ) as c on c.face = v.face
     where v.brand_id = $1 order by v.face`,
    [brandId, today],
  )
}

/** How many codes of one value of a brand are left, counted no further than `most`. */
export type ShelfLevel = {
  readonly brand_id: string
  readonly face: bigint
  readonly remaining: number
  readonly low: boolean
}

/** By brand and value. What it costs does not grow with the stock. @param today codes that expire then, or did before, are not counted */
export async function countShelves(
  sql: Sql,
  { brandIds, today, most }: { brandIds: readonly string[]; today: Date; most: number },
): Promise<ShelfLevel[]> {
  return sql.query<ShelfLevel>(
    `select v.brand_id, v.face, v.low, unsold.count as remaining
     from stock_value v cross join lateral (
       select count(*)::int from (
         select from stock_code c
         where c.brand_id = v.brand_id and c.face = v.face and c.sold = 0 and (c.expires_on is null or c.expires_on > $2::date)
         limit $3
       ) as few
     ) as unsold
     where v.brand_id = any($1::uuid[]) order by v.brand_id, v.face`,
    [brandIds, today, most],
  )
}

/** Remembers that the brand has codes of these values. */
export async function ensureStockValues(sql: Sql, brandId: string, faces: readonly bigint[]): Promise<void> {
  await sql.query(
    `insert into stock_value (brand_id, face) select $1, face from unnest($2::bigint[]) as u (face) order by face
     on conflict do nothing`,
    [brandId, faces.map(String)],
  )
}
