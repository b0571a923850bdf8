import { html } from 'hono/html'
import { LOCALES } from '../../../domain/format.ts'
import { BUSINESS_SALES, type BusinessDay, type BusinessSale } from '../../../storage/business-days.ts'
import { type Column, emptyState, table } from '../../components.ts'
import { formatMoney } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { chart } from '../chart.ts'
import { businessText as text } from './words.ts'

export const SALES_DAYS = 30
const DAY = 86_400_000

/** What was sold of each currency: today and in 30 days as figures, day by day as a picture. @param now ms since the epoch */
export function salesView(sold: readonly BusinessDay[], now: number, language: Language): Markup {
  const days = Array.from({ length: SALES_DAYS }, (_, index) =>
    new Date(now - (SALES_DAYS - 1 - index) * DAY).toISOString().slice(0, 10),
  )
  const currencies = [...new Set(sold.map(({ currency }) => currency))].sort()
  if (currencies.length === 0) return emptyState(text(language, 'sales-none'))
  return html`${currencies.map((currency) => {
    const own = sold.filter((day) => day.currency === currency)
    return currencyView(own, days, { code: currency, exponent: own[0]?.exponent ?? 2 }, language)
  })}`
}

function currencyView(
  sold: readonly BusinessDay[],
  days: readonly string[],
  asset: { code: string; exponent: number },
  language: Language,
): Markup {
  const kinds = BUSINESS_SALES.filter((what) => sold.some((day) => day.what === what))
  const sum = (what: BusinessSale, from: string | undefined) => {
    const rows = sold.filter((day) => day.what === what && (from === undefined || day.day === from))
    const amount = rows.reduce((all, day) => all + day.amount, 0n)
    const count = rows.reduce((all, day) => all + day.count, 0n)
    return text(language, 'count-of', {
      amount: formatMoney(amount, asset, language),
      count: count.toLocaleString(LOCALES[language]),
    })
  }
  const columns: Column<BusinessSale>[] = [
    { label: text(language, 'what'), cell: (what) => text(language, `what-${what}`) },
    { label: text(language, 'today'), numeric: true, cell: (what) => sum(what, days.at(-1)) },
    { label: text(language, 'thirty'), numeric: true, cell: (what) => sum(what, undefined) },
  ]
  const title = text(language, 'sales-title', { code: asset.code })
  const series = kinds.map((what) => ({
    label: text(language, `what-${what}`),
    values: days.map((day) => sold.find((one) => one.day === day && one.what === what)?.amount ?? 0n),
  }))
  return html`${table(title, columns, kinds)}${chart({
    id: `sales-${asset.code}`,
    title,
    unit: asset,
    days,
    series,
    kind: kinds.length === 1 ? 'bars' : 'lines',
    language,
  })}`
}
