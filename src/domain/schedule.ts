/** A calendar day, `yyyy-mm-dd`; days begin at midnight UTC. */
export type Day = string

/** How a purchase may be paid. */
export type PlanTerms =
  | { readonly kind: 'now' }
  /** all of it once, days later */
  | { readonly kind: 'deferred'; readonly days: number }
  /** the first part at once, the others month by month */
  | { readonly kind: 'instalments'; readonly parts: number }

/** One payment. Minor units; what the person pays is `amount + fee`. */
export type SchedulePart = { readonly amount: bigint; readonly fee: bigint; readonly due: Day }

/** What Pledg's documents leave open about schedules. */
export const scheduleRules = {
  /** which part takes the minor units that do not divide: the first one */
  remainder: 'first',
  /** nothing is due later than so many months after the purchase; the same day of the last month still is in time */
  longestMonths: 12,
  mostParts: 48,
} as const

export type ScheduleErrorCode = 'amount-too-small' | 'second-date-invalid' | 'terms-invalid'

/** A schedule that cannot be made. */
export class ScheduleError extends Error {
  override name = 'ScheduleError'
  readonly code: ScheduleErrorCode

  constructor(code: ScheduleErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

export type ScheduleInput = {
  /** minor units, above zero */
  readonly amount: bigint
  readonly terms: PlanTerms
  /** day of the purchase */
  readonly created: Day
  /** day of the second instalment; a month after the purchase when left out */
  readonly second?: Day | undefined
  /** of the amount, in hundredths of a percent; rounded half up to the minor unit */
  readonly feeBp?: number | undefined
}

/**
 * When and in which parts a purchase is paid. The parts are equal but for the remainder and sum up to the amount; so do their
 * fees. Instalments keep the day of the second one in every month that has it, and fall on the last day of a shorter one. What
 * would be due later than 12 months after the purchase is merged into the last part that is in time.
 * @throws {ScheduleError}
 */
export function simulateSchedule(input: ScheduleInput): SchedulePart[] {
  const { amount, terms, created, second, feeBp = 0 } = input
  if (amount <= 0n) throw new ScheduleError('amount-too-small', 'the amount is not above zero')
  if (!Number.isInteger(feeBp) || feeBp < 0 || feeBp > 10_000) {
    throw new ScheduleError('terms-invalid', 'a fee has 0 to 10000 hundredths of a percent')
  }
  const fee = (amount * BigInt(feeBp) + 5_000n) / 10_000n
  if (terms.kind === 'now') return [{ amount, fee, due: created }]
  if (terms.kind === 'deferred') return [{ amount, fee, due: deferredDay(created, terms.days) }]
  return instalments(input, terms.parts, fee, created, second)
}

function deferredDay(created: Day, days: number): Day {
  const due = Number.isInteger(days) && days > 0 && days <= 366 ? addDays(created, days) : undefined
  if (due === undefined || due > addMonths(created, scheduleRules.longestMonths)) {
    throw new ScheduleError('terms-invalid', 'a deferred payment is due 1 day to 12 months later')
  }
  return due
}

function instalments(
  { amount }: ScheduleInput,
  count: number,
  fee: bigint,
  created: Day,
  second?: Day,
): SchedulePart[] {
  if (!Number.isInteger(count) || count < 2 || count > scheduleRules.mostParts) {
    throw new ScheduleError('terms-invalid', `there are 2 to ${scheduleRules.mostParts} instalments`)
  }
  if (amount < BigInt(count))
    throw new ScheduleError('amount-too-small', 'there is less than one minor unit for each part')
  const last = addMonths(created, scheduleRules.longestMonths)
  if (second !== undefined && (!isDay(second) || second <= created || second > last)) {
    throw new ScheduleError('second-date-invalid', 'the second instalment is after the purchase, within 12 months')
  }
  const anchor = second ?? addMonths(created, 1)
  // Counted from the first of them each time: so the 31st comes back after a February.
  const dayOf = (index: number) =>
    index === 0 ? created : second === undefined ? addMonths(created, index) : addMonths(anchor, index - 1)
  const fees = splitEvenly(fee, count)
  const parts: SchedulePart[] = []
  for (const [index, part] of splitEvenly(amount, count).entries()) {
    const next = { amount: part, fee: fees[index] as bigint, due: dayOf(index) }
    const before = parts.at(-1)
    if (before && next.due > last) {
      parts[parts.length - 1] = { ...before, amount: before.amount + next.amount, fee: before.fee + next.fee }
    } else parts.push(next)
  }
  return parts
}

/** Equal shares; what does not divide is in the first one. */
export function splitEvenly(whole: bigint, count: number): bigint[] {
  const share = whole / BigInt(count)
  return Array.from({ length: count }, (_, index) => (index === 0 ? whole - share * BigInt(count - 1) : share))
}

/** Whether it is a day that the calendar has, from 1970 to 9999. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text < '1970') return false
  const at = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(at) && dayAt(at) === text
}

/** The day of a moment. @param ms since the epoch */
export const dayAt = (ms: number): Day => new Date(ms).toISOString().slice(0, 10)

/** When a day begins; ms since the epoch. */
export const startOf = (day: Day): number => Date.parse(`${day}T00:00:00Z`)

export const addDays = (day: Day, days: number): Day => dayAt(startOf(day) + days * 86_400_000)

/** The same day months later, or the last one of a month that does not have it. */
export function addMonths(day: Day, months: number): Day {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number]
  const lastDate = new Date(Date.UTC(year, month + months, 0)).getUTCDate()
  return dayAt(Date.UTC(year, month - 1 + months, Math.min(date, lastDate)))
}
