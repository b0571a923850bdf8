import { ORDER_STATUSES, type OrderStatus } from '../domain/gift-card.ts'
import { pageView } from '../operations/directory-views.ts'
import { requireBrand, requirePartnerListing } from '../operations/gift-cards/require-brand.ts'
import { resendOrder } from '../operations/gift-cards/resend-order.ts'
import { showOrder } from '../operations/gift-cards/show-order.ts'
import { takeBackOrder } from '../operations/gift-cards/take-back-order.ts'
import { orderView, shownOrderView } from '../operations/gift-cards/views.ts'
import { requireUuid } from '../operations/input.ts'
import type { Sql } from '../storage/database.ts'
import { listOrders } from '../storage/order-listings.ts'
import { paging, readArguments, requirePositionals, runVerb, wholeNumber } from './arguments.ts'
import { withAssembly } from './assembly.ts'
import { UsageError } from './command.ts'
import { readMoment } from './moment.ts'
import { print, printPage, printRecord } from './output.ts'
import { actorName, plainly } from './plainly.ts'
import { withDatabase } from './with-database.ts'

export const run = (args: string[]) => runVerb({ list, show, resend, cancel }, args)

async function list(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, {
    ...paging,
    partner: 'string',
    brand: 'string',
    status: 'string',
    request: 'string',
    from: 'string',
    to: 'string',
  })
  requirePositionals(positionals)
  const most = wholeNumber('limit', options.limit, 1000) ?? 50
  const status = options.status as OrderStatus | undefined
  if (status !== undefined && !ORDER_STATUSES.includes(status))
    throw new UsageError(`--status is ${ORDER_STATUSES.join(', ')}`)
  const period = { from: readMoment('from', options.from), to: readMoment('to', options.to) }
  await withDatabase('reads', async ({ db }) => {
    const { partner, brand, request: requestId } = options
    const filter = {
      partnerId: partner === undefined ? undefined : (await requirePartnerListing(db, partner)).id,
      brandId: brand === undefined ? undefined : (await requireBrand(db, brand)).id,
      status,
      requestId,
      ...period,
    }
    const before = options.cursor === undefined ? undefined : requireUuid('cursor', options.cursor)
    const rows = await listOrders(db, filter, { before, limit: most + 1 })
    const page = pageView(rows, most, orderView, (row) => row.id)
    printPage(options.json, page, ['id', 'created_at', 'partner', 'brand', 'value', 'currency', 'status', 'request_id'])
  })
  return 0
}

async function show(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'ORDER')
  await withDatabase('reads', ({ db }) => printOrder(options.json, db, id))
  return 0
}

async function printOrder(json: boolean | undefined, sql: Sql, id: string): Promise<void> {
  const { timeline, ...order } = shownOrderView(await showOrder(sql, id))
  if (json) {
    printRecord(true, { ...order, timeline })
    return
  }
  printRecord(false, order)
  print('')
  printPage(false, { items: timeline, next: null }, ['at', 'what', 'detail', 'by'])
}

async function resend(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'ORDER')
  await withDatabase('writes', async ({ db, clock }) => {
    await db.transaction((sql) => resendOrder({ db: sql, clock }, actorName(), id))
    await printOrder(options.json, db, id)
  })
  return 0
}

async function cancel(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'ORDER')
  await plainly(() =>
    withAssembly(async ({ gift, db }) => {
      await takeBackOrder(gift, id)
      await printOrder(options.json, db, id)
    }),
  )
  return 0
}
