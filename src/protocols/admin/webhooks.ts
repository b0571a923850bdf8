import { z } from 'zod'
import { EVENT_TYPES } from '../../domain/event-types.ts'
import { pageView } from '../../operations/directory-views.ts'
import { changeEndpoint } from '../../operations/webhooks/change-endpoint.ts'
import { createEndpoint } from '../../operations/webhooks/create-endpoint.ts'
import { deleteEndpoint } from '../../operations/webhooks/delete-endpoint.ts'
import { requireEndpoint } from '../../operations/webhooks/endpoint-input.ts'
import { replayFailed, requireDelivery } from '../../operations/webhooks/replay-deliveries.ts'
import { rotateWebhookSecret } from '../../operations/webhooks/rotate-webhook-secret.ts'
import { sendTestEvent } from '../../operations/webhooks/send-test-event.ts'
import { deliveryView, webhookView } from '../../operations/webhooks/views.ts'
import { listEndpoints } from '../../storage/webhook-endpoints.ts'
import { defined } from './defined.ts'
import { Delivery } from './deliveries.ts'
import { route } from './route.ts'
import { DEFAULT_LIMIT, moment, page, pageLimit, timestamp, uuid, uuidCursor } from './schema.ts'

const url = z.string().max(2000).describe('https; plain http only to addresses that the operator allows')
const topics = z
  .array(z.string().max(60))
  .min(1)
  .max(50)
  .describe('What it is told of: a type, all of a family (`card.*`), or everything (`*`)')
  .meta({ examples: [['wallet.*', 'invoice.paid']] })
const note = z.string().max(200).nullable().describe('For people')

const CreateWebhook = z
  .strictObject({ party_id: uuid.describe('Of whose things it is told'), url, topics, note: note.optional() })
  .meta({
    examples: [
      { party_id: '0197b6a0-0000-7000-8000-000000000000', url: 'https://shop.example/hooks', topics: ['wallet.*'] },
    ],
  })
const ChangeWebhook = z
  .strictObject({
    url,
    topics,
    note,
    enabled: z.boolean().describe('While it is not, nothing is told or kept for later'),
  })
  .partial()
  .meta({ examples: [{ topics: ['*'] }, { enabled: false }] })
const RotateWebhookSecret = z
  .strictObject({
    overlap_seconds: z
      .int()
      .min(0)
      .max(2_592_000)
      .optional()
      .describe('How long deliveries are signed with the old one too; a day when left out, 0 when somebody has it'),
  })
  .meta({ examples: [{ overlap_seconds: 3600 }] })
const ReplayFailed = z
  .strictObject({ since: moment.describe('What failed from then on is sent again') })
  .meta({ examples: [{ since: '2026-01-31T00:00:00Z' }] })

const Webhook = z.object({
  id: uuid,
  party_id: uuid,
  url: z.string(),
  topics: z.array(z.string()).describe(Object.keys(EVENT_TYPES).join(', ')),
  note: z.string().nullable(),
  enabled: z.boolean(),
  disabled_at: timestamp.nullable(),
  disabled_because: z.enum(['asked', 'gone']).nullable().describe('`gone`: the address answered 410'),
  created_at: timestamp,
})
const secret = z.string().describe('Shown in this answer and nowhere else')
const CreatedWebhook = Webhook.extend({ secret })
const RotatedWebhookSecret = z.object({ secret, overlap_ends_at: timestamp.describe('Until then both are valid') })
const WebhookPage = page(Webhook)
const ReplayedDeliveries = z.object({ replayed: z.int() })

export const webhookSchemas = {
  CreateWebhook,
  ChangeWebhook,
  RotateWebhookSecret,
  ReplayFailed,
  Webhook,
  WebhookPage,
  CreatedWebhook,
  RotatedWebhookSecret,
  ReplayedDeliveries,
}

const path = '/webhooks/{webhook_id}'
const idOf = ({ params }: { params: Record<string, string> }) => params.webhook_id as string

