import { pageView } from '../operations/directory-views.ts'
import { requireUuid } from '../operations/input.ts'
import {
  createMerchantKey,
  endMerchantKey,
  endPlan,
  rotateMerchantSecret,
  setPlan,
} from '../operations/purchases/change-merchant.ts'
import { createCompany, createMerchant } from '../operations/purchases/create-merchant.ts'
import type { PlanInput } from '../operations/purchases/merchant-input.ts'
import { requireMerchant } from '../operations/purchases/require-merchant.ts'
import { showPurchase } from '../operations/purchases/show-purchase.ts'
import { companyView, merchantKeyView, merchantView, purchaseView } from '../operations/purchases/views.ts'
import { listMerchantKeys } from '../storage/merchant-keys.ts'
import { disableMerchant, listMerchants } from '../storage/merchants.ts'
import { listPurchases } from '../storage/purchases.ts'
import { paging, readArguments, requireOption, requirePositionals, runVerb, wholeNumber } from './arguments.ts'
import { UsageError } from './command.ts'
import { printPage, printRecord, remark } from './output.ts'
import { withDatabase } from './with-database.ts'

export const run = (args: string[]) =>
  runVerb({ company, create, list, show, disable, plan, unplan, secret, key, keys, revoke, purchases, purchase }, args)

const json = { json: 'boolean' } as const

/** @throws {UsageError} */
function readPlanText(text: string): PlanInput {
  const [, name = '', kind = '', count, fee] =
    /^([^=:]+)=(now|deferred|instalments)(?::(\d{1,4}))?(?::(\d{1,5}))?$/.exec(text) ?? []
  if (name === '') throw new UsageError(`"${text}" is no plan such as 3x=instalments:3`)
  const feeBp = fee === undefined ? {} : { feeBp: Number(fee) }
  if (kind === 'now' && count === undefined) return { name, kind }
  if (count !== undefined && kind === 'deferred') return { name, kind, days: Number(count), ...feeBp }
  if (count !== undefined && kind === 'instalments') return { name, kind, parts: Number(count), ...feeBp }
  throw new UsageError(`"${text}" is no plan such as now=now, later=deferred:30 or 3x=instalments:3`)
}

async function company(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { party: 'string', name: 'string', ...json })
  requirePositionals(positionals)
  const input = { partyId: requireOption('party', options.party), name: requireOption('name', options.name) }
  await withDatabase('writes', async (tools) =>
    printRecord(options.json, companyView(await createCompany(tools, input))),
  )
  return 0
}

async function create(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, {
    party: 'string',
    name: 'string',
    wallet: 'string',
    company: 'string',
    financing: 'string',
    fees: 'string',
    plan: 'strings',
    host: 'strings',
    'payment-url': 'string',
    'error-url': 'string',
    'manual-capture': 'boolean',
    unsigned: 'boolean',
    ...json,
  })
  requirePositionals(positionals)
  const { company: companyUid, financing, fees, 'payment-url': paymentUrl, 'error-url': errorUrl } = options
  const input = {
    partyId: requireOption('party', options.party),
    name: requireOption('name', options.name),
    wallet: requireOption('wallet', options.wallet),
    plans: options.plan.map(readPlanText),
    redirectHosts: options.host,
    manualCapture: options['manual-capture'] ?? false,
    requiresSignature: !options.unsigned,
    ...(companyUid !== undefined && { company: companyUid }),
    ...(financing !== undefined && { financing }),
    ...(fees !== undefined && { fees }),
    ...(paymentUrl !== undefined && { paymentNotificationUrl: paymentUrl }),
    ...(errorUrl !== undefined && { errorNotificationUrl: errorUrl }),
  }
  await withDatabase('writes', async ({ db, keyring, clock }) => {
    const deps = { keyring: await keyring(), clock }
    const made = await db.transaction((sql) => createMerchant({ ...deps, db: sql }, input))
    printRecord(options.json, { ...merchantView(made.merchant), secret: made.secret })
  })
  remark('the secret is shown this once')
  return 0
}

async function list(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, paging)
  requirePositionals(positionals)
  const most = wholeNumber('limit', options.limit, 1000) ?? 50
  await withDatabase('reads', async ({ db }) => {
    const after = options.cursor === undefined ? undefined : requireUuid('cursor', options.cursor)
    const rows = await listMerchants(db, { after, limit: most + 1 })
    const page = pageView(rows, most, merchantView, (row) => row.id)
    printPage(options.json, page, ['uid', 'name', 'wallet', 'disabled_at'])
  })
  return 0
}

