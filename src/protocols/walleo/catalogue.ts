import type { WalleoInventoryAnswer } from '#sdk/walleo/wire.ts'
import { isOffered } from '../../domain/gift-card.ts'
import { listFloats } from '../../storage/partners.ts'
import { countUnsold } from '../../storage/stock.ts'
import type { Handle } from './call.ts'
import { invalidRequest } from './errors.ts'
import { findOffer, listOffers, type Offer, renderGiftCard } from './offer.ts'
import { readings } from './readings.ts'
import { unitOf } from './whole-units.ts'

/** `GET /gift_cards`: a bare array. */
export const listGiftCards: Handle = async ({ db }) => JSON.stringify((await listOffers(db)).map(renderGiftCard))

/** `GET /gift_cards/:code` */
export const readGiftCard: Handle = async ({ db }, { name }) =>
  JSON.stringify(renderGiftCard(await findOffer(db, name)))

/** `GET /inventories/:code` */
export const readInventory: Handle = async ({ db }, { name }) => {
  const offer = await findOffer(db, name)
  const { code, brand } = offer
  const unlimited = brand.supply !== 'stock'
  const answer: WalleoInventoryAnswer = {
    inventories: {
      gift_card: { code, name: brand.name },
      end_to_end_api: { enabled: unlimited, available_amount: unlimited ? 'unlimited' : 0 },
      stocks: unlimited ? [] : stocksOf(offer, await countUnsold(db, brand.id)),
    },
  }
  return JSON.stringify(answer)
}

/** Codes belong to no partner before they are sold, so all are shared. A value that is offered and sold out has a line, too. */
function stocksOf({ brand, values }: Offer, unsold: readonly { face: bigint; left: number }[]) {
  const unit = unitOf(brand.asset)
  const left = new Map<number, number>(values.type === 'fixed' ? values.amounts.map((amount) => [amount, 0]) : [])
  for (const { face, left: count } of unsold)
    if (face % unit === 0n && isOffered(brand.values, face)) left.set(Number(face / unit), count)
  return [...left]
    .sort(([a], [b]) => a - b)
    .map(([facial_value, shared_quantity]) => ({ facial_value, owned_quantity: 0, shared_quantity }))
}

/** `GET /balance`: what a float has and is not held, in minor units. A form of ours. */
export const readBalance: Handle = async ({ db }, { partner, query }) => {
  const asked = query.get('currency')
  const floats = await listFloats(db, partner.id)
  const of = (currency: string) => floats.find((float) => float.currency === currency)
  const float = asked === null ? (of(readings.balanceCurrency) ?? floats[0]) : of(asked)
  if (!float) throw invalidRequest(asked === null ? 'There is no balance' : 'There is no balance in this currency')
  // By hand: the amount may be larger than a double can say.
  const { balance, held, currency } = float
  return `{"balance":{"amount_cents":${balance - held},"currency":${JSON.stringify(currency)}}}`
}
