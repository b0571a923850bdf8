import {
  OFFER_FUNDERS,
  OFFER_KINDS,
  OFFER_ROUNDINGS,
  type OfferFunder,
  type OfferKind,
  type OfferRounding,
} from '../domain/offer.ts'
import { pageView } from '../operations/directory-views.ts'
import { requireBrand, requirePartnerListing } from '../operations/gift-cards/require-brand.ts'
import { requireUuid } from '../operations/input.ts'
import type { AccountInput } from '../operations/jackpot/account-input.ts'
import {
  accountView,
  changeJackpotAccount,
  createJackpotAccount,
  requireJackpotAccount,
  rotateClientSecretOf,
} from '../operations/jackpot/jackpot-account.ts'
import { createOffer, endOffer, storedOfferView } from '../operations/jackpot/offers.ts'
import { settleRefund } from '../operations/jackpot/refund-voucher.ts'
import { storedVoucherView } from '../operations/jackpot/voucher-view.ts'
import { listOffers } from '../storage/voucher-offers.ts'
import { listVouchers } from '../storage/vouchers.ts'
import {
  type Options,
  paging,
  readArguments,
  requireOption,
  requirePositionals,
  runVerb,
  wholeNumber,
} from './arguments.ts'
import { withAssembly } from './assembly.ts'
import { UsageError } from './command.ts'
import { printPage, printRecord, remark } from './output.ts'
import { actorName, plainly } from './plainly.ts'
import { withDatabase } from './with-database.ts'

export const run = (args: string[]) =>
  runVerb({ open, show, change, secret, vouchers, refund, offer, offers, 'end-offer': finishOffer }, args)

const settings = {
  domain: 'strings',
  notify: 'string',
  confirmation: 'string',
  callback: 'string',
  json: 'boolean',
} as const

function readSettings({ domain, notify, confirmation, callback }: Options<typeof settings>): AccountInput {
  const url = (text: string) => (text === 'none' ? null : text)
  return {
    ...(domain.length > 0 && { allowedDomains: domain }),
    ...(notify !== undefined && { notificationUrl: url(notify) }),
    ...(confirmation !== undefined && {
      confirmation: choice('confirmation', confirmation, ['manual', 'automatic'] as const),
    }),
    ...(callback !== undefined && { callbackUrl: url(callback) }),
  }
}

function choice<T extends string>(name: string, value: string, choices: readonly T[]): T {
  if ((choices as readonly string[]).includes(value)) return value as T
  throw new UsageError(`--${name} is ${choices.join(' or ')}`)
}

async function open(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { ...settings, currency: 'string', circle: 'string' })
  const [partner = ''] = requirePositionals(positionals, 'PARTNER')
  const currency = requireOption('currency', options.currency)
  const input = {
    partner,
    currency,
    ...readSettings(options),
    ...(options.circle !== undefined && { circle: options.circle }),
  }
  await withDatabase('writes', async (tools) => {
    const keyring = await tools.keyring()
    const made = await tools.db.transaction((db) => createJackpotAccount({ ...tools, db, keyring }, input))
    printRecord(options.json, {
      ...accountView(made.account),
      api_key: made.apiKey,
      api_signature: made.apiSignature,
      client_secret: made.clientSecret,
    })
  })
  remark('key, signature and secret are shown this once')
  return 0
}

async function show(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [partner = ''] = requirePositionals(positionals, 'PARTNER')
  await withDatabase('reads', async ({ db }) =>
    printRecord(options.json, accountView((await requireJackpotAccount(db, partner)).account)),
  )
  return 0
}

async function change(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, settings)
  const [partner = ''] = requirePositionals(positionals, 'PARTNER')
  const input = readSettings(options)
  if (Object.keys(input).length === 0) throw new UsageError('say what to change')
  await withDatabase('writes', async (tools) =>
    printRecord(options.json, accountView(await changeJackpotAccount(tools, partner, input))),
  )
  return 0
}

async function secret(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [partner = ''] = requirePositionals(positionals, 'PARTNER')
  await withDatabase('writes', async ({ db }) => {
    const { clientSecret } = await db.transaction((sql) => rotateClientSecretOf({ db: sql }, partner))
    printRecord(options.json, { client_secret: clientSecret })
  })
  remark('the secret is shown this once')
  return 0
}

async function vouchers(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, paging)
  const [partner = ''] = requirePositionals(positionals, 'PARTNER')
  const most = wholeNumber('limit', options.limit, 1000) ?? 50
  await withDatabase('reads', async ({ db }) => {
    const { id: partnerId } = await requirePartnerListing(db, partner)
    const before = options.cursor === undefined ? undefined : requireUuid('cursor', options.cursor)
    const rows = await listVouchers(db, { partnerId, before, limit: most + 1 })
    const page = pageView(rows, most, storedVoucherView, (row) => row.id)
    printPage(options.json, page, ['id', 'coupon_id', 'state', 'value', 'price', 'currency', 'reserved_at'])
  })
  return 0
}

async function refund(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { accept: 'boolean', reject: 'boolean', json: 'boolean' })
  const [voucherId = ''] = requirePositionals(positionals, 'VOUCHER')
  if ((options.accept ?? false) === (options.reject ?? false)) throw new UsageError('say --accept or --reject')
  await plainly(() =>
    withAssembly(async ({ gift }) => {
      const row = await settleRefund(gift, actorName(), { voucherId, accept: options.accept === true })
      printRecord(options.json, storedVoucherView(row))
    }),
  )
  return 0
}

async function offer(args: string[]): Promise<number> {
  const types = { kind: 'string', rate: 'string', rounding: 'string', funder: 'string', json: 'boolean' } as const
  const { options, positionals } = readArguments(args, types)
  const [brand = ''] = requirePositionals(positionals, 'BRAND')
  const { rounding, funder } = options
  const input = {
    brand,
    kind: choice<OfferKind>('kind', requireOption('kind', options.kind), OFFER_KINDS),
    rate: requireOption('rate', options.rate),
    ...(rounding !== undefined && { rounding: choice<OfferRounding>('rounding', rounding, OFFER_ROUNDINGS) }),
    ...(funder !== undefined && { funder: choice<OfferFunder>('funder', funder, OFFER_FUNDERS) }),
  }
  await withDatabase('writes', async ({ db, clock }) =>
    printRecord(options.json, storedOfferView(await db.transaction((sql) => createOffer({ db: sql, clock }, input)))),
  )
  return 0
}

async function offers(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [brand = ''] = requirePositionals(positionals, 'BRAND')
  await withDatabase('reads', async ({ db }) => {
    const { id } = await requireBrand(db, brand)
    const items = (await listOffers(db, id)).map(storedOfferView)
    printPage(options.json, { items, next: null }, ['id', 'kind', 'rate', 'rounding', 'funder', 'ended_at'])
  })
  return 0
}

async function finishOffer(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [brand = '', id = ''] = requirePositionals(positionals, 'BRAND', 'OFFER')
  await withDatabase('writes', ({ db, clock }) => db.transaction((sql) => endOffer({ db: sql, clock }, brand, id)))
  printRecord(options.json, { id, ended: true })
  return 0
}
