import { z } from 'zod'
import { OFFER_FUNDERS, OFFER_KINDS, OFFER_ROUNDINGS } from '../../domain/offer.ts'
import { pageView } from '../../operations/directory-views.ts'
import { requireBrand, requirePartnerListing } from '../../operations/gift-cards/require-brand.ts'
import { OperationRefusal, requireUuid } from '../../operations/input.ts'
import {
  accountView,
  changeJackpotAccount,
  createJackpotAccount,
  requireJackpotAccount,
  rotateClientSecretOf,
} from '../../operations/jackpot/jackpot-account.ts'
import { createOffer, endOffer, storedOfferView } from '../../operations/jackpot/offers.ts'
import { settleRefund } from '../../operations/jackpot/refund-voucher.ts'
import { storedVoucherView } from '../../operations/jackpot/voucher-view.ts'
import { listOffers } from '../../storage/voucher-offers.ts'
import { findVoucher, listVouchers, VOUCHER_STATES } from '../../storage/vouchers.ts'
import { defined } from './defined.ts'
import { route } from './route.ts'
import { amount, circle, currency, DEFAULT_LIMIT, page, pageLimit, timestamp, uuid, uuidCursor } from './schema.ts'

const rate = amount
  .describe('Percent with up to two decimals: of the price for a bonus, of the value for a discount')
  .meta({ examples: [10] })
const rounding = z
  .enum(OFFER_ROUNDINGS)
  .describe('To what a price is rounded up: `minor`, the cent, or `whole`, the euro; never above the value')
const funder = z
  .enum(OFFER_FUNDERS)
  .describe(
    'Who carries the difference: `brand` gets the price alone; `operator` pays the brand what any card brings it, and keeps or adds the rest',
  )

const CreateOffer = z
  .strictObject({ kind: z.enum(OFFER_KINDS), rate, rounding: rounding.optional(), funder: funder.optional() })
  .meta({
    examples: [
      { kind: 'bonus', rate: 10 },
      { kind: 'discount', rate: '7.5', rounding: 'whole', funder: 'operator' },
    ],
  })

const Offer = z
  .object({
    id: uuid,
    kind: z.enum(OFFER_KINDS),
    rate: z.number(),
    rounding,
    funder,
    created_at: timestamp,
    ended_at: timestamp.nullable(),
  })
  .describe('On which terms a brand is sold as vouchers. They never change: end it and make another')
const OfferList = z.object({ items: z.array(Offer) })

const settings = {
  allowed_domains: z
    .array(z.string().max(255))
    .max(50)
    .describe('Who may frame the page of a session: `shop.example`, `*.shop.example`, with a port or `:*`'),
  notification_url: z.string().max(2000).nullable().describe('Where notifications go, https; null: nowhere'),
  confirmation: z
    .enum(['manual', 'automatic'])
    .describe('Whether reservations wait for the partner; `forceManualConfirm` of a session overrides `automatic`'),
  callback_url: z
    .string()
    .max(2000)
    .nullable()
    .describe('Deprecated: told of reservations and cards, too. What it answers confirms nothing. null: off'),
}

const CreateJackpotAccount = z
  .strictObject({ currency, circle: circle.optional(), ...z.object(settings).partial().shape })
  .describe('The partner has a float in this currency')
  .meta({
    examples: [
      {
        currency: 'EUR',
        allowed_domains: ['shop.example'],
        notification_url: 'https://shop.example/jackpot-notifications',
        confirmation: 'manual',
      },
    ],
  })
const ChangeJackpotAccount = z
  .strictObject(z.object(settings).partial().shape)
  .refine((input) => Object.keys(input).length > 0, 'name what to change')
  .meta({ minProperties: 1, examples: [{ allowed_domains: ['shop.example', 'www.shop.example:8443'] }] })

const JackpotAccount = z
  .object({
    partner_id: uuid,
    currency: z.string(),
    circle: z.string(),
    ...settings,
    created_at: timestamp,
    updated_at: timestamp,
  })
  .describe('What a partner of the Jackpot protocol has beyond its credentials')
const CreatedJackpotAccount = JackpotAccount.extend({
  credential_id: uuid.describe('Of key and signature, which are rotated and revoked as any credential'),
  api_key: z.string().describe('Shown in this answer and nowhere else, as are the two that follow'),
  api_signature: z.string(),
  client_secret: z.string(),
})
const JackpotClientSecret = z.object({ client_secret: z.string().describe('Shown in this answer and nowhere else') })

const Voucher = z
  .object({
    id: uuid.describe('Also of its order'),
    coupon_id: z.string(),
    state: z.enum(VOUCHER_STATES),
    brand_id: uuid,
    offer_id: uuid,
    notification_key: z.string(),
    currency: z.string(),
    value: amount,
    price: amount,
    automatic: z.boolean().describe('Whether nobody is to confirm it'),
    reserved_at: timestamp,
    expires_at: timestamp.describe('Of the reservation'),
    confirmed_at: timestamp.nullable(),
    ready_at: timestamp.nullable(),
  })
  .describe('An order with an offer, a reservation and a confirmation')
const VoucherPage = page(Voucher)

const SettleRefund = z
  .strictObject({ accept: z.boolean().describe('true: the card ends and the price goes back; false: it is kept') })
  .meta({ examples: [{ accept: true }] })

export const jackpotSchemas = {
  CreateOffer,
  Offer,
  OfferList,
  CreateJackpotAccount,
  ChangeJackpotAccount,
  JackpotAccount,
  CreatedJackpotAccount,
  JackpotClientSecret,
  Voucher,
  VoucherPage,
  SettleRefund,
}

