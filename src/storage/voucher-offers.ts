import type { OfferFunder, OfferKind, OfferRounding, OfferTerms } from '../domain/offer.ts'
import { type Brand, listBrands } from './brands.ts'
import type { Sql } from './database.ts'

/** On which terms a brand is sold as vouchers; they never change. */
export type Offer = OfferTerms & {
  readonly id: string
  readonly brandId: string
  readonly createdAt: Date
  readonly endedAt: Date | null
}

type OfferRow = {
  id: string
  brand_id: string
  kind: OfferKind
  rate_bp: number
  rounding: OfferRounding
  funder: OfferFunder
  created_at: Date
  ended_at: Date | null
}

const read = (row: OfferRow): Offer => ({
  id: row.id,
  brandId: row.brand_id,
  kind: row.kind,
  rateBp: row.rate_bp,
  rounding: row.rounding,
  funder: row.funder,
  createdAt: row.created_at,
  endedAt: row.ended_at,
})

export async function insertOffer(sql: Sql, offer: Omit<Offer, 'createdAt' | 'endedAt'>): Promise<void> {
  const { id, brandId, kind, rateBp, rounding, funder } = offer
  await sql.query(
    'insert into voucher_offer (id, brand_id, kind, rate_bp, rounding, funder) values ($1, $2, $3, $4, $5, $6)',
    [id, brandId, kind, rateBp, rounding, funder],
  )
}

/** @returns false when there is none that lives */
export async function endOffer(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql.query(
    'update voucher_offer set ended_at = clock_timestamp() where id = $1 and ended_at is null returning 1',
    [id],
  )
  return rows.length === 1
}

/** Also one that has ended. */
export async function findOffer(sql: Sql, id: string): Promise<Offer | undefined> {
  const rows = await sql.query<OfferRow>('select * from voucher_offer where id = $1', [id])
  return rows[0] && read(rows[0])
}

/** All of one brand, the newest first. */
export async function listOffers(sql: Sql, brandId: string): Promise<Offer[]> {
  const rows = await sql.query<OfferRow>('select * from voucher_offer where brand_id = $1 order by id desc limit 200', [
    brandId,
  ])
  return rows.map(read)
}

/** A brand that Jackpot sells, with its offers that live. */
export type Store = { readonly slug: string; readonly brand: Brand; readonly offers: readonly Offer[] }

/** Brands with a code of Jackpot's in one unit of account, by their codes; those that are not on sale are not among them. */
export async function listStores(sql: Sql, assetId: number): Promise<Store[]> {
  const brands = await listBrands(sql, 'jackpot')
  const open = brands.filter(({ brand }) => brand.asset.id === assetId && brand.status === 'enabled')
  const rows = await sql.query<OfferRow>(
    'select * from voucher_offer where brand_id = any($1::uuid[]) and ended_at is null order by id',
    [open.map(({ brand }) => brand.id)],
  )
  const offers = rows.map(read)
  return open.map(({ code, brand }) => ({
    slug: code,
    brand,
    offers: offers.filter(({ brandId }) => brandId === brand.id),
  }))
}
