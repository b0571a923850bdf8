import { html } from 'hono/html'
import { type Brand, type BrandFilter, searchBrands } from '../../../storage/brands.ts'
import { type Column, emptyState, field, linkButton, notice, pageHeading, select } from '../../components.ts'
import { sendConsole } from '../frame.ts'
import { anyOf, link, oneOf, statusTag } from '../gift-parts.ts'
import { type GiftWord, giftText } from '../gift-words.ts'
import { consoleList, filterOf, PAGE_ROWS, sendCsv } from '../list.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, OPERATORS } from '../route.ts'
import { valuesText } from './values.ts'
import { brandText as text } from './words.ts'

export const BRAND_STATUSES = ['enabled', 'paused', 'disabled'] as const
const SUPPLIES = ['own', 'stock', 'upstream'] as const

/** A page lists no more of what a search finds; a download lists all. */
const MOST_FOUND = 1_000

const filterIn = ({ query }: ConsoleCall): BrandFilter => ({
  search: filterOf(query, 'search'),
  status: oneOf(query, 'status', BRAND_STATUSES),
  supply: oneOf(query, 'supply', SUPPLIES),
})

/** A page of brands, for a list of them. */
export async function readBrandsPage(deps: ConsoleDeps, { language, query }: ConsoleCall, filter: BrandFilter) {
  const page = { after: filterOf(query, 'after'), limit: PAGE_ROWS + 1, most: MOST_FOUND }
  const { brands, cut } = await searchBrands(deps.db, filter, page)
  const note = cut ? notice('plain', text(language, 'cut', { count: MOST_FOUND.toLocaleString(language) })) : undefined
  return { rows: brands, note }
}

export const brandListRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/brands',
    who: OPERATORS,
    async handle(deps, call) {
      const { language, query } = call
      const { rows, note } = await readBrandsPage(deps, call, filterIn(call))
      const columns: Column<Brand>[] = [
        { label: text(language, 'name'), cell: ({ id, name }) => link(`/brands/${id}`, name) },
        { label: text(language, 'slug'), cell: ({ slug }) => html`<code>${slug}</code>` },
        { label: text(language, 'supply'), cell: ({ supply }) => giftText(language, `su-${supply}` as GiftWord) },
        { label: text(language, 'values_type'), cell: (brand) => valuesText(brand, language) },
        { label: text(language, 'discount'), numeric: true, cell: ({ discountBp }) => `${discountBp / 100} %` },
        { label: giftText(language, 'status'), cell: ({ status }) => statusTag(status, language) },
      ]
      const fields = html`${field({
        name: 'search',
        label: giftText(language, 'search'),
        hint: text(language, 'search-hint'),
        type: 'search',
        required: false,
        value: query.get('search') ?? '',
      })}${select({
        name: 'status',
        label: giftText(language, 'status'),
        value: query.get('status') ?? '',
        choices: anyOf(language, BRAND_STATUSES),
      })}${select({
        name: 'supply',
        label: text(language, 'supply'),
        value: query.get('supply') ?? '',
        choices: anyOf(language, SUPPLIES, 'su'),
      })}`
      const make = linkButton('/console/brands/new', text(language, 'new'), 'primary')
      const list = consoleList(call, {
        path: '/brands',
        caption: text(language, 'title'),
        columns,
        rows,
        note,
        cursor: ({ slug }) => slug,
        filters: { fields, names: ['search', 'status', 'supply'] },
        csv: true,
        empty: emptyState(text(language, 'empty'), make),
      })
      const title = text(language, 'title')
      const body = html`${pageHeading(title, { sub: text(language, 'sub'), actions: make })}${list}`
      return sendConsole(deps, call, { title, place: 'brands', body })
    },
  },
  {
    method: 'get',
    path: '/brands.csv',
    who: OPERATORS,
    handle: async (deps, call) =>
      sendCsv(call, {
        name: 'brands',
        header: [
          'id',
          'slug',
          'name',
          'currency',
          'circle',
          'supply',
          'discount',
          'discount_keeper',
          'status',
          'status_reason',
        ],
        read: async (after) => (await searchBrands(deps.db, filterIn(call), { after, limit: 500 })).brands,
        cursor: ({ slug }) => slug,
        line: (brand) => [
          brand.id,
          brand.slug,
          brand.name,
          brand.asset.code,
          brand.asset.circle,
          brand.supply,
          String(brand.discountBp / 100),
          brand.discountKeeper,
          brand.status,
          brand.statusReason,
        ],
      }),
  },
]
