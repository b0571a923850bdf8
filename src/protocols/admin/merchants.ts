import { z } from 'zod'
import { pageView } from '../../operations/directory-views.ts'
import { OperationRefusal } from '../../operations/input.ts'
import {
  changeMerchant,
  createMerchantKey,
  endMerchantKey,
  endPlan,
  rotateMerchantSecret,
  setPlan,
} from '../../operations/purchases/change-merchant.ts'
import { createCompany, createMerchant } from '../../operations/purchases/create-merchant.ts'
import type { PlanInput } from '../../operations/purchases/merchant-input.ts'
import { requireMerchant } from '../../operations/purchases/require-merchant.ts'
import { companyView, merchantKeyView, merchantView } from '../../operations/purchases/views.ts'
import { listMerchantKeys } from '../../storage/merchant-keys.ts'
import { disableMerchant, listCompanies, listMerchants } from '../../storage/merchants.ts'
import { defined } from './defined.ts'
import {
  ChangeMerchant,
  Company,
  CompanyPage,
  CreateCompany,
  CreatedMerchant,
  CreatedMerchantKey,
  CreateMerchant,
  CreateMerchantKey,
  Merchant,
  MerchantKeys,
  MerchantPage,
  MerchantSecret,
  Plan,
} from './merchant-schema.ts'
import { route } from './route.ts'
import { DEFAULT_LIMIT, pageLimit, uuidCursor } from './schema.ts'

const planInput = ({ fee_bp: feeBp, min_amount: minAmount, max_amount: maxAmount, ...rest }: z.output<typeof Plan>) =>
  ({ ...defined(rest), ...defined({ feeBp, minAmount, maxAmount }) }) as PlanInput

/** What creation and change have in common, by its other names. */
const settings = (input: z.output<typeof ChangeMerchant>) =>
  defined({
    name: input.name,
    requiresSignature: input.requires_signature,
    manualCapture: input.manual_capture,
    linkSeconds: input.link_seconds,
    paymentNotificationUrl: input.payment_notification_url,
    errorNotificationUrl: input.error_notification_url,
    redirectHosts: input.redirect_hosts,
  })

