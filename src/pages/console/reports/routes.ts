import { html } from 'hono/html'
import { formatAmount } from '../../../domain/money.ts'
import { findBrand } from '../../../storage/brands.ts'
import {
  type Breakage,
  type Liability,
  type MonthlySales,
  readBreakage,
  sumBreakage,
  sumDailySales,
  sumLiability,
  sumMonthlySales,
} from '../../../storage/gift-reports.ts'
import { readLiability } from '../../../storage/overview-figures.ts'
import {
  button,
  type Column,
  emptyState,
  field,
  linkButton,
  notice,
  pageHeading,
  section,
  table,
} from '../../components.ts'
import { formatMoney, formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import { chart } from '../chart.ts'
import { sendConsole } from '../frame.ts'
import { dayOf } from '../gift-parts.ts'
import { giftText } from '../gift-words.ts'
import { filterOf, sendCsv } from '../list.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, OPERATORS } from '../route.ts'
import { byDay, daysBetween, greatestBrands } from './sales.ts'
import { reportText as text } from './words.ts'

const DAY = 86_400_000
const MOST_DAYS = 366

type Period = { readonly from: Date; readonly to: Date; readonly wrong: boolean }

const isoDay = (at: Date) => at.toISOString().slice(0, 10)

/** First and last day; two months back and this one unless the search says otherwise. */
function periodOf(deps: ConsoleDeps, { query }: ConsoleCall): Period {
  const now = new Date(deps.clock())
  const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 2, 1))
  const to = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()))
  const wanted = { from: dayOf(query, 'from') ?? from, to: dayOf(query, 'to') ?? to }
  const days = (wanted.to.getTime() - wanted.from.getTime()) / DAY + 1
  return days >= 1 && days <= MOST_DAYS ? { ...wanted, wrong: false } : { from, to, wrong: true }
}

const after = (day: Date) => new Date(day.getTime() + DAY)

function periodForm(
  path: string,
  { from, to, wrong }: Period,
  { language, query }: ConsoleCall,
  brand: boolean,
): Markup {
  const day = (name: 'from' | 'to', value: Date) =>
    field({ name, label: giftText(language, name), type: 'date', value: isoDay(value) })
  const brandField = brand
    ? field({ name: 'brand', label: giftText(language, 'brand'), required: false, value: query.get('brand') ?? '' })
    : ''
  const sent = new URLSearchParams({
    from: isoDay(from),
    to: isoDay(to),
    ...(query.get('brand') && { brand: query.get('brand') ?? '' }),
  })
  return html`${wrong ? notice('plain', text(language, 'bad-period')) : ''}<form class="filters" method="get" action="/console${path}">${day(
    'from',
    from,
  )}${day('to', to)}${brandField}<div class="buttons">${button({
    label: text(language, 'show'),
    kind: 'quiet',
  })}${linkButton(`/console${path}.csv?${sent}`, text(language, 'csv'))}</div></form>`
}

/** A sum of everything, in each currency: the last line of a table. */
function totalsOf<Row extends { currency: string; exponent: number }>(
  rows: readonly Row[],
  amount: (row: Row) => bigint,
  language: ConsoleCall['language'],
) {
  const totals = new Map<string, { exponent: number; sum: bigint }>()
  for (const row of rows) {
    const so = totals.get(row.currency)?.sum ?? 0n
    totals.set(row.currency, { exponent: row.exponent, sum: so + amount(row) })
  }
  return [...totals].map(([code, { exponent, sum }]) => formatMoney(sum, { code, exponent }, language)).join(' · ')
}

async function readSales(deps: ConsoleDeps, call: ConsoleCall, { from, to }: Period) {
  const slug = filterOf(call.query, 'brand')?.toLowerCase()
  const brand = slug === undefined ? undefined : await findBrand(deps.db, { slug })
  if (slug !== undefined && !brand) return null
  const period = { from, to: after(to), brandId: brand?.id }
  return { period, rows: await sumMonthlySales(deps.db, period) }
}

