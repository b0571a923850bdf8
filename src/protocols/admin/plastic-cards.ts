import { z } from 'zod'
import { pageView } from '../../operations/directory-views.ts'
import { MOST_PLASTIC_CARDS, makePlasticCards } from '../../operations/gift-cards/plastic-cards.ts'
import { requireBrand } from '../../operations/gift-cards/require-brand.ts'
import { listPlasticCards, type PlasticCardListing } from '../../storage/plastic-cards.ts'
import { route } from './route.ts'
import { DEFAULT_LIMIT, page, pageLimit, timestamp, uuid, uuidCursor } from './schema.ts'

const MakePlasticCards = z
  .strictObject({ count: z.int().min(1).max(MOST_PLASTIC_CARDS) })
  .meta({ examples: [{ count: 2 }] })
const MadePlasticCards = z.object({
  items: z
    .array(z.object({ id: uuid, code: z.string(), pin: z.string() }))
    .describe('To be printed. Shown in this answer and nowhere else'),
})
const PlasticCard = z.object({
  id: uuid,
  card_id: uuid.nullable().describe('The card that it has become; null: it has no value yet'),
  created_at: timestamp,
})
const PlasticCardPage = page(PlasticCard)

export const plasticCardSchemas = { MakePlasticCards, MadePlasticCards, PlasticCard, PlasticCardPage }

const view = ({ id, card_id, created_at }: PlasticCardListing) => ({
  id,
  card_id,
  created_at: created_at.toISOString(),
})

const path = '/brands/{brand}/plastic-cards'

export const plasticCardRoutes = [
  route({
    method: 'GET',
    path,
    scope: 'stock:read',
    summary: 'List the printed cards of a brand, without their codes',
    query: z.strictObject({ limit: pageLimit, cursor: uuidCursor }),
    output: PlasticCardPage,
    async handle(deps, { params, query: { limit: most = DEFAULT_LIMIT, cursor } }) {
      const { id: brandId } = await requireBrand(deps.db, params.brand as string)
      const rows = await listPlasticCards(deps.db, { brandId, after: cursor, limit: most + 1 })
      return pageView(rows, most, view, (row) => row.id)
    },
  }),
  route({
    method: 'POST',
    path,
    scope: 'stock:write',
    summary: 'Make cards without value, to be printed',
    description: 'Each is given a value once, by the partner that activates it or that sends it.',
    status: 201,
    input: MakePlasticCards,
    output: MadePlasticCards,
    once: 'transaction',
    async handle(deps, { sql, actor, params, input }) {
      const brand = params.brand as string
      const made = await makePlasticCards({ ...deps.gift, db: sql }, actor, { brand, count: input.count })
      return { items: made.map(({ id, code, pin }) => ({ id, code, pin: pin as string })) }
    },
  }),
]
