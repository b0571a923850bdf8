import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import { pageView } from '../../operations/directory-views.ts'
import { changeBrand } from '../../operations/gift-cards/change-brand.ts'
import { openBrand } from '../../operations/gift-cards/open-brand.ts'
import { requireBrand } from '../../operations/gift-cards/require-brand.ts'
import { brandView, brandViews, upstreamView } from '../../operations/gift-cards/views.ts'
import { listBrandsPage, type Brand as StoredBrand } from '../../storage/brands.ts'
import type { Sql } from '../../storage/database.ts'
import { brandCode, brandTerms, codes, readTerms, readUpstream, upstream } from './brand-schema.ts'
import { defined } from './defined.ts'
import { route } from './route.ts'
import { amount, circle, currency, DEFAULT_LIMIT, page, pageLimit, slug, timestamp, uuid } from './schema.ts'

const { name, values, discount, ...terms } = brandTerms

const supply = z
  .enum(['own', 'stock', 'upstream'])
  .describe('`own`: cards of ours with a balance; `stock`: codes that were uploaded; `upstream`: bought elsewhere')

const CreateBrand = z
  .strictObject({
    slug: slug(64),
    party_id: uuid.describe('The business that the money of sold cards is owed to'),
    currency,
    circle: circle.optional(),
    supply,
    name,
    values,
    discount: discount.optional(),
    ...z.object(terms).partial().shape,
    codes: codes.optional(),
    upstream: upstream.optional(),
  })
  .meta({
    examples: [
      {
        slug: 'cafe-rio',
        name: 'Café Río',
        party_id: '0197b6a0-0000-7000-8000-000000000000',
        currency: 'EUR',
        supply: 'own',
        values: { type: 'range', min: 5, max: 500, step: 5 },
        discount: 4.5,
        codes: { walleo: 'RIOFR', tillo: 'cafe-rio' },
      },
    ],
  })

const ChangeBrand = z
  .strictObject({
    ...z.object(brandTerms).partial().shape,
    codes: z.partialRecord(z.enum(['walleo', 'tillo', 'jackpot']), brandCode.nullable()).optional(),
    upstream: upstream.optional(),
  })
  .refine((input) => Object.keys(input).length > 0, 'name what to change')
  .describe('Of `texts` and `codes` only the members that are named change; those that are null are taken away')
  .meta({
    minProperties: 1,
    examples: [
      { status: 'paused', status_reason: 'The vendor is down' },
      { discount: '5.25', codes: { tillo: null } },
    ],
  })

const amounts = z.object({
  type: z.literal('fixed'),
  values: z.array(amount),
})
const range = z.object({ type: z.literal('range'), min: amount, max: amount, step: amount })

const Brand = z
  .object({
    id: uuid,
    slug: z.string(),
    name: z.string(),
    currency: z.string(),
    circle: z.string(),
    countries: z.array(z.string()),
    categories: z.array(z.string()),
    values: z.union([amounts, range]),
    discount: z.number().describe('Percent'),
    discount_keeper: terms.discount_keeper,
    validity_days: z.int().nullable(),
    delivery: z.array(z.string()),
    barcode: z.string(),
    supply,
    asynchronous: z.boolean(),
    cancellable: z.boolean(),
    status: terms.status,
    status_reason: z.string().nullable(),
    low_stock: z.int(),
    codes: z.record(z.string(), z.string()),
    texts: z.record(z.string(), z.unknown()),
    updated_at: timestamp,
  })
  .describe('Whose gift cards are sold')
const BrandPage = page(Brand)
const ShownBrand = Brand.extend({
  upstream: z
    .object({ protocol: z.enum(['walleo', 'tillo']), url: z.string(), code: z.string() })
    .nullable()
    .describe('Where it is bought, without the credentials'),
})

export const brandSchemas = { CreateBrand, ChangeBrand, Brand, BrandPage, ShownBrand }

async function show(deps: Pick<Deps, 'keyring'>, sql: Sql, brand: StoredBrand) {
  const [view] = await brandViews(sql, [brand])
  return { ...(view as NonNullable<typeof view>), upstream: upstreamView(deps.keyring, brand) }
}

export const brandRoutes = [
  route({
    method: 'GET',
    path: '/brands',
    scope: 'brands:read',
    summary: 'List brands',
    query: z.strictObject({
      limit: pageLimit,
      cursor: slug(64).optional().describe('`next` of the page before'),
    }),
    output: BrandPage,
    async handle(deps, { query: { limit = DEFAULT_LIMIT, cursor } }) {
      const rows = await listBrandsPage(deps.db, { after: cursor, limit: limit + 1 })
      const views = await brandViews(deps.db, rows)
      return pageView(
        views,
        limit,
        (view) => view,
        (view) => view.slug,
      )
    },
  }),
  route({
    method: 'POST',
    path: '/brands',
    scope: 'brands:write',
    summary: 'Create a brand with its accounts',
    status: 201,
    input: CreateBrand,
    output: Brand,
    once: 'ledger',
    async handle(deps, { actor, input, keep }) {
      const { slug, party_id: partyId, currency, circle, supply, name, values, codes, upstream, ...rest } = input
      const given = { ...readTerms(rest), ...defined({ circle, codes: codes && defined(codes) }) }
      const brand = { slug, partyId, currency, supply, name, values, ...given, ...readUpstream(upstream) }
      const view = (made: StoredBrand) => brandView(made, (codes ?? {}) as Record<string, string>)
      return view(await openBrand(deps, actor, brand, (made) => keep(view(made))))
    },
  }),
  route({
    method: 'GET',
    path: '/brands/{brand}',
    scope: 'brands:read',
    summary: 'Show a brand, by slug or id',
    output: ShownBrand,
    handle: async (deps, { params }) => show(deps, deps.db, await requireBrand(deps.db, params.brand as string)),
  }),
  route({
    method: 'PATCH',
    path: '/brands/{brand}',
    scope: 'brands:write',
    summary: 'Change how a brand is sold',
    description: 'Orders that are open keep the terms on which they were placed.',
    input: ChangeBrand,
    output: ShownBrand,
    once: 'transaction',
    async handle(deps, { sql, params, input: { codes, upstream, ...terms } }) {
      const change = { ...readTerms(terms), ...defined({ codes: codes && defined(codes) }), ...readUpstream(upstream) }
      return show(deps, sql, await changeBrand({ ...deps, db: sql }, params.brand as string, change))
    },
  }),
]
