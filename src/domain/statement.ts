/** What a movement of a business's account is, in the lines of its statement. Their sums, and the opening balance, make the closing one. */
export const STATEMENT_LINES = ['sales', 'redemptions', 'issued', 'credits', 'fees', 'deposits', 'payouts'] as const
export type StatementLineName = (typeof STATEMENT_LINES)[number]

/** Whose the other account of a movement is. */
export const COUNTERPARTIES = ['float', 'card', 'settlement', 'revenue', 'other'] as const
export type CounterpartyKind = (typeof COUNTERPARTIES)[number]

/** What was sold before is taken back, or given back. */
const CREDITS = new Set([
  'gift-card-cancellation',
  'gift-card-top-up-cancellation',
  'gift-card-cash-out',
  'gift-card-failure',
  'card-refund',
  'purchase-credit',
  'refunds',
])
/** Cards and value on cards, by whichever protocol. */
const CARD_SALES = new Set([
  'gift-card',
  'gift-card-order',
  'gift-card-activation',
  'gift-card-top-up',
  'voucher-confirmation',
])
const SALES = new Set(['purchase', 'purchase-capture', 'charges'])

/**
 * The line that a movement belongs to. Total: whatever is not known otherwise came in or went out.
 * @param movement.kind of its transaction. @param movement.amount minor units, negative: out of the account
 */
export function statementLineOf({
  kind,
  counterparty,
  amount,
}: {
  kind: string
  counterparty: CounterpartyKind
  amount: bigint
}): StatementLineName {
  if (counterparty === 'revenue') return 'fees'
  if (CREDITS.has(kind)) return 'credits'
  if (kind === 'card-redemption') return 'redemptions'
  if (kind === 'card-top-up') return 'issued'
  if (CARD_SALES.has(kind)) return counterparty === 'card' ? 'issued' : 'sales'
  if (SALES.has(kind)) return 'sales'
  // A payment to a business is what it was paid for; one by it is money that leaves.
  if (kind === 'payments' && amount > 0n) return 'sales'
  return amount > 0n ? 'deposits' : 'payouts'
}

/** A day or a month in UTC. */
export type Period = {
  /** `2026-11` or `2026-11-22` */
  readonly name: string
  readonly unit: 'month' | 'day'
  readonly from: Date
  /** the first moment that does not belong to it */
  readonly until: Date
}

/** @returns null for what names no day or month from 2000 to 2999 */
export function readPeriod(name: string): Period | null {
  const [, year, month, day] = /^(2\d{3})-(0[1-9]|1[0-2])(?:-([0-3]\d))?$/.exec(name) ?? []
  if (year === undefined || month === undefined) return null
  const first = Date.UTC(Number(year), Number(month) - 1, day === undefined ? 1 : Number(day))
  const from = new Date(first)
  const unit = day === undefined ? 'month' : 'day'
  // The 31st of a month that has 30 days.
  if (nameOf(from, unit) !== name) return null
  return { name, unit, from, until: unit === 'month' ? nextMonth(from, 1) : new Date(first + 86_400_000) }
}

/** The period in which a moment lies. */
export const periodAt = (moment: Date, unit: Period['unit']): Period => readPeriod(nameOf(moment, unit)) as Period

/** @param count negative: before it */
export const monthsLater = ({ from }: Period, count: number): Period => periodAt(nextMonth(from, count), 'month')

export const dayBefore = ({ from }: Period): Period => periodAt(new Date(from.getTime() - 1), 'day')

/** The days of a month, in order. */
export function daysOf({ from, until }: Period): Period[] {
  const days: Period[] = []
  for (let at = from.getTime(); at < until.getTime(); at += 86_400_000) days.push(periodAt(new Date(at), 'day'))
  return days
}

const nameOf = (at: Date, unit: Period['unit']) => at.toISOString().slice(0, unit === 'month' ? 7 : 10)
const nextMonth = (from: Date, count: number) =>
  new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + count, 1))
