import type { CardSecrets } from '../../credentials/card-codes.ts'
import type { Decided } from '../../ledger/command.ts'
import type { Brand } from '../../storage/brands.ts'
import { findSale, type SaleRow } from '../../storage/gift-sales.ts'
import { type PartnerRequestRow, partnerRequested } from '../../storage/orders.ts'
import { asSold } from './as-sold.ts'
import { completeOrder, failOrder } from './end-order.ts'
import type { GiftDeps } from './gift-deps.ts'
import { prepareOwnCard } from './issue-card.ts'
import { type OrderRefused, requestValues } from './place-order.ts'
import { findEarlier, type PartnerWish } from './repeat.ts'
import type { CarriedOut } from './submit-request.ts'

export type FulfilWish = PartnerWish & {
  readonly brand: Brand
  /** an order for a card that is to be sent */
  readonly sale: SaleRow
  /** of the card that was put into the letter */
  readonly secrets: CardSecrets
}

/**
 * Ends an order for a plastic card: the card gets its value, and the held float is captured, in one transaction.
 * @returns `order-ended`: the order has its card, or has failed; `card-active`: the card has a value already
 */
export async function fulfilPlastic(
  deps: GiftDeps,
  wish: FulfilWish,
): Promise<CarriedOut | OrderRefused | { refusal: 'order-ended' | 'card-active' }> {
  const earlier = await findEarlier(deps, wish)
  if (earlier) return 'refusal' in earlier ? earlier : { request: earlier, repeated: true }
  const { sale, secrets } = wish
  if (sale.ended_at !== null) return { refusal: 'order-ended' }
  const brand = asSold(wish.brand, sale)
  const card = await prepareOwnCard(deps, { brand, face: sale.face, orderId: sale.id, secrets })
  const request = ({ at }: Decided): PartnerRequestRow => ({
    operation: wish.operation,
    content: wish.content,
    order_id: sale.id,
    card_id: card.id,
    // The order's partner pays, who may be another than the one that prints.
    float_after: null,
    transaction_id: sale.transaction_id,
    at: new Date(at),
  })
  const asked = { effect: partnerRequested, row: (decided: Decided) => requestValues(wish, request(decided)) }
  const ended = await completeOrder(deps, sale, brand, { ...card, effects: [asked, ...card.effects] })
  if (!('refusal' in ended)) {
    const first = await findEarlier(deps, wish)
    if (first && !('refusal' in first)) return { request: first, repeated: false }
    throw new Error(`the request that ended the order ${sale.id} is gone`)
  }
  // Somebody was first: with this request, with this order, or with this card.
  const first = await findEarlier(deps, wish)
  if (first) return 'refusal' in first ? first : { request: first, repeated: true }
  if ((await findSale(deps.db, sale.id))?.ended_at != null) return { refusal: 'order-ended' }
  // The money was held as long as it could be.
  if (ended.refusal === 'too-late') await failOrder(deps, sale, brand, 'too-late')
  return ended.refusal === 'refused' ? { refusal: 'card-active' } : ended
}
