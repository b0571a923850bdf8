import { uuidV7 } from '../../domain/uuid.ts'
import { findCardListing, insertCardEvent } from '../../storage/card-listings.ts'
import type { Sql } from '../../storage/database.ts'
import { deleteDelivery, findOrderListing } from '../../storage/order-listings.ts'
import { OperationRefusal, requireUuid } from '../input.ts'

/**
 * Makes an order that was delivered by mail due for delivery again: an order without a `delivered` event is.
 * @param deps.db a transaction
 * @throws {OperationRefusal}
 */
export async function resendOrder(deps: { db: Sql; clock: () => number }, actor: string, id: string): Promise<void> {
  const order = await findOrderListing(deps.db, requireUuid('order_id', id))
  if (!order) throw new OperationRefusal('not_found', 'order_id', 'there is no such order')
  const conflict = (why: string) => new OperationRefusal('conflict', 'status', why)
  if (order.delivery !== 'email') throw conflict('the order is not delivered by mail')
  const card = await findCardListing(deps.db, { orderId: order.id })
  if (order.status !== 'succeeded' || !card) throw conflict(`the order is ${order.status}`)
  if (card.status !== 'active') throw conflict(`the card is ${card.status}`)
  if (card.moved) throw conflict('somebody has kept the card: the link of its mail opens nothing any more')
  if (!(await deleteDelivery(deps.db, order.id))) throw conflict('the mail is still to be sent')
  await insertCardEvent(deps.db, {
    id: uuidV7(deps.clock()),
    cardId: card.id,
    what: 'resend-requested',
    principal: actor,
    detail: null,
  })
}