const MOST_ROWS = 200

/** A page shows so many rows; a download has all. */
function cappedTable<Row>(
  { language }: ConsoleCall,
  caption: string,
  columns: Column<Row>[],
  rows: readonly Row[],
): Markup {
  const more = rows.length > MOST_ROWS ? html`<p class="soft">${text(language, 'more', { count: MOST_ROWS })}</p>` : ''
  return html`${table(caption, columns, rows.slice(0, MOST_ROWS))}${more}`
}

/** The rows of a report are there at once: they are one page of a download. */
const onePage = <Row>(rows: () => Promise<readonly Row[]>) => ({
  read: async (seen: string | undefined) => (seen === undefined ? rows() : []),
  cursor: () => 'end',
})

async function salesPage(deps: ConsoleDeps, call: ConsoleCall) {
  const { language } = call
  const period = periodOf(deps, call)
  const sold = await readSales(deps, call, period)
  const rows = sold?.rows ?? []
  const daily = sold && rows.length > 0 ? await sumDailySales(deps.db, sold.period, greatestBrands(rows)) : []
  const money = (row: MonthlySales, minor: bigint) =>
    formatMoney(minor, { code: row.currency, exponent: row.exponent }, language)
  const columns: Column<MonthlySales>[] = [
    { label: text(language, 'month'), cell: ({ month }) => month },
    { label: giftText(language, 'brand'), cell: ({ brand }) => brand },
    { label: text(language, 'orders'), numeric: true, cell: ({ orders }) => orders.toLocaleString(language) },
    { label: text(language, 'value'), numeric: true, cell: (row) => money(row, row.value) },
    { label: text(language, 'cost'), numeric: true, cell: (row) => money(row, row.cost) },
    { label: text(language, 'cancelled'), numeric: true, cell: ({ cancelled }) => cancelled.toLocaleString(language) },
    { label: text(language, 'cancelled-value'), numeric: true, cell: (row) => money(row, row.cancelled_value) },
  ]
  const days = daysBetween(period.from, period.to)
  const charts = [...Map.groupBy(daily, ({ currency }) => currency)].map(([currency, mine], index) =>
    chart({
      id: `sales-${index}`,
      title: text(language, 'sales-chart', { currency }),
      unit: { code: currency, exponent: mine[0]?.exponent ?? 0 },
      days,
      series: byDay(mine, days, text(language, 'others')),
      language,
    }),
  )
  const list =
    rows.length === 0
      ? emptyState(text(language, 'sales-empty'))
      : html`${charts}${cappedTable(call, text(language, 'sales'), columns, rows)}`
  const title = text(language, 'sales')
  const body = html`${pageHeading(title, { sub: text(language, 'sales-sub'), actions: linkButton('/console/reports', text(language, 'title')) })}${periodForm('/reports/sales', period, call, true)}${list}`
  return sendConsole(deps, call, { title, place: 'reports', body, charts: rows.length > 0 })
}

