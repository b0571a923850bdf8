import type { Leg } from '../../domain/posting.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Command, Decided, Outcome } from '../../ledger/command.ts'
import type { Brand } from '../../storage/brands.ts'
import { type CardRow, cardEnded, findCard } from '../../storage/cards.ts'
import {
  findPartnerRequest,
  type OrderRow,
  orderCancelled,
  type PartnerRequestRow,
  partnerRequested,
  REQUEST_USED,
} from '../../storage/orders.ts'
import { findFloat } from '../../storage/partners.ts'
import { revenueOf } from './as-sold.ts'
import { type GiftDeps, giftRefusal, isoTime, NO_ANSWER } from './gift-deps.ts'
import { type OrderRefused, type OrderWish, requestValues } from './place-order.ts'

export type CancelWish = Pick<OrderWish, 'partner' | 'scope' | 'requestId' | 'operation' | 'content'> & {
  readonly order: OrderRow
  readonly card: CardRow
  readonly brand: Brand
  readonly how: 'cancelled' | 'reversed'
  /** what was bought elsewhere was taken back there */
  readonly elsewhere?: boolean
  /** what else is written */
  also?(transaction: string): NonNullable<Command['effects']>
}

export type CancelledOrder = { readonly request: PartnerRequestRow; readonly repeated: boolean }

/**
 * Takes a card back and pays its price back to the float, once. A card of ours must be untouched: its whole value goes back to
 * the brand and its account is closed in the same transaction. A code from stock is not sold again: somebody has seen it.
 */
export async function cancelOrder(deps: GiftDeps, wish: CancelWish): Promise<CancelledOrder | OrderRefused> {
  const { partner, order, card, brand } = wish
  const earlier = await findRepeat(deps, wish)
  if (earlier) return earlier
  if (!brand.cancellable && wish.how === 'cancelled') return { refusal: 'not-cancellable' }
  // What was bought elsewhere can only be taken back there.
  if (brand.supply === 'upstream' && !wish.elsewhere) return { refusal: 'not-cancellable' }
  const refusal = refusalOf(card)
  if (refusal) return { refusal }
  const float = await findFloat(deps.db, partner.id, order.asset_id)
  if (float === undefined) return { refusal: 'float-missing' }
  const revenue = revenueOf(order)
  const { settlement } = brand
  const legs: Leg[] = []
  if (card.account_id !== null) {
    legs.push({ type: 'transfer', source: card.account_id, target: settlement, amount: card.face })
    legs.push({ type: 'change-account', account: card.account_id, status: 'closed' })
  }
  if (revenue > 0n) legs.push({ type: 'transfer', source: brand.revenue, target: settlement, amount: revenue })
  if (revenue < 0n) legs.push({ type: 'transfer', source: settlement, target: brand.revenue, amount: -revenue })
  if (order.cost > 0n) legs.push({ type: 'transfer', source: settlement, target: float, amount: order.cost })
  const now = deps.clock()
  const transaction = uuidV7(now)
  const request = ({ at, entries }: Decided): PartnerRequestRow => ({
    operation: wish.operation,
    content: wish.content,
    order_id: order.id,
    card_id: card.id,
    float_after: entries.findLast((entry) => entry.account === float)?.balance ?? null,
    transaction_id: transaction,
    at: new Date(at),
  })
  const { outcome } = await deps.ledger.submit({
    principal: `partner:${partner.id}`,
    transaction,
    kind: 'gift-card-cancellation',
    legs,
    payload: JSON.stringify({ order: order.id, brand: brand.slug }),
    effects: [
      { effect: partnerRequested, row: (decided) => requestValues(wish, request(decided)) },
      { effect: orderCancelled, row: ({ at }) => [order.id, isoTime(at)] },
      { effect: cardEnded, row: ({ at }) => [card.id, wish.how, String(card.face), transaction, isoTime(at)] },
      ...(wish.also?.(transaction) ?? []),
    ],
    answer: NO_ANSWER,
  })
  const settled = outcome as Outcome
  if (settled.accepted) return { request: request(settled), repeated: false }
  // What refuses it may be the same request, which came at the same moment and was faster.
  const twin = await findRepeat(deps, wish)
  if (twin) return twin
  if (settled.refusal.constraint === REQUEST_USED) return { refusal: 'request-conflict' }
  // Or another request ended or blocked the card meanwhile: what the books have against this one then tells nothing.
  const changed = refusalOf((await findCard(deps.db, { id: card.id })) ?? card)
  if (changed) return { refusal: changed }
  const { code, account } = settled.refusal
  // It is the books of brand or operator that cannot pay at present: nothing is known of the card.
  if (code === 'unavailable-funds' && account !== card.account_id) return { refusal: 'refused' }
  return { refusal: giftRefusal(settled.refusal, float) }
}

function refusalOf({ status }: CardRow): OrderRefused['refusal'] | null {
  if (status === 'ended') return 'card-ended'
  return status === 'blocked' ? 'card-blocked' : null
}

async function findRepeat(deps: GiftDeps, wish: CancelWish): Promise<CancelledOrder | OrderRefused | null> {
  const request = await findPartnerRequest(deps.db, wish.partner.id, wish.scope, wish.requestId)
  if (!request) return null
  if (request.operation !== wish.operation || request.content !== wish.content)
    return { refusal: 'request-conflict', earlier: request }
  return { request, repeated: true }
}
