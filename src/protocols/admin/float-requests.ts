import { z } from 'zod'
import { amountToJson } from '../../domain/money.ts'
import { pageView } from '../../operations/directory-views.ts'
import { decideFloatRequest, type FloatDecision } from '../../operations/gift-cards/decide-float-request.ts'
import { requirePartnerListing } from '../../operations/gift-cards/require-brand.ts'
import { FLOAT_REQUEST_STATES, type FloatRequestRow, listFloatRequests } from '../../storage/float-requests.ts'
import { route } from './route.ts'
import {
  amount,
  currency,
  DEFAULT_LIMIT,
  page,
  pageLimit,
  slug,
  timestamp,
  uuid,
  uuidCursor,
  walletId,
} from './schema.ts'

const source = walletId.describe('The wallet that pays, such as a gateway’s')
const ApproveFloatRequest = z.strictObject({ source }).meta({ examples: [{ source: 'bank:gateway:EUR' }] })
const EditFloatRequest = z
  .strictObject({ source, amount: amount.describe('Instead of the amount that was asked for') })
  .meta({ examples: [{ source: 'bank:gateway:EUR', amount: '950.00' }] })

const FloatRequest = z
  .object({
    id: uuid,
    partner: z.string(),
    currency: z.string(),
    amount,
    approved: amount.nullable().describe('What was put into the float; null: nothing'),
    payment_reference: z.string(),
    status: z.enum(FLOAT_REQUEST_STATES),
    transaction: uuid.nullable(),
    created_at: timestamp,
    decided_at: timestamp.nullable(),
  })
  .describe('Money that a partner asks to be put into its float')
const FloatRequestPage = page(FloatRequest)

export const floatRequestSchemas = { ApproveFloatRequest, EditFloatRequest, FloatRequest, FloatRequestPage }

const floatRequestView = (row: FloatRequestRow) => ({
  id: row.id,
  partner: row.partner,
  currency: row.currency,
  amount: amountToJson(row.amount, row.exponent),
  approved: row.approved === null ? null : amountToJson(row.approved, row.exponent),
  payment_reference: row.reference,
  status: row.status,
  transaction: row.transaction_id,
  created_at: row.created_at.toISOString(),
  decided_at: row.decided_at?.toISOString() ?? null,
})

const path = '/float-requests/{request_id}'
const ONCE = 'A request is decided once: the second time it is a conflict, and moves nothing.'

type Decide = Parameters<typeof decideFloatRequest>[4]
const decide = async (
  deps: Parameters<typeof decideFloatRequest>[0],
  {
    actor,
    params,
    keep,
  }: { actor: string; params: Record<string, string>; keep: (answer: object) => ReturnType<NonNullable<Decide>> },
  decision: FloatDecision,
) =>
  floatRequestView(
    await decideFloatRequest(deps, actor, params.request_id as string, decision, (row) => keep(floatRequestView(row))),
  )

export const floatRequestRoutes = [
  route({
    method: 'GET',
    path: '/float-requests',
    scope: 'float-requests:read',
    summary: 'List what partners ask to be put into their floats, newest first',
    query: z.strictObject({
      limit: pageLimit,
      cursor: uuidCursor,
      partner: slug(63).optional().describe('Slug; of all partners when left out'),
      currency: currency.optional().describe('Only those in this currency'),
      status: z.enum(FLOAT_REQUEST_STATES).optional().describe('Only those that are in this state'),
    }),
    output: FloatRequestPage,
    async handle(deps, { query: { limit: most = DEFAULT_LIMIT, cursor, partner, currency: code, status } }) {
      const partnerId = partner === undefined ? undefined : (await requirePartnerListing(deps.db, partner)).id
      const filter = { partnerId, currency: code, status }
      const rows = await listFloatRequests(deps.db, filter, { before: cursor, limit: most + 1 })
      return pageView(rows, most, floatRequestView, (row) => row.id)
    },
  }),
  route({
    method: 'POST',
    path: `${path}/approve`,
    scope: 'float-requests:write',
    summary: 'Put the money that was asked for into the float',
    description: ONCE,
    input: ApproveFloatRequest,
    output: FloatRequest,
    once: 'ledger',
    handle: (deps, call) => decide(deps, call, { approve: true, source: call.input.source }),
  }),
  route({
    method: 'POST',
    path: `${path}/edit`,
    scope: 'float-requests:write',
    summary: 'Put another amount than the one that was asked for into the float',
    description: ONCE,
    input: EditFloatRequest,
    output: FloatRequest,
    once: 'ledger',
    handle: (deps, call) => decide(deps, call, { approve: true, ...call.input }),
  }),
  route({
    method: 'POST',
    path: `${path}/remove`,
    scope: 'float-requests:write',
    summary: 'Turn a request down',
    description: ONCE,
    output: FloatRequest,
    once: 'ledger',
    handle: (deps, call) => decide(deps, call, { approve: false }),
  }),
]
