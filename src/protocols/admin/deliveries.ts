import { z } from 'zod'
import { pageView } from '../../operations/directory-views.ts'
import { replayDelivery, requireDelivery } from '../../operations/webhooks/replay-deliveries.ts'
import { deliveryDetail, deliveryView } from '../../operations/webhooks/views.ts'
import { DELIVERY_FORMS } from '../../storage/deliveries.ts'
import { DELIVERY_STATUSES, listAttempts, listDeliveries } from '../../storage/delivery-log.ts'
import { route } from './route.ts'
import { DEFAULT_LIMIT, numberCursor, page, pageLimit, timestamp, uuid } from './schema.ts'

export const Delivery = z.object({
  id: uuid.describe('The `webhook-id` of our own events'),
  form: z.enum(DELIVERY_FORMS),
  receiver: uuid.describe('The webhook, merchant or partner'),
  object: z.string().describe('What it is about; deliveries of one object arrive in their order'),
  topic: z.string(),
  status: z.enum(DELIVERY_STATUSES),
  attempts: z.int(),
  next_attempt_at: timestamp.nullable(),
  created_at: timestamp,
  ended_at: timestamp.nullable(),
})
const DeliveryDetail = Delivery.extend({
  event: z.record(z.string(), z.unknown()).nullable().describe('What is sent, of our own events'),
  log: z.array(
    z.object({
      number: z.int(),
      at: timestamp,
      ms: z.int(),
      status: z.int().nullable().describe('null: no answer came'),
      error: z.string().nullable().describe('null: it was taken'),
      excerpt: z.string().nullable().describe('How the answer to a failed attempt begins'),
    }),
  ),
})
const DeliveryPage = page(Delivery)

export const deliverySchemas = { Delivery, DeliveryDetail, DeliveryPage }

export const deliveryRoutes = [
  route({
    method: 'GET',
    path: '/deliveries',
    scope: 'deliveries:read',
    summary: 'List notifications of every form, newest first',
    query: z.strictObject({
      limit: pageLimit,
      cursor: numberCursor,
      receiver: uuid.optional().describe('Of one webhook, merchant or partner'),
      status: z.enum(DELIVERY_STATUSES).optional().describe('Only those that are in this state'),
    }),
    output: DeliveryPage,
    async handle(deps, { query: { limit = DEFAULT_LIMIT, cursor, receiver, status } }) {
      const before = cursor === undefined ? undefined : BigInt(cursor)
      const rows = await listDeliveries(deps.db, { receiver, status, before, limit: limit + 1 })
      return pageView(rows, limit, deliveryView, (row) => String(row.sequence))
    },
  }),
  route({
    method: 'GET',
    path: '/deliveries/{delivery_id}',
    scope: 'deliveries:read',
    summary: 'Show a notification with its attempts',
    output: DeliveryDetail,
    async handle(deps, { params }) {
      const row = await requireDelivery(deps.db, params.delivery_id as string)
      return deliveryDetail(row, await listAttempts(deps.db, row.id))
    },
  }),
  route({
    method: 'POST',
    path: '/deliveries/{delivery_id}/replay',
    scope: 'deliveries:write',
    summary: 'Send a notification again',
    description: 'Whatever became of it, under its own id; one that waits goes at once. Its schedule begins anew.',
    output: Delivery,
    once: 'transaction',
    async handle(deps, { sql, params }) {
      const id = params.delivery_id as string
      await replayDelivery({ ...deps, db: sql }, { id })
      return deliveryView(await requireDelivery(sql, id))
    },
  }),
]
