import { z } from 'zod'
import { ORDER_STATUSES } from '../../domain/gift-card.ts'
import { pageView } from '../../operations/directory-views.ts'
import { requireBrand, requirePartnerListing } from '../../operations/gift-cards/require-brand.ts'
import { resendOrder } from '../../operations/gift-cards/resend-order.ts'
import { showOrder } from '../../operations/gift-cards/show-order.ts'
import { takeBackOrder } from '../../operations/gift-cards/take-back-order.ts'
import { orderView, shownOrderView } from '../../operations/gift-cards/views.ts'
import { listOrders } from '../../storage/order-listings.ts'
import { Card } from './cards.ts'
import { route } from './route.ts'
import { amount, DEFAULT_LIMIT, moment, page, pageLimit, slug, timestamp, uuid, uuidCursor } from './schema.ts'

const status = z.enum(ORDER_STATUSES)

const Order = z
  .object({
    id: uuid,
    partner: z.string().nullable(),
    protocol: z.string(),
    kind: z.string().describe('`card`: a card of its own; else `top-up`, `activation`, `plastic` or `voucher`'),
    request_id: z.string().describe('The partner’s'),
    brand: z.string(),
    currency: z.string(),
    value: amount,
    cost: amount.describe('What the float paid or holds'),
    discount: z.number().describe('Percent'),
    delivery: z.string(),
    status,
    error: z.string().nullable(),
    float_after: amount.nullable().describe('Balance of the float when the order was paid'),
    reference: uuid.describe('The transaction'),
    created_at: timestamp,
    ended_at: timestamp.nullable(),
  })
  .describe('The wish for a card, from request to card or error')
const OrderPage = page(Order)

const ShownOrder = Order.extend({
  card: Card.nullable(),
  timeline: z.array(
    z.object({
      what: z.string().meta({ examples: ['requested', 'succeeded', 'revealed'] }),
      at: timestamp,
      detail: z.string().nullable(),
      by: z.string().nullable(),
    }),
  ),
})

export const orderSchemas = { Order, OrderPage, ShownOrder }

export const orderRoutes = [
  route({
    method: 'GET',
    path: '/orders',
    scope: 'orders:read',
    summary: 'List orders, newest first',
    query: z.strictObject({
      limit: pageLimit,
      cursor: uuidCursor,
      partner: slug(63).optional().describe('Only those of this partner'),
      brand: slug(64).optional().describe('Only those of this brand'),
      status: status.optional().describe('Only those that stand so'),
      request_id: z.string().min(1).max(200).optional().describe('Only those of this request of a partner'),
      from: moment.optional().describe('Only those that were asked for at this moment or later'),
      to: moment.optional().describe('Only those that were asked for before this moment'),
    }),
    output: OrderPage,
    async handle(
      deps,
      { query: { limit = DEFAULT_LIMIT, cursor, partner, brand, status: wanted, request_id, from, to } },
    ) {
      const filter = {
        partnerId: partner === undefined ? undefined : (await requirePartnerListing(deps.db, partner)).id,
        brandId: brand === undefined ? undefined : (await requireBrand(deps.db, brand)).id,
        status: wanted,
        requestId: request_id,
        from: from === undefined ? undefined : new Date(from),
        to: to === undefined ? undefined : new Date(to),
      }
      const rows = await listOrders(deps.db, filter, { before: cursor, limit: limit + 1 })
      return pageView(rows, limit, orderView, (row) => row.id)
    },
  }),
  route({
    method: 'GET',
    path: '/orders/{order_id}',
    scope: 'orders:read',
    summary: 'Show an order with its card and what happened to both',
    output: ShownOrder,
    handle: async (deps, { params }) => shownOrderView(await showOrder(deps.db, params.order_id as string)),
  }),
  route({
    method: 'POST',
    path: '/orders/{order_id}/resend',
    scope: 'orders:write',
    summary: 'Send the mail of an order again',
    output: ShownOrder,
    once: 'transaction',
    async handle(deps, { sql, actor, params }) {
      const id = params.order_id as string
      await resendOrder({ db: sql, clock: deps.clock }, actor, id)
      return shownOrderView(await showOrder(sql, id))
    },
  }),
  route({
    method: 'POST',
    path: '/orders/{order_id}/cancel',
    scope: 'orders:write',
    summary: 'Take an order back and pay its price back to the float',
    description:
      'An open order fails, and its money is released. A card must be unspent; it ends. Asked again, nothing changes.',
    output: ShownOrder,
    async handle(deps, { params }) {
      const id = params.order_id as string
      await takeBackOrder(deps.gift, id)
      return shownOrderView(await showOrder(deps.db, id))
    },
  }),
]
