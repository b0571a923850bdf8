import type { OfferFunder, OfferKind, OfferRounding } from '../../domain/offer.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import { lockBrand } from '../../storage/brand-writes.ts'
import type { Sql } from '../../storage/database.ts'
import { endOffer as endStored, findOffer, insertOffer, type Offer } from '../../storage/voucher-offers.ts'
import { readDiscount } from '../gift-cards/brand-input.ts'
import { requireBrand } from '../gift-cards/require-brand.ts'
import { OperationRefusal, requireUuid } from '../input.ts'
import { queueStoreNotices } from './store-notices.ts'

export type OfferInput = {
  brand: string
  kind: OfferKind
  /** percent, with up to two decimals */
  rate: number | string
  rounding?: OfferRounding
  funder?: OfferFunder
}

type Deps = { db: Sql; clock: () => number }

/** Sells a brand on new terms, beside those that it has. @param deps.db a transaction @throws {OperationRefusal} */
export async function createOffer(deps: Deps, input: OfferInput): Promise<Offer> {
  const { id: brandId } = await requireBrand(deps.db, input.brand)
  await lockBrand(deps.db, brandId)
  const brand = await requireBrand(deps.db, brandId)
  const rateBp = readDiscount(input.rate)
  if (input.kind === 'discount' && rateBp === 10_000)
    throw new OperationRefusal('invalid_input', 'rate', 'nothing is sold for nothing')
  const { kind, rounding = 'minor', funder = 'brand' } = input
  const id = uuidV7(deps.clock())
  await insertOffer(deps.db, { id, brandId, kind, rateBp, rounding, funder })
  await queueStoreNotices(deps, brand, 'store/update')
  return (await findOffer(deps.db, id)) as Offer
}

/** Ends an offer; what is reserved under it stays. Asked again, nothing changes. @param deps.db a transaction */
export async function endOffer(deps: Deps, brandName: string, offerId: string): Promise<void> {
  const brand = await requireBrand(deps.db, brandName)
  const offer = await findOffer(deps.db, requireUuid('offer_id', offerId))
  if (offer?.brandId !== brand.id) throw new OperationRefusal('not_found', 'offer_id', 'the brand has no such offer')
  if (await endStored(deps.db, offer.id)) await queueStoreNotices(deps, brand, 'store/update')
}

/** What operators are shown, in JSON. */
export const storedOfferView = (offer: Offer) => ({
  id: offer.id,
  kind: offer.kind,
  rate: offer.rateBp / 100,
  rounding: offer.rounding,
  funder: offer.funder,
  created_at: offer.createdAt.toISOString(),
  ended_at: offer.endedAt?.toISOString() ?? null,
})
