import { type Period, STATEMENT_LINES, type StatementLineName, statementLineOf } from '../../domain/statement.ts'
import { type CoursePoint, readCourse } from '../../ledger/balance-course.ts'
import type { Sql } from '../../storage/database.ts'
import { type EntryRange, sumMovements } from '../../storage/statement-lines.ts'

/** How an account stood at both ends of a period. Minor units. */
export type PeriodBounds = {
  readonly period: Period
  readonly opening: bigint
  readonly closing: bigint
  /** the entries of the period */
  readonly range: EntryRange
  /** nothing can be added to it any more */
  readonly final: boolean
}

/** A statement: what came of each line, and how the sums lead from the opening to the closing balance. */
export type Statement = PeriodBounds & {
  readonly lines: readonly { readonly name: StatementLineName; readonly amount: bigint; readonly count: bigint }[]
}

/** A commit that was begun before the end of a period is over by then; ms. */
const SETTLED = 60_000

/**
 * The entries of periods. Entries' times never go backwards within an account, so a period is a range of their numbers: the next one
 * begins with the number after it, and no entry is in two, or in none.
 * @param now ms since the epoch
 */
export async function readBounds(
  sql: Sql,
  account: bigint,
  periods: readonly Period[],
  now: number,
): Promise<PeriodBounds[]> {
  // Entries' times are kept to the millisecond.
  const moments = periods.flatMap(({ from, until }) => [from.getTime() - 1, until.getTime() - 1])
  const points = await readCourse(
    sql,
    [...moments, NEVER].map((at) => ({ account, at: new Date(at) })),
  )
  const last = points.at(-1) as CoursePoint
  return periods.map((period, index) => {
    const start = points[2 * index] as CoursePoint
    const end = points[2 * index + 1] as CoursePoint
    return {
      period,
      opening: start.balance,
      closing: end.balance,
      range: { first: start.entry + 1n, last: end.entry },
      final: last.entry > end.entry || now >= period.until.getTime() + SETTLED,
    }
  })
}

const NEVER = Date.UTC(9999, 0)

/** @param now ms since the epoch */
export async function drawStatement(sql: Sql, account: bigint, period: Period, now: number): Promise<Statement> {
  const [bounds] = (await readBounds(sql, account, [period], now)) as [PeriodBounds]
  const sums = new Map(STATEMENT_LINES.map((name) => [name, { name, amount: 0n, count: 0n }]))
  for (const movement of await sumMovements(sql, account, bounds.range)) {
    const line = sums.get(statementLineOf(movement)) as { amount: bigint; count: bigint }
    line.amount += movement.amount
    line.count += movement.count
  }
  const lines = [...sums.values()]
  const total = lines.reduce((sum, { amount }) => sum + amount, 0n)
  // A statement that does not add up is not shown: the audit says which entry it is.
  if (bounds.opening + total !== bounds.closing)
    throw new Error(`the entries of account ${account} in ${period.name} do not add up to its balances`)
  return { ...bounds, lines }
}
