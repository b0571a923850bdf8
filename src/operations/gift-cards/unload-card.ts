import type { Leg } from '../../domain/posting.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Brand } from '../../storage/brands.ts'
import type { CardRow } from '../../storage/cards.ts'
import { findSale, type SaleRow } from '../../storage/gift-sales.ts'
import { orderCancelled } from '../../storage/orders.ts'
import { findFloat } from '../../storage/partners.ts'
import { revenueOf } from './as-sold.ts'
import { type GiftDeps, giftRefusal, isoTime } from './gift-deps.ts'
import { checkCard } from './load-card.ts'
import type { OrderRefused } from './place-order.ts'
import { findEarlier, type PartnerWish } from './repeat.ts'
import { type CarriedOut, submitRequest } from './submit-request.ts'

export type UnloadWish = PartnerWish & {
  readonly brand: Brand
  readonly card: CardRow
  /** the top-up that is taken back */
  readonly sale: SaleRow
}

/** Takes a top-up back, once: its value leaves the card, as far as it is still there, and its price goes back to the float. */
export async function unloadCard(deps: GiftDeps, wish: UnloadWish): Promise<CarriedOut | OrderRefused> {
  const earlier = await findEarlier(deps, wish)
  if (earlier) return 'refusal' in earlier ? earlier : { request: earlier, repeated: true }
  const { brand, card, sale, partner } = wish
  const now = deps.clock()
  const refusal = sale.status === 'cancelled' ? 'card-ended' : checkCard(card, now)
  if (refusal) return { refusal }
  const float = await findFloat(deps.db, partner.id, sale.asset_id)
  if (float === undefined) return { refusal: 'float-missing' }
  const revenue = revenueOf(sale)
  const { settlement } = brand
  const account = card.account_id as bigint
  const legs: Leg[] = [{ type: 'transfer', source: account, target: settlement, amount: sale.face }]
  if (revenue > 0n) legs.push({ type: 'transfer', source: brand.revenue, target: settlement, amount: revenue })
  if (sale.cost > 0n) legs.push({ type: 'transfer', source: settlement, target: float, amount: sale.cost })
  const done = await submitRequest(deps, wish, {
    kind: 'gift-card-top-up-cancellation',
    transaction: uuidV7(now),
    float,
    legs,
    payload: { order: sale.id, brand: brand.slug },
    orderId: sale.id,
    cardId: card.id,
    effects: [{ effect: orderCancelled, row: ({ at }) => [sale.id, isoTime(at)] }],
  })
  if (!('refused' in done)) return done
  const { code, account: where } = done.refused
  // Another request may have taken it back meanwhile: then it is not the card or the brand that lacks something.
  const changed = (await findSale(deps.db, sale.id))?.status === 'cancelled'
  if (changed || code === 'source-closed') return { refusal: 'card-ended' }
  if (code === 'unavailable-funds') return { refusal: where === account ? 'insufficient-balance' : 'refused' }
  return { refusal: giftRefusal(done.refused, float) }
}
