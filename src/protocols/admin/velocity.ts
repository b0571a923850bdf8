import { z } from 'zod'
import { pageView } from '../../operations/directory-views.ts'
import { addVelocityRule } from '../../operations/gift-cards/velocity-limits.ts'
import { velocityView } from '../../operations/gift-cards/views.ts'
import { requireUuid } from '../../operations/input.ts'
import { deleteVelocityRule, listVelocityRules } from '../../storage/velocity-rules.ts'
import { defined } from './defined.ts'
import { route } from './route.ts'
import {
  amount,
  circle,
  currency,
  DEFAULT_LIMIT,
  page,
  pageLimit,
  slug,
  timestamp,
  uuid,
  uuidCursor,
} from './schema.ts'

const subject = z
  .enum(['partner', 'card', 'recipient', 'address'])
  .describe('Whose use is counted: each partner’s, card’s (top-ups), recipient’s, or address’s that requests come from')
const period = z
  .int()
  .min(1)
  .max(31_622_400)
  .describe('Periods are counted from 1970-01-01T00:00:00Z: 86400 is a day in UTC')

const CreateVelocityRule = z
  .strictObject({
    partner: slug(63).optional().describe('Slug; every partner when left out'),
    brand: slug(64).optional().describe('Slug; every brand when left out'),
    subject,
    period_seconds: period,
    max_count: z.int().min(1).max(1_000_000_000).optional(),
    max_amount: amount.optional(),
    currency: currency.optional().describe('Of `max_amount`; the rule is about nothing else then'),
    circle: circle.optional(),
  })
  .describe('At least one of `max_count` and `max_amount`')
  .meta({
    examples: [{ partner: 'acme', subject: 'recipient', period_seconds: 86400, max_amount: 500, currency: 'EUR' }],
  })

const VelocityRule = z.object({
  id: uuid,
  partner: z.string().nullable(),
  brand: z.string().nullable(),
  subject,
  period_seconds: period,
  max_count: z.int().nullable(),
  max_amount: amount.nullable(),
  currency: z.string().nullable(),
  circle: z.string().nullable(),
  created_at: timestamp,
})
const VelocityRulePage = page(VelocityRule)

export const velocitySchemas = { CreateVelocityRule, VelocityRule, VelocityRulePage }

export const velocityRoutes = [
  route({
    method: 'GET',
    path: '/velocity-rules',
    scope: 'velocity:read',
    summary: 'List the limits on how much may be bought in a period',
    query: z.strictObject({ limit: pageLimit, cursor: uuidCursor }),
    output: VelocityRulePage,
    async handle(deps, { query: { limit = DEFAULT_LIMIT, cursor } }) {
      const rows = await listVelocityRules(deps.db, { after: cursor, limit: limit + 1 })
      return pageView(rows, limit, velocityView, (row) => row.id)
    },
  }),
  route({
    method: 'POST',
    path: '/velocity-rules',
    scope: 'velocity:write',
    summary: 'Limit how much may be bought in a period',
    description: 'Every server knows of it within 5 seconds.',
    status: 201,
    input: CreateVelocityRule,
    output: VelocityRule,
    once: 'transaction',
    async handle(deps, { sql, input }) {
      const { subject, period_seconds: periodSeconds, max_count: maxCount, max_amount: maxAmount, ...rest } = input
      const rule = { subject, periodSeconds, ...defined({ ...rest, maxCount, maxAmount }) }
      return velocityView(await addVelocityRule({ db: sql, clock: deps.clock }, rule))
    },
  }),
  route({
    method: 'DELETE',
    path: '/velocity-rules/{rule_id}',
    scope: 'velocity:write',
    summary: 'End a limit',
    description: 'It ends within 5 seconds in every server. Asked again, nothing changes.',
    status: 204,
    async handle(deps, { params }) {
      await deleteVelocityRule(deps.db, requireUuid('rule_id', params.rule_id as string))
      return undefined
    },
  }),
]
