import { type CardListing, findCardListing, listCardEvents } from '../../storage/card-listings.ts'
import type { Sql } from '../../storage/database.ts'
import { findOrderListing, listOrderEvents, type OrderListing } from '../../storage/order-listings.ts'
import { OperationRefusal, requireUuid } from '../input.ts'

/** One thing that happened to an order or its card. */
export type TimelineItem = {
  readonly what: string
  readonly at: Date
  readonly detail: string | null
  /** who did it, when that is known */
  readonly principal: string | null
}

export type ShownOrder = {
  readonly order: OrderListing
  readonly card: CardListing | null
  /** in the order of their times */
  readonly timeline: readonly TimelineItem[]
}

/** An order with its card and what happened to both. @throws {OperationRefusal} */
export async function showOrder(sql: Sql, id: string): Promise<ShownOrder> {
  const order = await findOrderListing(sql, requireUuid('order_id', id))
  if (!order) throw new OperationRefusal('not_found', 'order_id', 'there is no such order')
  const events = await listOrderEvents(sql, order.id)
  const card = await findCardListing(sql, { orderId: order.id })
  const cardEvents = card ? await listCardEvents(sql, card.id) : []
  const { status, ended_at: endedAt } = order
  const timeline: TimelineItem[] = [
    { what: 'requested', at: order.created_at, detail: null, principal: null },
    ...events.map(({ what, at, detail }) => ({
      what: what === 'end' ? (detail === null ? 'succeeded' : 'failed') : what,
      at,
      detail,
      principal: null,
    })),
    // What was paid and issued in one transaction has no event of its own for its end.
    ...(endedAt && status !== 'failed' && !events.some(({ what }) => what === 'end')
      ? [{ what: 'succeeded', at: endedAt, detail: null, principal: null }]
      : []),
    ...cardEvents,
  ]
  return { order, card: card ?? null, timeline: timeline.sort((a, b) => a.at.getTime() - b.at.getTime()) }
}
