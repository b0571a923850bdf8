import type { HistoryFilter } from '../../ledger/history-search.ts'
import type { Language } from '../messages.ts'
import { readAmount } from './amount.ts'
import type { historyWords } from './history-words.ts'
import { isKind } from './words.ts'

/** What a person may ask of a history, as it stands in the address. */
export const SEARCH_FIELDS = ['q', 'kind', 'direction', 'least', 'most', 'from', 'until'] as const
export type SearchField = (typeof SEARCH_FIELDS)[number]

type Problem = Extract<
  Parameters<typeof historyWords>[1],
  'badAmount' | 'badDay' | 'daysCrossed' | 'amountsCrossed' | 'longText'
>

export type HistoryQuery = {
  /** as they were written, for the form; only those that are not empty */
  readonly written: ReadonlyMap<SearchField, string>
  readonly filter: HistoryFilter
  /** what is wrong, by field; the filter is then not to be used */
  readonly problems: ReadonlyMap<SearchField, Problem>
}

const DAY = 86_400_000
const LONGEST_TEXT = 200

/** @param exponent of the wallet's unit */
export function readHistoryQuery(query: URLSearchParams, exponent: number, language: Language): HistoryQuery {
  const written = new Map<SearchField, string>()
  for (const name of SEARCH_FIELDS) {
    // A control character is in no text that is searched, and a zero byte in none that the database takes.
    const text = query
      .get(name)
      ?.replaceAll(/\p{Cc}/gu, ' ')
      .trim()
    if (text) written.set(name, text)
  }
  const problems = new Map<SearchField, Problem>()
  const read = <T>(name: SearchField, problem: Problem, parse: (text: string) => T | undefined): T | undefined => {
    const text = written.get(name)
    const value = text === undefined ? undefined : parse(text)
    if (text !== undefined && value === undefined) problems.set(name, problem)
    return value
  }
  const amount = (text: string) => {
    const minor = readAmount(text, exponent, language)
    return typeof minor === 'bigint' ? minor : undefined
  }
  const text = read('q', 'longText', (value) => (value.length <= LONGEST_TEXT ? value : undefined))
  const least = read('least', 'badAmount', amount)
  const most = read('most', 'badAmount', amount)
  const from = read('from', 'badDay', readDay)
  const lastDay = read('until', 'badDay', readDay)
  if (from && lastDay && lastDay < from) problems.set('until', 'daysCrossed')
  if (least !== undefined && most !== undefined && most < least) problems.set('most', 'amountsCrossed')
  const kind = written.get('kind')
  const direction = written.get('direction')
  return {
    written,
    problems,
    filter: {
      ...(text === undefined ? {} : { text }),
      ...(least === undefined ? {} : { least }),
      ...(most === undefined ? {} : { most }),
      ...(from === undefined ? {} : { from }),
      // The last day counts whole.
      ...(lastDay === undefined ? {} : { until: new Date(lastDay.getTime() + DAY) }),
      ...(kind !== undefined && isKind(kind) ? { kind } : {}),
      ...(direction === 'in' || direction === 'out' ? { direction } : {}),
    },
  }
}

/** Midnight UTC of a day that exists; within the years that the database's times and people's lives have. */
function readDay(text: string): Date | undefined {
  if (!/^(19|20|21)\d\d-\d\d-\d\d$/.test(text)) return undefined
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text) ? day : undefined
}

/** An address's query of these fields; empty ones are left out. */
export function queryText(fields: Iterable<readonly [string, string | undefined]>): string {
  const query = new URLSearchParams()
  for (const [name, value] of fields) if (value !== undefined && value !== '') query.set(name, value)
  return query.size === 0 ? '' : `?${query}`
}
