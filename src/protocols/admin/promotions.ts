import { z } from 'zod'
import { readDiscount } from '../../operations/gift-cards/brand-input.ts'
import { requireBrand } from '../../operations/gift-cards/require-brand.ts'
import { OperationRefusal } from '../../operations/input.ts'
import { endPromotion, insertPromotion, listPromotions, type PromotionRow } from '../../storage/promotions.ts'
import { route } from './route.ts'
import { amount, moment, name, timestamp } from './schema.ts'

const code = z.string().regex(/^[A-Z0-9]{7}$/, 'must be 7 capitals or digits')
const discount = amount.describe('Percent of the value, with up to two decimals, instead of the brand’s own')

const CreatePromotion = z
  .strictObject({
    code,
    name,
    discount,
    description: name.optional(),
    starts_at: moment,
    ends_at: moment.optional().describe('Until it is ended when left out'),
    priority: z.int().min(0).max(1_000_000).optional().describe('Of several the lowest counts, and none comes last'),
    restrictions: name.optional().describe('What partners are told'),
  })
  .meta({
    examples: [{ code: 'SUMMER1', name: 'Summer', discount: '7.5', starts_at: '2026-06-01T00:00:00Z' }],
  })

const Promotion = z
  .object({
    code,
    name: z.string(),
    discount,
    description: z.string().nullable(),
    starts_at: timestamp,
    ends_at: timestamp.nullable(),
    priority: z.int().nullable(),
    restrictions: z.string().nullable(),
  })
  .describe('A discount for a while; partners have it, also where the operator keeps the brand’s own')
const PromotionList = z.object({ items: z.array(Promotion) })

export const promotionSchemas = { CreatePromotion, Promotion, PromotionList }

const promotionView = (row: PromotionRow) => ({
  code: row.code,
  name: row.name,
  discount: row.discount_bp / 100,
  description: row.description,
  starts_at: row.starts_at.toISOString(),
  ends_at: row.ends_at?.toISOString() ?? null,
  priority: row.priority,
  restrictions: row.restrictions,
})

const path = '/brands/{brand}/promotions'

export const promotionRoutes = [
  route({
    method: 'GET',
    path,
    scope: 'brands:read',
    summary: 'List the promotions of a brand that run or are to come, the one that counts first',
    output: PromotionList,
    async handle(deps, { params }) {
      const { id } = await requireBrand(deps.db, params.brand as string)
      return { items: (await listPromotions(deps.db, id, new Date(deps.clock()))).map(promotionView) }
    },
  }),
  route({
    method: 'POST',
    path,
    scope: 'brands:write',
    summary: 'Sell a brand at another discount for a while',
    description: 'Servers know it within five seconds.',
    status: 201,
    input: CreatePromotion,
    output: Promotion,
    once: 'transaction',
    async handle(_deps, { sql, params, input }) {
      const { id } = await requireBrand(sql, params.brand as string)
      const [startsAt, endsAt] = [
        new Date(input.starts_at),
        input.ends_at === undefined ? null : new Date(input.ends_at),
      ]
      if (endsAt !== null && endsAt <= startsAt)
        throw new OperationRefusal('invalid_input', 'ends_at', 'a promotion ends after it starts')
      const made = await insertPromotion(sql, {
        brand_id: id,
        code: input.code,
        name: input.name,
        description: input.description ?? null,
        discount_bp: readDiscount(input.discount),
        starts_at: startsAt,
        ends_at: endsAt,
        priority: input.priority ?? null,
        restrictions: input.restrictions ?? null,
      })
      if (!made) throw new OperationRefusal('already_exists', 'code', 'the brand has had a promotion of this code')
      return promotionView(made)
    },
  }),
  route({
    method: 'DELETE',
    path: `${path}/{code}`,
    scope: 'brands:write',
    summary: 'End a promotion now',
    description: 'Asked again, nothing changes.',
    status: 204,
    async handle(deps, { params }) {
      const { id } = await requireBrand(deps.db, params.brand as string)
      await endPromotion(deps.db, id, params.code as string, new Date(deps.clock()))
      return undefined
    },
  }),
]
