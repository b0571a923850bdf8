import { html } from 'hono/html'
import { isUuid } from '../../../operations/input.ts'
import { type Brand, findBrand } from '../../../storage/brands.ts'
import {
  findStockImport,
  listStockRefusals,
  type StockImportRow,
  type StockRefusal,
} from '../../../storage/stock-imports.ts'
import { type Column, definitionList, emptyState, linkButton, notice, pageHeading, section } from '../../components.ts'
import { formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import { PageProblem } from '../../problem.ts'
import { sendConsole } from '../frame.ts'
import { link, statusTag } from '../gift-parts.ts'
import { giftText } from '../gift-words.ts'
import { consoleList, filterOf, PAGE_ROWS, sendCsv } from '../list.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, OPERATORS } from '../route.ts'
import { stockText as text } from './words.ts'

/** What became of an upload, line by line. */
async function requireImport(deps: ConsoleDeps, call: ConsoleCall): Promise<{ row: StockImportRow; brand: Brand }> {
  const id = call.param('id')
  const row = isUuid(id) ? await findStockImport(deps.db, id) : undefined
  const brand = row && (await findBrand(deps.db, { id: row.brand_id }))
  if (!row || !brand) throw new PageProblem('not-found')
  return { row, brand }
}

function countsOf(row: StockImportRow, brand: Brand, { language }: ConsoleCall): Markup {
  const count = (value: number) => value.toLocaleString(language)
  return definitionList([
    [giftText(language, 'brand'), link(`/brands/${brand.id}/stock`, brand.name)],
    [giftText(language, 'status'), statusTag(row.status, language)],
    [text(language, 'lines'), count(row.lines)],
    [text(language, 'added'), count(row.added)],
    ...(['in-file', 'in-stock', 'malformed'] as const).map((reason) => {
      const counts = { 'in-file': row.in_file, 'in-stock': row.in_stock, malformed: row.malformed }
      return [html`${text(language, 'refused')}: ${text(language, reason)}`, count(counts[reason])] as const
    }),
    [text(language, 'by'), row.principal],
    [giftText(language, 'when'), formatTime(row.at, language)],
    ...(row.ended_at ? [[text(language, 'ended'), formatTime(row.ended_at, language)] as const] : []),
  ])
}

/** The cursor: number of the line before. */
function lineAfter(query: URLSearchParams): number | undefined {
  const after = filterOf(query, 'after')
  return after !== undefined && /^\d{1,9}$/.test(after) ? Number(after) : undefined
}

export const stockReportRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/stock/:id/report',
    who: OPERATORS,
    async handle(deps, call) {
      const { language, query } = call
      const { row, brand } = await requireImport(deps, call)
      const rows = await listStockRefusals(deps.db, { importId: row.id, after: lineAfter(query), limit: PAGE_ROWS + 1 })
      const columns: Column<StockRefusal>[] = [
        { label: text(language, 'line'), cell: ({ line }) => line.toLocaleString(language) },
        { label: giftText(language, 'reason'), cell: ({ reason }) => text(language, reason) },
        { label: giftText(language, 'detail'), cell: ({ detail }) => detail ?? '' },
        { label: text(language, 'code'), cell: ({ mask }) => html`<code class="whole">${mask ?? ''}</code>` },
      ]
      const running = row.status === 'running'
      const list = consoleList(call, {
        path: `/stock/${row.id}/report`,
        caption: text(language, 'refused-title'),
        columns,
        rows,
        cursor: ({ line }) => String(line),
        csv: true,
        empty: emptyState(text(language, running ? 'no-refused-yet' : 'no-refused')),
      })
      const title = text(language, 'report-title', { name: row.name })
      const going = running
        ? html`<div class="notice plain" id="running" role="status"><p>${text(language, 'running')} ${row.lines.toLocaleString(
            language,
          )}</p><progress aria-label="${text(language, 'sending')}"></progress><p>${text(language, 'running-hint')}</p>${linkButton(
            `/console/stock/${row.id}/report`,
            text(language, 'refresh'),
          )}</div>`
        : ''
      const next =
        row.status === 'done' && row.added > 0
          ? notice(
              'good',
              html`${text(language, 'can-sell', { brand: brand.name })} ${link(`/brands/${brand.id}/stock`, text(language, 'see-levels'))} · <a href="/tools/signature#walleo">${text(
                language,
                'sign-call',
              )}</a> · ${link('/orders', text(language, 'see-orders'))}`,
            )
          : ''
      const body = html`${pageHeading(title, {
        actions: linkButton(`/console/brands/${brand.id}/stock`, text(language, 'again')),
      })}${going}${next}<section class="part">${countsOf(row, brand, call)}</section>${section(
        'refusals',
        text(language, 'refused-title'),
        list,
      )}`
      return sendConsole(deps, call, {
        title,
        place: 'stock',
        body,
        ...(running && { script: 'console/stock.js' as const }),
      })
    },
  },
  {
    method: 'get',
    path: '/stock/:id/report.csv',
    who: OPERATORS,
    async handle(deps, call) {
      const { row } = await requireImport(deps, call)
      return sendCsv(call, {
        name: 'refused-lines',
        header: ['line', 'reason', 'detail', 'code'],
        read: (after) =>
          listStockRefusals(deps.db, {
            importId: row.id,
            after: after === undefined ? undefined : Number(after),
            limit: 1_000,
          }),
        cursor: ({ line }) => String(line),
        line: ({ line, reason, detail, mask }) => [String(line), reason, detail, mask],
      })
    },
  },
]