export const merchantRoutes = [
  route({
    method: 'GET',
    path: '/companies',
    scope: 'merchants:read',
    summary: 'List companies',
    query: z.strictObject({ limit: pageLimit, cursor: uuidCursor }),
    output: CompanyPage,
    async handle(deps, { query: { limit: most = DEFAULT_LIMIT, cursor } }) {
      const rows = await listCompanies(deps.db, { after: cursor, limit: most + 1 })
      return pageView(rows, most, companyView, (row) => row.id)
    },
  }),
  route({
    method: 'POST',
    path: '/companies',
    scope: 'merchants:write',
    summary: 'Create a company, which groups the merchants of a business',
    status: 201,
    input: CreateCompany,
    output: Company,
    once: 'transaction',
    handle: async (deps, { sql, input: { party_id: partyId, name } }) =>
      companyView(await createCompany({ ...deps, db: sql }, { partyId, name })),
  }),
  route({
    method: 'GET',
    path: '/merchants',
    scope: 'merchants:read',
    summary: 'List merchants',
    query: z.strictObject({ limit: pageLimit, cursor: uuidCursor }),
    output: MerchantPage,
    async handle(deps, { query: { limit: most = DEFAULT_LIMIT, cursor } }) {
      const rows = await listMerchants(deps.db, { after: cursor, limit: most + 1 })
      return pageView(rows, most, merchantView, (row) => row.id)
    },
  }),
  route({
    method: 'POST',
    path: '/merchants',
    scope: 'merchants:write',
    summary: 'Let a business sell by the Pledg protocol, in one currency; its secret is shown once',
    status: 201,
    input: CreateMerchant,
    output: CreatedMerchant,
    once: 'transaction',
    async handle(deps, { sql, input }) {
      const { party_id: partyId, name, wallet, company, financing, fees, plans } = input
      const made = await createMerchant(
        { ...deps, db: sql },
        {
          ...(settings(input) as object),
          ...defined({ company, financing, fees }),
          partyId,
          name,
          wallet,
          plans: plans.map(planInput),
        },
      )
      return { ...merchantView(made.merchant), secret: made.secret }
    },
  }),
  route({
    method: 'GET',
    path: '/merchants/{merchant}',
    scope: 'merchants:read',
    summary: 'Show a merchant, by uid or id',
    output: Merchant,
    handle: async (deps, { params }) => merchantView(await requireMerchant(deps.db, params.merchant as string)),
  }),
  route({
    method: 'PATCH',
    path: '/merchants/{merchant}',
    scope: 'merchants:write',
    summary: 'Change a merchant; what is left out stays',
    input: ChangeMerchant,
    output: Merchant,
    async handle(deps, { params, input }) {
      const merchant = await requireMerchant(deps.db, params.merchant as string)
      await changeMerchant(deps.db, merchant, settings(input))
      return merchantView(await requireMerchant(deps.db, merchant.id))
    },
  }),
  route({
    method: 'POST',
    path: '/merchants/{merchant}/disable',
    scope: 'merchants:write',
    summary: 'End a merchant for good',
    description: 'It gets no new purchases; what people owe is still collected. Asked again, nothing changes.',
    output: Merchant,
    async handle(deps, { params }) {
      const { id } = await requireMerchant(deps.db, params.merchant as string)
      await disableMerchant(deps.db, id)
      return merchantView(await requireMerchant(deps.db, id))
    },
  }),
  route({
    method: 'POST',
    path: '/merchants/{merchant}/plans',
    scope: 'merchants:write',
    summary: 'Add a plan, or change the one of its name',
    description: 'Purchases keep the terms that were accepted.',
    input: Plan,
    output: Merchant,
    async handle(deps, { params, input }) {
      const merchant = await requireMerchant(deps.db, params.merchant as string)
      await setPlan(deps.db, merchant, planInput(input))
      return merchantView(await requireMerchant(deps.db, merchant.id))
    },
  }),
  route({
    method: 'DELETE',
    path: '/merchants/{merchant}/plans/{plan}',
    scope: 'merchants:write',
    summary: 'Offer a plan no more',
    status: 204,
    async handle(deps, { params }) {
      await endPlan(deps.db, await requireMerchant(deps.db, params.merchant as string), params.plan as string)
      return undefined
    },
  }),
  route({
    method: 'POST',
    path: '/merchants/{merchant}/secret',
    scope: 'merchants:write',
    summary: 'Give a merchant a new secret, shown once; the one before ends at once',
    output: MerchantSecret,
    once: 'transaction',
    async handle(deps, { sql, params }) {
      const merchant = await requireMerchant(sql, params.merchant as string)
      return { secret: await rotateMerchantSecret({ ...deps, db: sql }, merchant) }
    },
  }),
  route({
    method: 'GET',
    path: '/merchants/{merchant}/keys',
    scope: 'merchants:read',
    summary: 'List the API keys of a merchant and of its company, without their secrets',
    output: MerchantKeys,
    async handle(deps, { params }) {
      const { id: merchantId, companyId } = await requireMerchant(deps.db, params.merchant as string)
      return { items: (await listMerchantKeys(deps.db, { merchantId, companyId })).map(merchantKeyView) }
    },
  }),
  route({
    method: 'POST',
    path: '/merchants/{merchant}/keys',
    scope: 'merchants:write',
    summary: 'Create an API key; its secret is shown once',
    status: 201,
    input: CreateMerchantKey,
    output: CreatedMerchantKey,
    once: 'transaction',
    async handle(deps, { sql, params, input }) {
      const { id: merchantId, companyId } = await requireMerchant(sql, params.merchant as string)
      if (input.of === 'company' && companyId === null)
        throw new OperationRefusal('conflict', 'of', 'the merchant is of no company')
      const of = input.of === 'company' ? { companyId: companyId as string } : { merchantId }
      const made = await createMerchantKey({ ...deps, db: sql }, of)
      const { id, key, secret } = made
      return { id, key, merchant_id: made.merchantId, company_id: made.companyId, secret }
    },
  }),
  route({
    method: 'DELETE',
    path: '/merchants/{merchant}/keys/{key_id}',
    scope: 'merchants:write',
    summary: 'Revoke an API key; its access tokens end within 5 seconds',
    status: 204,
    async handle(deps, { params }) {
      const merchant = await requireMerchant(deps.db, params.merchant as string)
      await endMerchantKey(deps.db, merchant, params.key_id as string)
      return undefined
    },
  }),
]
