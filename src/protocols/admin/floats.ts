import { z } from 'zod'
import { openFloat } from '../../operations/gift-cards/create-partner.ts'
import { fundFloat } from '../../operations/gift-cards/fund-float.ts'
import { requirePartnerListing } from '../../operations/gift-cards/require-brand.ts'
import { floatView, fundedView } from '../../operations/gift-cards/views.ts'
import { listFloats } from '../../storage/partners.ts'
import { defined } from './defined.ts'
import { route } from './route.ts'
import { amount, circle, currency, limit, name, uuid, walletId } from './schema.ts'

const OpenFloat = z
  .strictObject({
    currency,
    circle: circle.optional(),
    lower: limit.optional().describe('Below zero is credit; 0 when left out'),
    upper: limit.optional(),
  })
  .meta({ examples: [{ currency: 'EUR' }] })

const Float = z
  .object({
    wallet: z.string(),
    currency: z.string(),
    circle: z.string(),
    balance: amount,
    held: amount,
    available: amount.nullable().describe('What can be spent; null: there is no limit'),
  })
  .describe('The wallet that a partner pays from in one currency')
const FloatList = z.object({ items: z.array(Float) })

const FundFloat = z
  .strictObject({
    source: walletId.describe('The wallet that pays, such as a gateway’s'),
    amount,
    circle: circle.optional(),
    description: name.optional(),
  })
  .meta({ examples: [{ source: 'bank:gateway:EUR', amount: '2500.00', description: 'Transfer of 3 May' }] })

const FundedFloat = z.object({
  reference: uuid.describe('The transaction'),
  partner: z.string(),
  source: z.string(),
  target: z.string(),
  currency: z.string(),
  amount,
})

export const floatSchemas = { OpenFloat, Float, FloatList, FundFloat, FundedFloat }

export const floatRoutes = [
  route({
    method: 'GET',
    path: '/partners/{partner}/floats',
    scope: 'partners:read',
    summary: 'List the floats of a partner with their balances',
    output: FloatList,
    async handle(deps, { params }) {
      const { id } = await requirePartnerListing(deps.db, params.partner as string)
      return { items: (await listFloats(deps.db, id)).map(floatView) }
    },
  }),
  route({
    method: 'POST',
    path: '/partners/{partner}/floats',
    scope: 'floats:write',
    summary: 'Open a float at balance zero',
    status: 201,
    input: OpenFloat,
    output: Float,
    once: 'ledger',
    async handle(deps, { actor, params, input: { currency, ...rest }, keep }) {
      const partner = await requirePartnerListing(deps.db, params.partner as string)
      const view = ({ listing: { explicit_id: wallet, ...row } }: Awaited<ReturnType<typeof openFloat>>) =>
        floatView({ wallet, ...row })
      const opened = await openFloat(deps, actor, partner, { currency, ...defined(rest) }, (it) => keep(view(it)))
      return view(opened)
    },
  }),
  route({
    method: 'POST',
    path: '/partners/{partner}/floats/{currency}/fund',
    scope: 'floats:write',
    summary: 'Put money into a float',
    description: 'A movement of the ledger: send an `Idempotency-Key`, so that a repeat moves nothing more.',
    status: 201,
    input: FundFloat,
    output: FundedFloat,
    once: 'ledger',
    async handle(deps, { actor, params, input: { source, amount: sum, ...rest }, keep }) {
      const float = { partner: params.partner as string, currency: (params.currency as string).toUpperCase() }
      const input = { ...float, source, amount: sum, ...defined(rest) }
      return fundedView(await fundFloat(deps, actor, input, (funded) => keep(fundedView(funded))))
    },
  }),
]
