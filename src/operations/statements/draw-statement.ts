import {
  daysOf,
  type Period,
  STATEMENT_LINES,
  type StatementLineName,
  statementLineOf,
} from '../../domain/statement.ts'
import { type CoursePoint, readCourse } from '../../ledger/balance-course.ts'
import type { Sql } from '../../storage/database.ts'
import { putDaySums, readDaySums } from '../../storage/statement-days.ts'
import { type EntryRange, type MovementSum, sumMovements } from '../../storage/statement-lines.ts'
import { readParts } from '../../storage/statement-parts.ts'
import { sumWithParts } from './sum-ahead.ts'

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

/**
 * Days that are final are summed up once: a month of many movements is drawn from the sums of its days.
 * @param now ms since the epoch
 */
export async function drawStatement(sql: Sql, account: bigint, period: Period, now: number): Promise<Statement> {
  const days = period.unit === 'month' ? daysOf(period) : [period]
  const [bounds, ...ofDays] = (await readBounds(sql, account, [period, ...days], now)) as [
    PeriodBounds,
    ...PeriodBounds[],
  ]
  const lines = linesOf(await sumDays(sql, account, bounds, ofDays))
  if (addsUp(bounds, lines)) return { ...bounds, lines }
  // Whatever is wrong with what was kept, the entries say what is right.
  const whole = linesOf(await sumMovements(sql, account, bounds.range))
  // A statement that does not add up is not shown: the audit says which entry it is.
  if (!addsUp(bounds, whole))
    throw new Error(`the entries of account ${account} in ${period.name} do not add up to its balances`)
  return { ...bounds, lines: whole }
}

function linesOf(sums: readonly MovementSum[]): Statement['lines'] {
  const lines = new Map(STATEMENT_LINES.map((name) => [name, { name, amount: 0n, count: 0n }]))
  for (const movement of sums) {
    const line = lines.get(statementLineOf(movement)) as { amount: bigint; count: bigint }
    line.amount += movement.amount
    line.count += movement.count
  }
  return [...lines.values()]
}

function addsUp({ opening, closing, range }: PeriodBounds, lines: Statement['lines']): boolean {
  const total = lines.reduce((sum, { amount }) => sum + amount, 0n)
  const count = lines.reduce((sum, line) => sum + line.count, 0n)
  return opening + total === closing && count === range.last - range.first + 1n
}

async function sumDays(
  sql: Sql,
  account: bigint,
  whole: PeriodBounds,
  days: readonly PeriodBounds[],
): Promise<MovementSum[]> {
  const moved = days.filter(({ range }) => range.last >= range.first)
  const names = moved.filter(({ final }) => final).map(({ period }) => period.name)
  const kept: MovementSum[] = []
  const known = new Set<string>()
  for (const { day, ...sum } of await readDaySums(sql, account, names)) {
    known.add(day)
    kept.push(sum)
  }
  const rest = moved.filter(({ period }) => !known.has(period.name))
  const parts = rest.length > 0 ? await readParts(sql, account, whole.range) : []
  for (const { period, range, final } of rest) {
    const mine = parts.filter(({ first, last }) => first >= range.first && last <= range.last)
    const sums = await sumWithParts(sql, account, range, mine)
    // What is in parts is kept already.
    if (final && mine.length === 0) await putDaySums(sql, account, period.name, sums)
    kept.push(...sums)
  }
  return kept
}
