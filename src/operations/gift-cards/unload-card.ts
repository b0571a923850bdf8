import type { Leg } from '../../domain/posting.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Decided, Outcome } from '../../ledger/command.ts'
import type { Brand } from '../../storage/brands.ts'
import type { CardRow } from '../../storage/cards.ts'
import type { SaleRow } from '../../storage/gift-sales.ts'
import { orderCancelled, type PartnerRequestRow, partnerRequested, REQUEST_USED } from '../../storage/orders.ts'
import { findFloat } from '../../storage/partners.ts'
import { revenueOf } from './as-sold.ts'
import { type GiftDeps, giftRefusal, isoTime, NO_ANSWER } from './gift-deps.ts'
import { type CarriedOut, checkCard } from './load-card.ts'
import { type OrderRefused, requestValues } from './place-order.ts'
import { findEarlier, type PartnerWish } from './repeat.ts'

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
  const transaction = uuidV7(now)
  const request = ({ at, entries }: Decided): PartnerRequestRow => ({
    operation: wish.operation,
    content: wish.content,
    order_id: sale.id,
    card_id: card.id,
    float_after: entries.findLast((entry) => entry.account === float)?.balance ?? null,
    transaction_id: transaction,
    at: new Date(at),
  })
  const outcome = (
    await deps.ledger.submit({
      principal: `partner:${partner.id}`,
      transaction,
      kind: 'gift-card-top-up-cancellation',
      legs,
      payload: JSON.stringify({ order: sale.id, brand: brand.slug }),
      effects: [
        { effect: partnerRequested, row: (decided) => requestValues(wish, request(decided)) },
        { effect: orderCancelled, row: ({ at }) => [sale.id, isoTime(at)] },
      ],
      answer: NO_ANSWER,
    })
  ).outcome as Outcome
  if (outcome.accepted) return { request: request(outcome), repeated: false }
  const { code, constraint, account: where } = outcome.refusal
  if (constraint === REQUEST_USED) {
    const first = await findEarlier(deps, wish)
    return first && !('refusal' in first) ? { request: first, repeated: true } : { refusal: 'request-conflict' }
  }
  if (constraint === 'order_event_pkey' || code === 'source-closed') return { refusal: 'card-ended' }
  if (code === 'unavailable-funds') return { refusal: where === account ? 'insufficient-balance' : 'refused' }
  return { refusal: giftRefusal(outcome.refusal, float) }
}