export const webhookRoutes = [
  route({
    method: 'GET',
    path: '/webhooks',
    scope: 'webhooks:read',
    summary: 'List webhooks, without their secrets',
    query: z.strictObject({
      limit: pageLimit,
      cursor: uuidCursor,
      party_id: uuid.optional().describe('Of all parties when left out'),
    }),
    output: WebhookPage,
    async handle(deps, { query: { limit = DEFAULT_LIMIT, cursor, party_id: partyId } }) {
      const rows = await listEndpoints(deps.db, { partyId, after: cursor, limit: limit + 1 })
      return pageView(rows, limit, webhookView, (row) => row.id)
    },
  }),
  route({
    method: 'POST',
    path: '/webhooks',
    scope: 'webhooks:write',
    summary: 'Tell an address of what happens from now on',
    status: 201,
    input: CreateWebhook,
    output: CreatedWebhook,
    once: 'transaction',
    async handle(deps, { sql, input: { party_id: partyId, ...input } }) {
      const { id, secret } = await createEndpoint({ ...deps, db: sql }, { partyId, ...input, note: input.note ?? null })
      return { ...webhookView(await requireEndpoint(sql, id)), secret }
    },
  }),
  route({
    method: 'GET',
    path,
    scope: 'webhooks:read',
    summary: 'Show a webhook',
    output: Webhook,
    handle: async (deps, call) => webhookView(await requireEndpoint(deps.db, idOf(call))),
  }),
  route({
    method: 'PATCH',
    path,
    scope: 'webhooks:write',
    summary: 'Change a webhook, disable it, enable it',
    description: 'What waits already goes to the new address. What happens while it is disabled is never told.',
    input: ChangeWebhook,
    output: Webhook,
    once: 'transaction',
    async handle(deps, call) {
      await changeEndpoint({ ...deps, db: call.sql }, idOf(call), defined(call.input))
      return webhookView(await requireEndpoint(call.sql, idOf(call)))
    },
  }),
  route({
    method: 'DELETE',
    path,
    scope: 'webhooks:write',
    summary: 'Delete a webhook; the log of its deliveries stays',
    status: 204,
    async handle(deps, call) {
      await deps.db.transaction((db) => deleteEndpoint({ ...deps, db }, { id: idOf(call) }))
      return undefined
    },
  }),
  route({
    method: 'POST',
    path: `${path}/rotate-secret`,
    scope: 'webhooks:write',
    summary: 'Give a webhook a new secret, with an overlap',
    input: RotateWebhookSecret,
    output: RotatedWebhookSecret,
    once: 'transaction',
    async handle(deps, call) {
      const { overlap_seconds: overlapSeconds } = call.input
      const input = { id: idOf(call), ...(overlapSeconds !== undefined && { overlapSeconds }) }
      const made = await rotateWebhookSecret({ ...deps, db: call.sql }, input)
      return { secret: made.secret, overlap_ends_at: made.overlapEndsAt.toISOString() }
    },
  }),
  route({
    method: 'POST',
    path: `${path}/test`,
    scope: 'webhooks:write',
    summary: 'Send a webhook an event that stands for nothing',
    description: 'It goes the way of all others; what becomes of it stands in its delivery.',
    status: 201,
    output: Delivery,
    once: 'transaction',
    async handle(deps, call) {
      const id = await sendTestEvent({ ...deps, db: call.sql }, { id: idOf(call) })
      return deliveryView(await requireDelivery(call.sql, id))
    },
  }),
  route({
    method: 'POST',
    path: `${path}/replay`,
    scope: 'deliveries:write',
    summary: 'Send again what a webhook did not take',
    input: ReplayFailed,
    output: ReplayedDeliveries,
    once: 'transaction',
    async handle(deps, call) {
      const since = new Date(call.input.since)
      return { replayed: await replayFailed({ ...deps, db: call.sql }, { id: idOf(call), since }) }
    },
  }),
]
