import { html, raw } from 'hono/html'
import { formatDay, LOCALES } from '../../domain/format.ts'
import { formatAmount } from '../../domain/money.ts'
import { type Column, table } from '../components.ts'
import { formatMoney } from '../format.ts'
import type { Markup } from '../layout.ts'
import { defineMessages, type Language } from '../messages.ts'

const words = defineMessages({
  en: { figures: 'The figures', day: 'Day' },
  fr: { figures: 'Les chiffres', day: 'Jour' },
})

export type Chart = {
  /** unique on the page */
  id: string
  title: string
  /** money in minor units of an asset, or things that are counted */
  unit: { code: string; exponent: number } | 'count'
  /** days (UTC) in order, `YYYY-MM-DD` */
  days: readonly string[]
  /** at most six; one value for each day */
  series: readonly { label: string; values: readonly bigint[] }[]
  kind?: 'lines' | 'bars'
  language: Language
}

/**
 * A course of days. `console/chart.js` draws it with uPlot from the block of data that stands beside it; the same figures are a table,
 * which is all that those without a script need. The page must be sent with `charts: true`.
 */
export function chart({ id, title, unit, days, series, kind = 'lines', language }: Chart): Markup {
  const exponent = unit === 'count' ? 0 : unit.exponent
  const data = {
    kind,
    locale: LOCALES[language],
    day: words(language, 'day'),
    unit: unit === 'count' ? '' : unit.code,
    exponent,
    // A picture needs no more digits than a float has; the table has them all.
    days: days.map((day) => Date.parse(`${day}T00:00:00Z`) / 1000),
    series: series.map(({ label, values }) => ({
      label,
      values: values.map((value) => Number(formatAmount(value, exponent))),
    })),
  }
  const text = (value: bigint) =>
    unit === 'count' ? value.toLocaleString(LOCALES[language]) : formatMoney(value, unit, language)
  const columns: Column<number>[] = [
    { label: words(language, 'day'), cell: (index) => formatDay(new Date(`${days[index]}T00:00:00Z`), language) },
    ...series.map(({ label, values }) => ({
      label,
      numeric: true,
      cell: (index: number) => text(values[index] ?? 0n),
    })),
  ]
  const newestFirst = days.map((_, index) => days.length - 1 - index)
  return html`<figure class="chart" id="${id}"><figcaption>${title}</figcaption>
<div class="plot" aria-hidden="true"></div><script type="application/json">${dataBlock(data)}</script>
<details><summary>${words(language, 'figures')}</summary>${table(title, columns, newestFirst)}</details></figure>`
}

/** JSON that no label can end or turn into markup: a block of data is read by no parser but ours. */
const dataBlock = (data: object) => raw(JSON.stringify(data).replaceAll('<', '\\u003c'))
