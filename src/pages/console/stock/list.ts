import { html } from 'hono/html'
import type { Brand } from '../../../storage/brands.ts'
import { countShelves, listNotices, type ShelfLevel, type StockNoticeListing } from '../../../storage/stock-levels.ts'
import { type Column, emptyState, field, linkButton, pageHeading, section, table } from '../../components.ts'
import { formatMoney, formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { readBrandsPage } from '../brands/list.ts'
import { sendConsole } from '../frame.ts'
import { link } from '../gift-parts.ts'
import { giftText } from '../gift-words.ts'
import { consoleList, filterOf, PAGE_ROWS } from '../list.ts'
import { type ConsoleRoute, OPERATORS } from '../route.ts'
import { stockText as text } from './words.ts'

/** Codes of one value are counted no further: a page must not take longer the more there are. */
const MOST_COUNTED = 1_000
const MOST_NOTICES = 20

export const countText = (remaining: number, most: number, language: Language): string =>
  remaining < most
    ? remaining.toLocaleString(language)
    : text(language, 'or-more', { count: most.toLocaleString(language) })

export const lowTag = (language: Language): Markup => html`<span class="tag bad">${text(language, 'low')}</span>`

/** Which values ran low, newest first. */
export function noticesPart(rows: readonly StockNoticeListing[], language: Language): Markup | string {
  if (rows.length === 0) return ''
  const columns: Column<StockNoticeListing>[] = [
    { label: giftText(language, 'brand'), cell: ({ brand, brand_id: id }) => link(`/brands/${id}/stock`, brand) },
    {
      label: giftText(language, 'value'),
      numeric: true,
      cell: ({ face, currency, exponent }) => formatMoney(face, { code: currency, exponent }, language),
    },
    { label: text(language, 'remaining'), numeric: true, cell: ({ remaining }) => remaining.toLocaleString(language) },
    { label: giftText(language, 'when'), cell: ({ at }) => formatTime(at, language) },
  ]
  return section('notices', text(language, 'notices'), table(text(language, 'notices'), columns, rows), {
    sub: text(language, 'notices-sub'),
  })
}

export const stockListRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/stock',
    who: OPERATORS,
    async handle(deps, call) {
      const { language, query } = call
      const filter = { supply: 'stock', search: filterOf(query, 'search') } as const
      const { rows, note } = await readBrandsPage(deps, call, filter)
      const [levels, notices] = await Promise.all([
        countShelves(deps.db, {
          brandIds: rows.slice(0, PAGE_ROWS).map(({ id }) => id),
          today: new Date(deps.clock()),
          most: MOST_COUNTED,
        }),
        listNotices(deps.db, { limit: MOST_NOTICES }),
      ])
      const shelf = ({ face, remaining, low }: ShelfLevel, brand: Brand) =>
        html`<li>${formatMoney(face, brand.asset, language)}: <strong>${countText(
          remaining,
          MOST_COUNTED,
          language,
        )}</strong> ${low ? lowTag(language) : ''}</li>`
      const columns: Column<Brand>[] = [
        { label: giftText(language, 'brand'), cell: ({ id, name }) => link(`/brands/${id}/stock`, name) },
        {
          label: text(language, 'remaining'),
          cell: (brand) => {
            const mine = levels.filter(({ brand_id: id }) => id === brand.id)
            return mine.length === 0
              ? text(language, 'no-codes')
              : html`<ul class="shelves">${mine.map((level) => shelf(level, brand))}</ul>`
          },
        },
      ]
      const list = consoleList(call, {
        path: '/stock',
        caption: text(language, 'title'),
        columns,
        rows,
        note,
        cursor: ({ slug }) => slug,
        filters: {
          fields: field({
            name: 'search',
            label: giftText(language, 'brand'),
            type: 'search',
            required: false,
            value: query.get('search') ?? '',
          }),
          names: ['search'],
        },
        empty: emptyState(text(language, 'empty'), linkButton('/console/brands', giftText(language, 'brand'))),
      })
      const title = text(language, 'title')
      const body = html`${pageHeading(title, { sub: text(language, 'sub') })}${list}${noticesPart(notices, language)}`
      return sendConsole(deps, call, { title, place: 'stock', body })
    },
  },
]
