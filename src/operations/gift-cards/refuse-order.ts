import { type GiftRefusal, priceOf } from '../../domain/gift-card.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Decided, Outcome } from '../../ledger/command.ts'
import {
  findPartnerRequest,
  type OrderRow,
  orderPlaced,
  type PartnerRequestRow,
  partnerRequested,
  REQUEST_USED,
} from '../../storage/orders.ts'
import { type GiftDeps, NO_ANSWER } from './gift-deps.ts'
import { type OrderWish, orderValues, type PlacedOrder, readPlaced, requestValues } from './place-order.ts'

/**
 * Keeps a refusal, for protocols in which it uses up the request's id: an order that failed, with nothing paid.
 * @returns that order; or what the id was used for by another request, if that was first
 */
export async function refuseOrder(deps: GiftDeps, wish: OrderWish, refusal: GiftRefusal): Promise<PlacedOrder> {
  const { brand, partner, face } = wish
  const now = deps.clock()
  const transaction = uuidV7(now)
  const order = ({ at }: Decided): OrderRow => ({
    id: transaction,
    partner_id: partner.id,
    protocol: wish.protocol,
    request_id: wish.requestId,
    brand_id: brand.id,
    asset_id: brand.asset.id,
    face,
    cost: priceOf(face, brand.discountBp, brand.discountKeeper).cost,
    discount_bp: brand.discountBp,
    delivery: wish.delivery,
    details: null,
    hold_id: null,
    status: 'failed',
    error: refusal,
    float_after: null,
    transaction_id: transaction,
    created_at: new Date(at),
    ended_at: new Date(at),
  })
  const request = ({ at }: Decided): PartnerRequestRow => ({
    operation: wish.operation,
    content: wish.content,
    order_id: transaction,
    card_id: null,
    float_after: null,
    transaction_id: transaction,
    at: new Date(at),
  })
  const outcome = (
    await deps.ledger.submit({
      principal: `partner:${partner.id}`,
      transaction,
      kind: 'gift-card-refusal',
      legs: [],
      payload: JSON.stringify({ order: transaction, brand: brand.slug }),
      effects: [
        { effect: partnerRequested, row: (decided) => requestValues(wish, request(decided)) },
        { effect: orderPlaced, row: (decided) => orderValues(order(decided)) },
      ],
      answer: NO_ANSWER,
    })
  ).outcome as Outcome
  if (outcome.accepted) return { order: order(outcome), request: request(outcome), card: null, repeated: false }
  if (outcome.refusal.constraint !== REQUEST_USED) throw new Error(`a refusal was not kept: ${outcome.refusal.code}`)
  const first = await findPartnerRequest(deps.db, partner.id, wish.scope, wish.requestId)
  if (!first) throw new Error('the id of a request is used, and nothing tells by what')
  return readPlaced(deps, first)
}
