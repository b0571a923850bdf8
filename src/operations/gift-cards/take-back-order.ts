import type { GiftRefusal } from '../../domain/gift-card.ts'
import { type Brand, findBrand } from '../../storage/brands.ts'
import { findCard } from '../../storage/cards.ts'
import { beginOrder, findOrder, type OrderRow } from '../../storage/orders.ts'
import { findPartnerListing } from '../../storage/partners.ts'
import { OperationRefusal, requireUuid } from '../input.ts'
import { cancelOrder } from './cancel-order.ts'
import { failOrder } from './end-order.ts'
import { STALE_ORDER } from './fulfil-order.ts'
import type { GiftDeps } from './gift-deps.ts'

/** The scope of request ids that are ours and no partner's. */
const SCOPE = 'operator'
/** As an error of an order that an operator ended before it had its card. */
const CANCELLED = 'cancelled-by-operator'

const WORDS: Partial<Record<GiftRefusal, string>> = {
  'card-ended': 'the card has ended',
  'card-used': 'something of the card was spent or is held',
  'card-blocked': 'the card is blocked: unblock it first',
  'not-cancellable': 'it was bought elsewhere and can only be taken back there',
  'float-full': 'the float of the partner cannot take the price',
}

/**
 * Takes an order back for the operator: one that is open fails and its money is released; of one that has its card the card ends
 * and the price goes back, whether or not the brand lets partners do so. Asked again, nothing changes.
 * @throws {OperationRefusal}
 */
export async function takeBackOrder(deps: GiftDeps, id: string): Promise<void> {
  const order = await findOrder(deps.db, requireUuid('order_id', id))
  const brand = order && (await findBrand(deps.db, { id: order.brand_id }))
  if (!order || !brand) throw new OperationRefusal('not_found', 'order_id', 'there is no such order')
  if (order.kind === 'voucher') throw conflict('it is a voucher: refund it as one')
  if (isTakenBack(order)) return
  if (order.status === 'failed') throw conflict('the order has failed')
  const refused = await (order.status === 'succeeded' ? cancel(deps, order, brand) : fail(deps, order, brand))
  if (refused === null) return
  // Somebody else may have done the same meanwhile.
  const now = await findOrder(deps.db, order.id)
  if (!now || !isTakenBack(now)) throw conflict(refused)
}

const isTakenBack = ({ status, error }: OrderRow) => status === 'cancelled' || error === CANCELLED
const conflict = (why: string) => new OperationRefusal('conflict', 'status', why)

/** @returns why not */
async function fail(deps: GiftDeps, order: OrderRow, brand: Brand): Promise<string | null> {
  // Whoever begins an order ends it: once it is ours, nobody buys a card for it. One that was asked of an upstream may have its
  // card there, paid for.
  const now = deps.clock()
  const staleBefore = new Date(brand.supply === 'upstream' ? 0 : now - STALE_ORDER)
  if (!(await beginOrder(deps.db, order.id, new Date(now), staleBefore))) return 'the order is being worked off'
  return 'refusal' in (await failOrder(deps, order, brand, CANCELLED)) ? 'the order has ended meanwhile' : null
}

/** @returns why not */
async function cancel(deps: GiftDeps, order: OrderRow, brand: Brand): Promise<string | null> {
  const card = await findCard(deps.db, { orderId: order.id })
  const partner = order.partner_id === null ? undefined : await findPartnerListing(deps.db, order.partner_id)
  if (!card || !partner) return 'the order has no card or no partner'
  const result = await cancelOrder(deps, {
    partner,
    scope: SCOPE,
    requestId: order.id,
    operation: 'cancel',
    content: order.id,
    order,
    card,
    brand: { ...brand, cancellable: true },
    how: 'cancelled',
  })
  return 'refusal' in result ? (WORDS[result.refusal] ?? `it was refused: ${result.refusal}`) : null
}
