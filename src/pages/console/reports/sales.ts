import type { DailySales, MonthlySales } from '../../../storage/gift-reports.ts'

const MOST_SERIES = 6

/** Ids of the brands that stand for themselves in the picture of a currency: the greatest; the rest are one line together. */
export function greatestBrands(rows: readonly MonthlySales[]): string[] {
  return [...Map.groupBy(rows, ({ currency }) => currency).values()].flatMap((mine) => {
    const totals = new Map<string, bigint>()
    for (const { brand_id: id, value } of mine) totals.set(id, (totals.get(id) ?? 0n) + value)
    const sorted = [...totals].sort(([, a], [, b]) => (a < b ? 1 : a > b ? -1 : 0)).map(([id]) => id)
    return sorted.length > MOST_SERIES ? sorted.slice(0, MOST_SERIES - 1) : sorted
  })
}

export type DailySeries = { readonly label: string; readonly values: readonly bigint[] }

/**
 * The value sold on each day, brand by brand.
 * @param rows of one currency
 * @param days `2026-01-31`, in order
 */
export function byDay(rows: readonly DailySales[], days: readonly string[], others: string): DailySeries[] {
  const place = new Map(days.map((day, index) => [day, index]))
  return [...Map.groupBy(rows, ({ brand }) => brand)]
    .sort(([a], [b]) => Number(a === null) - Number(b === null))
    .map(([brand, mine]) => {
      const values = days.map(() => 0n)
      for (const { day, value } of mine) {
        const index = place.get(day)
        if (index !== undefined) values[index] = value
      }
      return { label: brand ?? others, values }
    })
}

/** All days from the first to the last. */
export function daysBetween(from: Date, to: Date): string[] {
  const days: string[] = []
  for (let at = from.getTime(); at <= to.getTime(); at += 86_400_000) days.push(new Date(at).toISOString().slice(0, 10))
  return days
}
