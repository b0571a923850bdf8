const DAY = 24 * 3_600_000

/** How long a consent may last, as an owner chooses; ms. */
const LENGTHS = { day: DAY, month: 30 * DAY, quarter: 90 * DAY, year: 365 * DAY, withdrawn: null } as const

export type Period = keyof typeof LENGTHS

export const PERIODS = Object.keys(LENGTHS) as Period[]

/** Long enough for what recurs, and not for ever unless somebody says so. */
export const USUAL_PERIOD: Period = 'year'

export const isPeriod = (text: string | undefined): text is Period => text !== undefined && Object.hasOwn(LENGTHS, text)

/** @returns ms since the epoch; null: no end */
export function endOf(period: Period, now: number): number | null {
  const length = LENGTHS[period]
  return length === null ? null : now + length
}
