import { receiverBlocksOf } from '../config.ts'
import { createAddressRules } from '../delivery/address-rules.ts'
import { pageView } from '../operations/directory-views.ts'
import { requireUuid } from '../operations/input.ts'
import { changeEndpoint, type EndpointChange } from '../operations/webhooks/change-endpoint.ts'
import { createEndpoint } from '../operations/webhooks/create-endpoint.ts'
import { deleteEndpoint } from '../operations/webhooks/delete-endpoint.ts'
import { requireEndpoint } from '../operations/webhooks/endpoint-input.ts'
import { replayDelivery, replayFailed, requireDelivery } from '../operations/webhooks/replay-deliveries.ts'
import { rotateWebhookSecret } from '../operations/webhooks/rotate-webhook-secret.ts'
import { sendTestEvent } from '../operations/webhooks/send-test-event.ts'
import { deliveryDetail, deliveryView, webhookView } from '../operations/webhooks/views.ts'
import type { Sql } from '../storage/database.ts'
import { DELIVERY_STATUSES, type DeliveryStatus, listAttempts, listDeliveries } from '../storage/delivery-log.ts'
import { listEndpoints } from '../storage/webhook-endpoints.ts'
import { paging, readArguments, requireOption, requirePositionals, runVerb, wholeNumber } from './arguments.ts'
import { UsageError } from './command.ts'
import { readMoment } from './moment.ts'
import { printPage, printRecord, remark } from './output.ts'
import { type DatabaseTools, withDatabase } from './with-database.ts'

export const run = (args: string[]) =>
  runVerb(
    {
      create,
      list,
      show,
      change,
      disable: (rest) => setEnabled(rest, false),
      enable: (rest) => setEnabled(rest, true),
      rotate,
      delete: remove,
      test,
      deliveries,
      delivery,
      replay,
      'replay-failed': replayAll,
    },
    args,
  )

const withRules = ({ clock, config }: DatabaseTools, db: Sql) => ({
  db,
  clock,
  addressRules: createAddressRules(receiverBlocksOf(config)),
})

async function create(args: string[]): Promise<number> {
  const types = { party: 'string', url: 'string', topic: 'strings', note: 'string', json: 'boolean' } as const
  const { options, positionals } = readArguments(args, types)
  requirePositionals(positionals)
  if (options.topic.length === 0) throw new UsageError('--topic is missing')
  const input = {
    partyId: requireOption('party', options.party),
    url: requireOption('url', options.url),
    topics: options.topic,
    note: options.note ?? null,
  }
  await withDatabase('writes', async (tools) => {
    const keyring = await tools.keyring()
    const made = await tools.db.transaction((db) => createEndpoint({ ...withRules(tools, db), keyring }, input))
    printRecord(options.json, { ...webhookView(await requireEndpoint(tools.db, made.id)), secret: made.secret })
  })
  remark('the secret is shown this once')
  return 0
}

async function list(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { ...paging, party: 'string' })
  requirePositionals(positionals)
  const most = wholeNumber('limit', options.limit, 1000) ?? 50
  await withDatabase('reads', async ({ db }) => {
    const after = options.cursor === undefined ? undefined : requireUuid('cursor', options.cursor)
    const partyId = options.party === undefined ? undefined : requireUuid('party', options.party)
    const page = pageView(
      await listEndpoints(db, { partyId, after, limit: most + 1 }),
      most,
      webhookView,
      (row) => row.id,
    )
    printPage(options.json, page, ['id', 'party_id', 'enabled', 'url', 'topics'])
  })
  return 0
}

async function show(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'WEBHOOK')
  await withDatabase('reads', async ({ db }) => printRecord(options.json, webhookView(await requireEndpoint(db, id))))
  return 0
}