async function overviewPage(deps: ConsoleDeps, call: ConsoleCall) {
  const { language } = call
  const period = periodOf(deps, call)
  const [known, breakage] = await Promise.all([
    readLiability(deps.db, new Date(deps.clock())),
    readBreakage(deps.db, { from: period.from, to: after(period.to) }),
  ])
  const liability = known?.liability ?? []
  const money = (row: { currency: string; exponent: number }, minor: bigint) =>
    formatMoney(minor, { code: row.currency, exponent: row.exponent }, language)
  const owed: Column<Liability>[] = [
    { label: giftText(language, 'brand'), cell: ({ brand }) => brand },
    { label: text(language, 'cards'), numeric: true, cell: ({ cards }) => cards.toLocaleString(language) },
    { label: text(language, 'outstanding'), numeric: true, cell: (row) => money(row, row.outstanding) },
  ]
  const lost: Column<Breakage>[] = [
    { label: giftText(language, 'brand'), cell: ({ brand }) => brand },
    { label: text(language, 'cards'), numeric: true, cell: ({ cards }) => cards.toLocaleString(language) },
    { label: text(language, 'expired'), numeric: true, cell: (row) => money(row, row.expired) },
    { label: text(language, 'account'), numeric: true, cell: (row) => money(row, row.balance) },
  ]
  const owedPart =
    known === null
      ? emptyState(text(language, 'not-yet'), linkButton('/console/reports/liability.csv', text(language, 'csv')))
      : liability.length === 0
        ? emptyState(text(language, 'liability-empty'))
        : html`<p class="sum">${text(language, 'total')}: <strong>${totalsOf(liability, (row) => row.outstanding, language)}</strong></p>${cappedTable(call, text(language, 'liability'), owed, liability)}<p class="hint">${text(language, 'as-of')} ${formatTime(known.at, language)}</p><div class="buttons pager">${linkButton('/console/reports/liability.csv', text(language, 'csv'))}</div>`
  const lostPart = html`${periodForm('/reports', period, call, false)}${
    breakage.length === 0
      ? emptyState(text(language, 'breakage-empty'))
      : html`<p class="sum">${text(language, 'total')}: <strong>${totalsOf(breakage, (row) => row.expired, language)}</strong></p>${cappedTable(call, text(language, 'breakage'), lost, breakage)}`
  }`
  const title = text(language, 'title')
  const body = html`${pageHeading(title, {
    sub: text(language, 'sub'),
    actions: linkButton('/console/reports/sales', text(language, 'sales'), 'primary'),
  })}${section('liability', text(language, 'liability'), owedPart, { sub: text(language, 'liability-sub') })}${section(
    'breakage',
    text(language, 'breakage'),
    lostPart,
    { sub: text(language, 'breakage-sub') },
  )}`
  return sendConsole(deps, call, { title, place: 'reports', body })
}

/** Sums by brand: what is owed, what expired, what was sold. Of operators. */
export const reportRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/reports', who: OPERATORS, handle: overviewPage },
  {
    method: 'get',
    path: '/reports.csv',
    who: OPERATORS,
    async handle(deps, call) {
      const { from, to } = periodOf(deps, call)
      return sendCsv(call, {
        name: 'breakage',
        header: ['brand', 'currency', 'cards', 'expired', 'balance'],
        ...onePage(() => sumBreakage(deps.db, { from, to: after(to) })),
        line: (row) => [
          row.brand,
          row.currency,
          String(row.cards),
          formatAmount(row.expired, row.exponent),
          formatAmount(row.balance, row.exponent),
        ],
      })
    },
  },
  {
    method: 'get',
    path: '/reports/liability.csv',
    who: OPERATORS,
    handle: async (deps, call) =>
      sendCsv(call, {
        name: 'liability',
        header: ['brand', 'currency', 'cards', 'outstanding'],
        ...onePage(() => sumLiability(deps.db)),
        line: (row) => [row.brand, row.currency, String(row.cards), formatAmount(row.outstanding, row.exponent)],
      }),
  },
  { method: 'get', path: '/reports/sales', who: OPERATORS, handle: salesPage },
  {
    method: 'get',
    path: '/reports/sales.csv',
    who: OPERATORS,
    async handle(deps, call) {
      const period = periodOf(deps, call)
      return sendCsv(call, {
        name: 'sales',
        header: ['month', 'brand', 'currency', 'orders', 'value', 'cost', 'cancelled', 'cancelled_value'],
        ...onePage(async () => (await readSales(deps, call, period))?.rows ?? []),
        line: (row) => [
          row.month,
          row.brand,
          row.currency,
          String(row.orders),
          formatAmount(row.value, row.exponent),
          formatAmount(row.cost, row.exponent),
          String(row.cancelled),
          formatAmount(row.cancelled_value, row.exponent),
        ],
      })
    },
  },
]
