import type { TilloPromotion } from '#sdk/tillo/catalogue.ts'
import { formatAmount } from '../../domain/money.ts'
import { type Brand, listBrands } from '../../storage/brands.ts'
import { listPromotionsOf, type PromotionRow } from '../../storage/promotions.ts'
import { listLevels } from '../../storage/stock-levels.ts'
import type { Context, Handle } from './call.ts'
import { TilloProblem } from './errors.ts'
import { percent } from './money.ts'
import { readQuery } from './read-request.ts'
import { queries } from './schema.ts'

/** `GET /check-stock`: what is left of each value, of brands that are sold from stock. */
export const checkStock: Handle = async (context, { query }) => {
  const { brand: slug } = readQuery(queries.checkStock, query)
  const brands =
    slug === undefined
      ? (await listBrands(context.db, 'tillo')).filter(({ brand }) => brand.supply === 'stock')
      : [{ code: slug, brand: await requirePool(context, slug) }]
  const stocks = await Promise.all(
    brands.map(async ({ code, brand }) => [code, await stockOf(context, brand)] as const),
  )
  return { message: 'Stock retrieved successfully', data: Object.fromEntries(stocks) }
}

async function requirePool({ offers }: Context, slug: string): Promise<Brand> {
  const brand = await offers.require(slug)
  if (brand.supply === 'stock') return brand
  throw new TilloProblem('720', 'The brand is not sold from stock')
}

/** A list where nothing is known, which the API has instead of an empty object. */
async function stockOf({ db, gift }: Context, { id, values, asset }: Brand): Promise<Record<string, string> | never[]> {
  const left = new Map<bigint, bigint>(values.type === 'fixed' ? values.values.map((value) => [value, 0n]) : [])
  for (const { face, remaining } of await listLevels(db, id, new Date(gift.clock()))) left.set(face, remaining)
  if (left.size === 0) return []
  const sorted = [...left].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(
    sorted.map(([face, count]) => [formatAmount(face, asset.exponent), count === 0n ? 'OUT' : String(count)]),
  )
}

/** `GET /promotions`: those that run, and those to come. */
export const readPromotions: Handle = async ({ db, gift }, { query }) => {
  readQuery(queries.promotions, query)
  const now = new Date(gift.clock())
  const standard: Record<string, TilloPromotion[]> = {}
  for (const row of await listPromotionsOf(db, 'tillo', now)) {
    standard[row.brand_code] = [...(standard[row.brand_code] ?? []), renderPromotion(row)]
  }
  return {
    message: 'Promotions retrieved successfully',
    data: { last_refreshed_at: now.toISOString(), standard },
  }
}

const renderPromotion = (row: PromotionRow): TilloPromotion => ({
  code: row.code,
  name: row.name,
  discount: percent(row.discount_bp),
  description: row.description,
  start_date: row.starts_at.toISOString(),
  end_date: row.ends_at?.toISOString() ?? null,
  priority: row.priority,
  restrictions: row.restrictions,
  last_edited_at: row.updated_at.toISOString(),
})