async function show(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, json)
  const [id = ''] = requirePositionals(positionals, 'MERCHANT')
  await withDatabase('reads', async ({ db }) => printRecord(options.json, merchantView(await requireMerchant(db, id))))
  return 0
}

async function disable(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, json)
  const [id = ''] = requirePositionals(positionals, 'MERCHANT')
  await withDatabase('writes', async ({ db }) => {
    const merchant = await requireMerchant(db, id)
    await disableMerchant(db, merchant.id)
    printRecord(options.json, merchantView(await requireMerchant(db, merchant.id)))
  })
  return 0
}

async function plan(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, json)
  const [id = '', text = ''] = requirePositionals(positionals, 'MERCHANT', 'PLAN')
  const input = readPlanText(text)
  await withDatabase('writes', async ({ db }) => {
    const merchant = await requireMerchant(db, id)
    await setPlan(db, merchant, input)
    printRecord(options.json, merchantView(await requireMerchant(db, merchant.id)))
  })
  return 0
}

async function unplan(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, json)
  const [id = '', name = ''] = requirePositionals(positionals, 'MERCHANT', 'NAME')
  await withDatabase('writes', async ({ db }) => endPlan(db, await requireMerchant(db, id), name))
  printRecord(options.json, { merchant: id, plan: name, offered: false })
  return 0
}

async function secret(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, json)
  const [id = ''] = requirePositionals(positionals, 'MERCHANT')
  await withDatabase('writes', async ({ db, keyring }) => {
    const merchant = await requireMerchant(db, id)
    const made = await rotateMerchantSecret({ db, keyring: await keyring() }, merchant)
    printRecord(options.json, { uid: merchant.uid, secret: made })
  })
  remark('the secret is shown this once')
  return 0
}

async function key(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { company: 'boolean', ...json })
  const [id = ''] = requirePositionals(positionals, 'MERCHANT')
  await withDatabase('writes', async ({ db, clock }) => {
    const { id: merchantId, companyId } = await requireMerchant(db, id)
    if (options.company && companyId === null) throw new UsageError('the merchant is of no company')
    const of = options.company ? { companyId: companyId as string } : { merchantId }
    const made = await createMerchantKey({ db, clock }, of)
    printRecord(options.json, { id: made.id, key: made.key, secret: made.secret })
  })
  remark('the secret is shown this once')
  return 0
}

async function keys(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, json)
  const [id = ''] = requirePositionals(positionals, 'MERCHANT')
  await withDatabase('reads', async ({ db }) => {
    const { id: merchantId, companyId } = await requireMerchant(db, id)
    const items = (await listMerchantKeys(db, { merchantId, companyId })).map(merchantKeyView)
    printPage(options.json, { items, next: null }, ['id', 'key', 'merchant_id', 'company_id', 'revoked_at'])
  })
  return 0
}

async function revoke(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, json)
  const [id = '', keyId = ''] = requirePositionals(positionals, 'MERCHANT', 'KEY_ID')
  await withDatabase('writes', async ({ db }) => endMerchantKey(db, await requireMerchant(db, id), keyId))
  printRecord(options.json, { id: keyId, revoked: true })
  return 0
}

async function purchases(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, paging)
  const [id = ''] = requirePositionals(positionals, 'MERCHANT')
  const most = wholeNumber('limit', options.limit, 1000) ?? 50
  await withDatabase('reads', async ({ db }) => {
    const { id: merchantId, wallet } = await requireMerchant(db, id)
    const before = options.cursor === undefined ? undefined : requireUuid('cursor', options.cursor)
    const rows = await listPurchases(db, { merchantId }, { before, limit: most + 1 })
    const view = (row: (typeof rows)[number]) => purchaseView(row, wallet.asset.exponent)
    const page = pageView(rows, most, view, (row) => row.id)
    printPage(options.json, page, ['uid', 'reference', 'state', 'amount', 'credited', 'plan'])
  })
  return 0
}

async function purchase(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, json)
  const [id = '', purchaseId = ''] = requirePositionals(positionals, 'MERCHANT', 'PURCHASE')
  await withDatabase('reads', async ({ db }) =>
    printRecord(options.json, await showPurchase(db, await requireMerchant(db, id), purchaseId)),
  )
  return 0
}
