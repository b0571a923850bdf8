import { readCourse } from '../../ledger/balance-course.ts'
import type { Sql } from '../../storage/database.ts'

/** How far back a chart looks: days, and into how many steps it cuts them. */
export const RANGES = {
  week: { days: 7, steps: 42 },
  month: { days: 30, steps: 60 },
  quarter: { days: 90, steps: 90 },
  year: { days: 365, steps: 73 },
} as const
export type Range = keyof typeof RANGES

export const isRange = (text: string | undefined): text is Range => text !== undefined && Object.hasOwn(RANGES, text)

/** Balances in minor units at moments in order; never empty. */
export type Course = readonly { readonly at: Date; readonly balance: bigint }[]

const DAY = 86_400_000

/**
 * The moments of a chart, the last one now. A wallet that is younger than the range is drawn from its opening: what was before
 * is not nothing, it was not there.
 */
export function courseMoments(range: Range, openedAt: Date, now: number): Date[] {
  const { days, steps } = RANGES[range]
  const start = Math.min(Math.max(now - days * DAY, openedAt.getTime()), now - steps)
  return Array.from({ length: steps + 1 }, (_, step) => new Date(Math.round(start + ((now - start) * step) / steps)))
}

/** The courses of several wallets, by one query. */
export async function readCourses(
  sql: Sql,
  wallets: readonly { id: bigint; opened_at: Date }[],
  range: Range,
  now: number,
): Promise<Course[]> {
  const moments = wallets.map(({ opened_at }) => courseMoments(range, opened_at, now))
  const probes = wallets.flatMap(({ id }, index) => (moments[index] as Date[]).map((at) => ({ account: id, at })))
  const points = await readCourse(sql, probes)
  let next = 0
  return moments.map((dates) => dates.map((at) => ({ at, balance: points[next++]?.balance ?? 0n })))
}
