import { formatMoney, timeText } from '../format.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import { courseChart, extent } from './chart.ts'
import type { Course } from './course.ts'
import { overviewWords } from './overview-words.ts'
import { plainDate } from './plain-time.ts'

type Unit = { code: string; exponent: number }

/**
 * The chart of a wallet's balance with all it says in words.
 * @param name what the reader calls the wallet
 * @param steps whether each step tells its balance to a pointer that rests on it
 */
export function walletCourse(course: Course, name: string, unit: Unit, language: Language, steps = false): Markup {
  const money = (minor: bigint) => formatMoney(minor, unit, language)
  const [low, high] = extent(course.map(({ balance }) => balance))
  const label = overviewWords(language, 'course', {
    name,
    from: courseStart(course, language),
    first: money(course[0]?.balance ?? 0n),
    last: money(course.at(-1)?.balance ?? 0n),
    low: money(low),
    high: money(high),
  })
  const stepLabel = ({ at, balance }: Course[number]) =>
    overviewWords(language, 'point', { when: `${timeText(at, language)} UTC`, balance: money(balance) })
  return courseChart(course, label, steps ? stepLabel : null)
}

/** When the chart begins: with the time of day if that was not long ago. */
export function courseStart(course: Course, language: Language): string {
  const first = course[0]?.at ?? new Date(0)
  const long = (course.at(-1)?.at.getTime() ?? 0) - first.getTime() > 3 * 86_400_000
  return long ? plainDate(first, language) : `${timeText(first, language)} UTC`
}
