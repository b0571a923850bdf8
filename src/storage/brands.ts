import type { Asset } from '../domain/asset.ts'
import type { BrandValues, DiscountKeeper } from '../domain/gift-card.ts'
import type { Sql } from './database.ts'
import { where } from './where.ts'

export type Supply = 'own' | 'stock' | 'upstream'
export type Delivery = 'code' | 'url' | 'email'
export type CodeScheme = 'walleo' | 'tillo' | 'jackpot'

export type Brand = {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly asset: Asset
  readonly countries: readonly string[]
  readonly categories: readonly string[]
  readonly values: BrandValues
  readonly discountBp: number
  readonly discountKeeper: DiscountKeeper
  /** null: cards do not expire */
  readonly validityDays: number | null
  readonly delivery: readonly Delivery[]
  readonly barcode: string
  readonly supply: Supply
  /** sealed for `brand:ID:upstream` */
  readonly upstream: Buffer | null
  readonly asynchronous: boolean
  readonly cancellable: boolean
  readonly status: 'enabled' | 'paused' | 'disabled'
  readonly statusReason: string | null
  readonly lowStock: number
  /** what is shown, and what single protocols need; its members are theirs */
  readonly texts: Readonly<Record<string, unknown>>
  /** accounts: what is owed to the brand, what the operator keeps, what expired unspent */
  readonly settlement: bigint
  readonly revenue: bigint
  readonly breakage: bigint
  readonly updatedAt: Date
}

type BrandRow = {
  id: string
  slug: string
  name: string
  asset_id: number
  code: string
  circle: string
  exponent: number
  countries: string[]
  categories: string[]
  fixed_values: string[] | bigint[] | null
  min_value: bigint | null
  max_value: bigint | null
  step_value: bigint | null
  discount_bp: number
  discount_keeper: DiscountKeeper
  validity_days: number | null
  delivery: Delivery[]
  barcode: string
  supply: Supply
  upstream: Buffer | null
  asynchronous: boolean
  cancellable: boolean
  status: Brand['status']
  status_reason: string | null
  low_stock: number
  texts: Record<string, unknown>
  settlement_id: bigint
  revenue_id: bigint
  breakage_id: bigint
  updated_at: Date
}

const SELECT = 'select b.*, s.code, s.circle, s.exponent from brand b join asset s on s.id = b.asset_id'

export async function findBrand(sql: Sql, by: { id: string } | { slug: string }): Promise<Brand | undefined> {
  const [column, value] = 'id' in by ? ['id', by.id] : ['slug', by.slug]
  const rows = await sql.query<BrandRow>(`${SELECT} where b.${column} = $1`, [value])
  return rows[0] && readBrand(rows[0])
}

/** The brand that a protocol calls `code`. */
export async function findBrandByCode(sql: Sql, scheme: CodeScheme, code: string): Promise<Brand | undefined> {
  const rows = await sql.query<BrandRow>(
    `${SELECT} join brand_code c on c.brand_id = b.id where c.scheme = $1 and c.code = $2`,
    [scheme, code],
  )
  return rows[0] && readBrand(rows[0])
}