type Settings = { [Name in keyof typeof settings]?: z.output<(typeof settings)[Name]> | undefined }

const readSettings = (input: Settings) =>
  defined({
    allowedDomains: input.allowed_domains,
    notificationUrl: input.notification_url,
    confirmation: input.confirmation,
    callbackUrl: input.callback_url,
  })

export const jackpotRoutes = [
  route({
    method: 'GET',
    path: '/brands/{brand}/offers',
    scope: 'brands:read',
    summary: 'List the offers of a brand, the newest first, those that have ended too',
    output: OfferList,
    async handle(deps, { params }) {
      const { id } = await requireBrand(deps.db, params.brand as string)
      return { items: (await listOffers(deps.db, id)).map(storedOfferView) }
    },
  }),
  route({
    method: 'POST',
    path: '/brands/{brand}/offers',
    scope: 'brands:write',
    summary: 'Sell a brand as vouchers on new terms',
    description:
      'The brand also needs a code of `jackpot`. Partners with a notification address are told `store/update`.',
    status: 201,
    input: CreateOffer,
    output: Offer,
    once: 'transaction',
    async handle(deps, { sql, params, input }) {
      const { kind, rate, ...rest } = input
      return storedOfferView(
        await createOffer({ ...deps, db: sql }, { brand: params.brand as string, kind, rate, ...defined(rest) }),
      )
    },
  }),
  route({
    method: 'DELETE',
    path: '/brands/{brand}/offers/{offer_id}',
    scope: 'brands:write',
    summary: 'End an offer; what was reserved under it stays',
    description: 'Asked again, nothing changes.',
    status: 204,
    async handle(deps, { params }) {
      await deps.db.transaction((db) => endOffer({ ...deps, db }, params.brand as string, params.offer_id as string))
      return undefined
    },
  }),
  route({
    method: 'POST',
    path: '/partners/{partner}/jackpot',
    scope: 'partners:write',
    summary: 'Let a partner sell vouchers out of one of its floats; its secrets are shown once',
    status: 201,
    input: CreateJackpotAccount,
    output: CreatedJackpotAccount,
    once: 'transaction',
    async handle(deps, { sql, params, input: { currency, circle, ...rest } }) {
      const input = { partner: params.partner as string, currency, ...defined({ circle }), ...readSettings(rest) }
      const made = await createJackpotAccount({ ...deps, db: sql }, input)
      return {
        ...accountView(made.account),
        credential_id: made.credentialId,
        api_key: made.apiKey,
        api_signature: made.apiSignature,
        client_secret: made.clientSecret,
      }
    },
  }),
  route({
    method: 'GET',
    path: '/partners/{partner}/jackpot',
    scope: 'partners:read',
    summary: 'Show the Jackpot account of a partner, without its secrets',
    output: JackpotAccount,
    handle: async (deps, { params }) =>
      accountView((await requireJackpotAccount(deps.db, params.partner as string)).account),
  }),
  route({
    method: 'PATCH',
    path: '/partners/{partner}/jackpot',
    scope: 'partners:write',
    summary: 'Change domains, addresses and confirmation',
    input: ChangeJackpotAccount,
    output: JackpotAccount,
    handle: async (deps, { params, input }) =>
      accountView(await changeJackpotAccount(deps, params.partner as string, readSettings(input))),
  }),
  route({
    method: 'POST',
    path: '/partners/{partner}/jackpot/client-secret',
    scope: 'partners:write',
    summary: 'Make a new client secret; the old one and its sessions end at once',
    description: 'Key and signature rotate as credentials: make a second one, then revoke the first.',
    status: 201,
    output: JackpotClientSecret,
    once: 'transaction',
    handle: async (_deps, { sql, params }) => ({
      client_secret: (await rotateClientSecretOf({ db: sql }, params.partner as string)).clientSecret,
    }),
  }),
  route({
    method: 'GET',
    path: '/partners/{partner}/vouchers',
    scope: 'orders:read',
    summary: 'List the vouchers of a partner, the newest first',
    query: z.strictObject({ limit: pageLimit, cursor: uuidCursor }),
    output: VoucherPage,
    async handle(deps, { params, query: { limit: most = DEFAULT_LIMIT, cursor } }) {
      const { id: partnerId } = await requirePartnerListing(deps.db, params.partner as string)
      const rows = await listVouchers(deps.db, { partnerId, before: cursor, limit: most + 1 })
      return pageView(rows, most, storedVoucherView, (row) => row.id)
    },
  }),
  route({
    method: 'GET',
    path: '/vouchers/{voucher_id}',
    scope: 'orders:read',
    summary: 'Show a voucher',
    output: Voucher,
    async handle(deps, { params }) {
      const row = await findVoucher(deps.db, { id: requireUuid('voucher_id', params.voucher_id as string) })
      if (!row) throw new OperationRefusal('not_found', 'voucher_id', 'there is no such voucher')
      return storedVoucherView(row)
    },
  }),
  route({
    method: 'POST',
    path: '/vouchers/{voucher_id}/refund',
    scope: 'orders:write',
    summary: 'Decide, for the store, the refund that a partner has asked for',
    description: 'A voucher that is `ready` is taken back unasked, too. Asked the same again, nothing changes.',
    input: SettleRefund,
    output: Voucher,
    handle: async (deps, { actor, params, input }) =>
      storedVoucherView(
        await settleRefund(deps.gift, actor, { voucherId: params.voucher_id as string, accept: input.accept }),
      ),
  }),
]
