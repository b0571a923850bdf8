import type { Sales } from '../../../storage/gift-reports.ts'

/** What was sold of a brand in a month. Amounts in minor units. */
export type MonthlySales = Omit<Sales, 'day'> & { readonly month: string }

/** By month, newest first, then by brand. */
export function byMonth(rows: readonly Sales[]): MonthlySales[] {
  const months = new Map<string, MonthlySales>()
  for (const { day, ...row } of rows) {
    const month = day.slice(0, 7)
    const key = `${month} ${row.brand} ${row.currency}`
    const so = months.get(key)
    months.set(key, {
      ...row,
      month,
      orders: row.orders + (so?.orders ?? 0n),
      value: row.value + (so?.value ?? 0n),
      cost: row.cost + (so?.cost ?? 0n),
      cancelled: row.cancelled + (so?.cancelled ?? 0n),
      cancelled_value: row.cancelled_value + (so?.cancelled_value ?? 0n),
    })
  }
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  return [...months.values()].sort((a, b) => order(b.month, a.month) || order(a.brand, b.brand))
}

export type DailySeries = { readonly label: string; readonly values: readonly bigint[] }

const MOST_SERIES = 6

/**
 * The value sold on each day, brand by brand; of many brands the greatest, and the rest together.
 * @param rows of one currency
 * @param days `2026-01-31`, in order
 */
export function byDay(rows: readonly Sales[], days: readonly string[], others: string): DailySeries[] {
  const place = new Map(days.map((day, index) => [day, index]))
  const totals = new Map<string, bigint>()
  for (const { brand, value } of rows) totals.set(brand, (totals.get(brand) ?? 0n) + value)
  const greatest = [...totals.keys()].sort((a, b) => Number((totals.get(b) ?? 0n) - (totals.get(a) ?? 0n)))
  const shown = greatest.length > MOST_SERIES ? greatest.slice(0, MOST_SERIES - 1) : greatest
  const labels = shown.length < greatest.length ? [...shown, others] : shown
  const values = new Map(labels.map((label) => [label, days.map(() => 0n)]))
  for (const { brand, day, value } of rows) {
    const index = place.get(day)
    const series = values.get(shown.includes(brand) ? brand : others)
    if (series && index !== undefined) series[index] = (series[index] ?? 0n) + value
  }
  return labels.map((label) => ({ label, values: values.get(label) ?? [] }))
}

/** All days from the first to the last. */
export function daysBetween(from: Date, to: Date): string[] {
  const days: string[] = []
  for (let at = from.getTime(); at <= to.getTime(); at += 86_400_000) days.push(new Date(at).toISOString().slice(0, 10))
  return days
}