/** By slug; `after` is the last one seen. */
export async function listBrandsPage(
  sql: Sql,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<Brand[]> {
  const rows = await sql.query<BrandRow>(`${SELECT} where b.slug > $1 order by b.slug limit $2`, [after ?? '', limit])
  return rows.map(readBrand)
}

export type BrandFilter = {
  /** beginnings of words of the name or slug, all of which must be there */
  readonly search?: string | undefined
  readonly status?: Brand['status'] | undefined
  readonly supply?: Supply | undefined
}

// The index `brand_words` is of this very text. Marks within words part them, or "corner-cafe" would be one word and a host's name.
const MARKS = `'-_./@:+&''"', '          '`
const WORDS = `to_tsvector('simple', translate(b.name || ' ' || b.slug, ${MARKS}))`
const BEGINNINGS = `regexp_replace(plainto_tsquery('simple', translate($, ${MARKS}))::text, '''(?= |\\Z)', ''':*', 'g')::tsquery`

/**
 * By slug; `after` is the last one seen.
 * @param page.most how many that match are looked for: what a search costs does not grow with the catalogue then
 * @returns `cut` when so many match that no more were looked for
 */
export async function searchBrands(
  sql: Sql,
  { search, status, supply }: BrandFilter,
  { after, limit, most }: { after?: string | undefined; limit: number; most?: number },
): Promise<{ brands: Brand[]; cut: boolean }> {
  const of = where(
    [
      [`${WORDS} @@ ${BEGINNINGS}`, search],
      ['b.status = $', status],
      ['b.supply = $', supply],
    ],
    [limit, after ?? ''],
  )
  if (search === undefined || most === undefined) {
    const rows = await sql.query<BrandRow>(
      `${SELECT} where ${of.text} and b.slug > $2 order by b.slug limit $1`,
      of.values,
    )
    return { brands: rows.map(readBrand), cut: false }
  }
  // In the order of the slugs at once, the planner would have to guess whether to walk through all brands or to sort those that match.
  const rows = await sql.query<BrandRow & { cut: boolean }>(
    `with found as materialized (select b.id from brand b where ${of.text} limit $${of.values.length + 1})
     select b.*, s.code, s.circle, s.exponent, (select count(*) from found) = $${of.values.length + 1} as cut
     from found f join brand b on b.id = f.id join asset s on s.id = b.asset_id where b.slug > $2 order by b.slug limit $1`,
    [...of.values, most],
  )
  return { brands: rows.map(readBrand), cut: rows[0]?.cut ?? false }
}

/** What the protocols call these brands. */
export async function listBrandCodes(
  sql: Sql,
  brandIds: readonly string[],
): Promise<{ brand_id: string; scheme: CodeScheme; code: string }[]> {
  return sql.query('select brand_id, scheme, code from brand_code where brand_id = any($1::uuid[]) order by scheme', [
    brandIds,
  ])
}

/** Which of these slugs are taken. */
export async function listBrandSlugs(sql: Sql, slugs: readonly string[]): Promise<string[]> {
  const rows = await sql.query<{ slug: string }>('select slug from brand where slug = any($1::text[])', [slugs])
  return rows.map(({ slug }) => slug)
}

/** All brands that a protocol sells, by its codes. */
export async function listBrands(sql: Sql, scheme: CodeScheme): Promise<{ code: string; brand: Brand }[]> {
  const rows = await sql.query<BrandRow & { scheme_code: string }>(
    `select b.*, s.code, s.circle, s.exponent, c.code as scheme_code
     from brand_code c join brand b on b.id = c.brand_id join asset s on s.id = b.asset_id
     where c.scheme = $1 order by c.code`,
    [scheme],
  )
  return rows.map((row) => ({ code: row.scheme_code, brand: readBrand(row) }))
}

function readBrand(row: BrandRow): Brand {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    asset: { id: row.asset_id, code: row.code, circle: row.circle, exponent: row.exponent },
    countries: row.countries,
    categories: row.categories,
    values:
      row.fixed_values === null
        ? {
            type: 'range',
            min: row.min_value as bigint,
            max: row.max_value as bigint,
            step: row.step_value as bigint,
          }
        : { type: 'fixed', values: row.fixed_values.map(BigInt) },
    discountBp: row.discount_bp,
    discountKeeper: row.discount_keeper,
    validityDays: row.validity_days,
    delivery: row.delivery,
    barcode: row.barcode,
    supply: row.supply,
    upstream: row.upstream,
    asynchronous: row.asynchronous,
    cancellable: row.cancellable,
    status: row.status,
    statusReason: row.status_reason,
    lowStock: row.low_stock,
    texts: row.texts,
    settlement: row.settlement_id,
    revenue: row.revenue_id,
    breakage: row.breakage_id,
    updatedAt: row.updated_at,
  }
}
