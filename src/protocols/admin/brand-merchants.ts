import { z } from 'zod'
import { requireBrand } from '../../operations/gift-cards/require-brand.ts'
import { requireUuid } from '../../operations/input.ts'
import { requireParty } from '../../operations/require-party.ts'
import {
  type BrandMerchant as BrandMerchantRow,
  deleteBrandMerchant,
  insertBrandMerchant,
  listBrandMerchants,
} from '../../storage/card-use.ts'
import type { Sql } from '../../storage/database.ts'
import { route } from './route.ts'
import { timestamp, uuid } from './schema.ts'

const AddBrandMerchant = z
  .strictObject({ party_id: uuid.describe('Into whose wallets cards of the brand may be redeemed') })
  .meta({ examples: [{ party_id: '0197b6a0-0000-7000-8000-000000000000' }] })

const BrandMerchants = z
  .object({
    items: z.array(
      z.object({
        party_id: uuid,
        name: z.string(),
        since: timestamp.nullable().describe('null: the business whose brand it is'),
      }),
    ),
  })
  .describe('Who takes the cards of a brand')

export const brandMerchantSchemas = { AddBrandMerchant, BrandMerchants }

const view = ({ since, ...row }: BrandMerchantRow) => ({ ...row, since: since?.toISOString() ?? null })
const show = async (sql: Sql, brandId: string) => ({ items: (await listBrandMerchants(sql, brandId)).map(view) })

export const brandMerchantRoutes = [
  route({
    method: 'GET',
    path: '/brands/{brand}/merchants',
    scope: 'brands:read',
    summary: 'List who takes the cards of a brand',
    output: BrandMerchants,
    handle: async (deps, { params }) => show(deps.db, (await requireBrand(deps.db, params.brand as string)).id),
  }),
  route({
    method: 'POST',
    path: '/brands/{brand}/merchants',
    scope: 'brands:write',
    summary: 'Let a party take the cards of a brand that Billfold issues',
    description: 'Asked again, nothing changes.',
    input: AddBrandMerchant,
    output: BrandMerchants,
    async handle(deps, { params, input }) {
      const brand = await requireBrand(deps.db, params.brand as string)
      const party = await requireParty(deps.db, input.party_id)
      await insertBrandMerchant(deps.db, brand.id, party.id)
      return show(deps.db, brand.id)
    },
  }),
  route({
    method: 'DELETE',
    path: '/brands/{brand}/merchants/{party_id}',
    scope: 'brands:write',
    summary: 'Let a party no longer take the cards of a brand',
    description: 'What was redeemed can still be refunded. Asked again, nothing changes.',
    status: 204,
    async handle(deps, { params }) {
      const brand = await requireBrand(deps.db, params.brand as string)
      await deleteBrandMerchant(deps.db, brand.id, requireUuid('party_id', params.party_id as string))
      return undefined
    },
  }),
]
