import type { CodeScheme } from './brands.ts'
import type { Sql } from './database.ts'

/** A discount for a while; `ends_at` null: until it is ended. `priority`: the lowest counts, null comes last. */
export type PromotionRow = {
  readonly brand_id: string
  readonly code: string
  readonly name: string
  readonly description: string | null
  readonly discount_bp: number
  readonly starts_at: Date
  readonly ends_at: Date | null
  readonly priority: number | null
  readonly restrictions: string | null
  readonly updated_at: Date
}

const ORDER = 'order by p.priority nulls last, p.discount_bp desc, p.code'

/** Of a brand: those that have not ended, the one that counts first. */
export async function listPromotions(sql: Sql, brandId: string, at: Date): Promise<PromotionRow[]> {
  return sql.query<PromotionRow>(
    `select * from promotion p where brand_id = $1 and (ends_at is null or ends_at > $2) ${ORDER}`,
    [brandId, at],
  )
}

/** Of all brands that a protocol sells, by its codes. */
export async function listPromotionsOf(
  sql: Sql,
  scheme: CodeScheme,
  at: Date,
): Promise<(PromotionRow & { brand_code: string })[]> {
  return sql.query<PromotionRow & { brand_code: string }>(
    `select p.*, c.code as brand_code from promotion p join brand_code c on c.brand_id = p.brand_id
     where c.scheme = $1 and (p.ends_at is null or p.ends_at > $2)
     order by c.code, p.priority nulls last, p.discount_bp desc, p.code`,
    [scheme, at],
  )
}

/** @returns the row as it stands; undefined when the code is taken */
export async function insertPromotion(
  sql: Sql,
  row: Omit<PromotionRow, 'updated_at'>,
): Promise<PromotionRow | undefined> {
  const rows = await sql.query<PromotionRow>(
    `insert into promotion (brand_id, code, name, description, discount_bp, starts_at, ends_at, priority, restrictions)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning *`,
    [
      row.brand_id,
      row.code,
      row.name,
      row.description,
      row.discount_bp,
      row.starts_at,
      row.ends_at,
      row.priority,
      row.restrictions,
    ],
  )
  return rows[0]
}

/** Ends a promotion, or takes back one that has not begun; one that has ended keeps its end. */
export async function endPromotion(sql: Sql, brandId: string, code: string, at: Date): Promise<void> {
  await sql.query('delete from promotion where brand_id = $1 and code = $2 and starts_at >= $3', [brandId, code, at])
  await sql.query(
    `update promotion set ends_at = $3, updated_at = clock_timestamp()
     where brand_id = $1 and code = $2 and (ends_at is null or ends_at > $3)`,
    [brandId, code, at],
  )
}
