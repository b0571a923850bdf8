import { amountToJson } from '../../domain/money.ts'
import type { Sql } from '../../storage/database.ts'
import { sumBreakage, sumLiability, sumSales } from '../../storage/gift-reports.ts'
import { OperationRefusal } from '../input.ts'
import { requireBrand } from './require-brand.ts'

// Reports, in JSON: for the admin API and the command line alike.

/** What holders of live cards of ours can still spend, by brand. */
export async function reportLiability(sql: Sql) {
  const rows = await sumLiability(sql)
  return rows.map(({ brand, currency, exponent, cards, outstanding }) => ({
    brand,
    currency,
    cards: Number(cards),
    outstanding: amountToJson(outstanding, exponent),
  }))
}

/** What expired unspent, by brand; in a period or since the beginning. */
export async function reportBreakage(sql: Sql, period: { from?: Date | undefined; to?: Date | undefined }) {
  const rows = await sumBreakage(sql, period)
  return rows.map(({ brand, currency, exponent, cards, expired, balance }) => ({
    brand,
    currency,
    cards: Number(cards),
    expired: amountToJson(expired, exponent),
    balance: amountToJson(balance, exponent),
  }))
}

const DAY = 86_400_000
const MOST_DAYS = 366

/** What was sold, by day (UTC) and brand. @param period first and last day, `2026-01-31` */
export async function reportSales(sql: Sql, period: { from: string; to: string; brand?: string | undefined }) {
  const from = new Date(`${period.from}T00:00:00Z`)
  const to = new Date(Date.parse(`${period.to}T00:00:00Z`) + DAY)
  const days = (to.getTime() - from.getTime()) / DAY
  if (!(days >= 1 && days <= MOST_DAYS))
    throw new OperationRefusal('invalid_input', 'to', `a period has 1 to ${MOST_DAYS} days`)
  const brandId = period.brand === undefined ? undefined : (await requireBrand(sql, period.brand)).id
  const rows = await sumSales(sql, { from, to, brandId })
  return rows.map(({ day, brand, currency, exponent, orders, value, cost, cancelled, cancelled_value }) => ({
    day,
    brand,
    currency,
    orders: Number(orders),
    value: amountToJson(value, exponent),
    cost: amountToJson(cost, exponent),
    cancelled: Number(cancelled),
    cancelled_value: amountToJson(cancelled_value, exponent),
  }))
}