async function change(args: string[]): Promise<number> {
  const types = { url: 'string', topic: 'strings', note: 'string', json: 'boolean' } as const
  const { options, positionals } = readArguments(args, types)
  const [id = ''] = requirePositionals(positionals, 'WEBHOOK')
  const changes = {
    ...(options.url !== undefined && { url: options.url }),
    ...(options.topic.length > 0 && { topics: options.topic }),
    ...(options.note !== undefined && { note: options.note }),
  }
  if (Object.keys(changes).length === 0) throw new UsageError('say what to change')
  return apply(id, changes, options.json)
}

async function setEnabled(args: string[], enabled: boolean): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'WEBHOOK')
  return apply(id, { enabled }, options.json)
}

async function apply(id: string, changes: EndpointChange, json: boolean | undefined): Promise<number> {
  await withDatabase('writes', async (tools) => {
    await tools.db.transaction((db) => changeEndpoint(withRules(tools, db), id, changes))
    printRecord(json, webhookView(await requireEndpoint(tools.db, id)))
  })
  return 0
}

async function rotate(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { overlap: 'string', json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'WEBHOOK')
  const overlapSeconds = wholeNumber('overlap', options.overlap, 2_592_000)
  await withDatabase('writes', async ({ db: database, clock, keyring: open }) => {
    const keyring = await open()
    const input = { id, ...(overlapSeconds !== undefined && { overlapSeconds }) }
    const made = await database.transaction((db) => rotateWebhookSecret({ db, clock, keyring }, input))
    printRecord(options.json, { secret: made.secret, overlap_ends_at: made.overlapEndsAt.toISOString() })
  })
  remark('the secret is shown this once')
  return 0
}

async function remove(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'WEBHOOK')
  await withDatabase('writes', ({ db: database, clock }) =>
    database.transaction((db) => deleteEndpoint({ db, clock }, { id })),
  )
  printRecord(options.json, { id, deleted: true })
  return 0
}

async function test(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'WEBHOOK')
  await withDatabase('writes', async ({ db: database, clock }) => {
    const sent = await database.transaction((db) => sendTestEvent({ db, clock }, { id }))
    printRecord(options.json, deliveryView(await requireDelivery(database, sent)))
  })
  return 0
}

async function deliveries(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { ...paging, receiver: 'string', status: 'string' })
  requirePositionals(positionals)
  const most = wholeNumber('limit', options.limit, 1000) ?? 50
  const status = options.status as DeliveryStatus | undefined
  if (status !== undefined && !DELIVERY_STATUSES.includes(status))
    throw new UsageError(`--status is one of ${DELIVERY_STATUSES.join(', ')}`)
  if (options.cursor !== undefined && !/^[1-9]\d{0,17}$/.test(options.cursor))
    throw new UsageError('--cursor is what the page before named')
  const before = options.cursor === undefined ? undefined : BigInt(options.cursor)
  await withDatabase('reads', async ({ db }) => {
    const receiver = options.receiver === undefined ? undefined : requireUuid('receiver', options.receiver)
    const rows = await listDeliveries(db, { receiver, status, before, limit: most + 1 })
    const page = pageView(rows, most, deliveryView, (row) => String(row.sequence))
    printPage(options.json, page, ['id', 'topic', 'object', 'status', 'attempts', 'created_at'])
  })
  return 0
}

async function delivery(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'DELIVERY')
  await withDatabase('reads', async ({ db }) => {
    const row = await requireDelivery(db, id)
    printRecord(options.json, deliveryDetail(row, await listAttempts(db, row.id)))
  })
  return 0
}

async function replay(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'DELIVERY')
  await withDatabase('writes', async ({ db, clock }) => {
    await replayDelivery({ db, clock }, { id })
    printRecord(options.json, deliveryView(await requireDelivery(db, id)))
  })
  return 0
}

async function replayAll(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { since: 'string', json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'WEBHOOK')
  const since = readMoment('since', requireOption('since', options.since)) as Date
  await withDatabase('writes', async ({ db, clock }) =>
    printRecord(options.json, { replayed: await replayFailed({ db, clock }, { id, since }) }),
  )
  return 0
}
