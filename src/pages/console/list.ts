import { html } from 'hono/html'
import { csvText } from '../../ledger/export/csv.ts'
import { button, type Column, emptyState, linkButton, table } from '../components.ts'
import type { Markup } from '../layout.ts'
import type { ConsoleCall } from './route.ts'
import { consoleText as text } from './words.ts'

/** Rows of a page of a list; one more is asked for, to know whether there is a next page. */
export const PAGE_ROWS = 50

export type List<Row> = {
  /** below `/console` */
  path: string
  caption: string
  columns: readonly Column<Row>[]
  /** at most {@link PAGE_ROWS} + 1 */
  rows: readonly Row[]
  /** what the next page begins after, of the last row shown: goes into `after` */
  cursor: (row: Row) => string
  /** labelled fields of the search form, if the list can be searched; their names are kept by the links */
  filters?: { fields: Markup; names: readonly string[] }
  /** what one must know of these rows, such as that more were found than are listed */
  note?: Markup | undefined
  /** there is `PATH.csv`, which takes the same search */
  csv?: boolean
  /** what stands where nothing is yet: says what to do next */
  empty: Markup
}

/** A list with search, keyset pages and a download. */
export function consoleList<Row>({ language, query }: ConsoleCall, list: List<Row>): Markup {
  const kept = keptOf(query, list.filters?.names ?? [])
  const shown = list.rows.slice(0, PAGE_ROWS)
  const last = shown.at(-1)
  const more = list.rows.length > PAGE_ROWS && last !== undefined
  const form = list.filters
    ? html`<form class="filters" method="get" action="/console${list.path}">${list.filters.fields}<div class="buttons">${button(
        {
          label: text(language, 'filter'),
          kind: 'quiet',
        },
      )}${kept.length > 0 ? linkButton(`/console${list.path}`, text(language, 'clear')) : ''}</div></form>`
    : ''
  const nothing = kept.length > 0 ? emptyState(text(language, 'nothing-matches')) : list.empty
  const href = (path: string, extra: [string, string][]) => {
    const search = new URLSearchParams([...kept, ...extra]).toString()
    return `/console${path}${search && `?${search}`}`
  }
  const links = [
    query.has('after') ? linkButton(href(list.path, []), text(language, 'first')) : '',
    more ? linkButton(href(list.path, [['after', list.cursor(last)]]), text(language, 'next')) : '',
    list.csv && shown.length > 0 ? linkButton(href(`${list.path}.csv`, []), text(language, 'export')) : '',
  ]
  return html`${form}${list.note ?? ''}${shown.length === 0 ? nothing : table(list.caption, list.columns, shown)}<div class="buttons pager">${links}</div>`
}

const keptOf = (query: URLSearchParams, names: readonly string[]): [string, string][] =>
  names.flatMap((name) => {
    const value = query.get(name)?.trim() ?? ''
    return value === '' ? [] : [[name, value] as [string, string]]
  })

/** A filter's value; undefined when it is absent or empty. */
export function filterOf(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name)?.trim() ?? ''
  return value === '' || value.length > 200 || /\p{Cc}/u.test(value) ? undefined : value
}

const MOST_LINES = 1_000_000

// A negative amount is a number, not a formula.
const cell = (value: string | null) => (/^-?\d+(\.\d+)?$/.test(value ?? '') ? (value as string) : csvText(value ?? ''))

/**
 * A download as RFC 4180, read page by page so that memory does not grow with it. Texts that a spreadsheet would calculate are
 * disarmed.
 * @param read the rows after a cursor, in the list's order
 */
export function sendCsv<Row>(
  { c }: ConsoleCall,
  file: {
    name: string
    header: readonly string[]
    read: (after: string | undefined) => Promise<readonly Row[]>
    cursor: (row: Row) => string
    line: (row: Row) => readonly (string | null)[]
    /** lines after which it ends, lest a list go on for ever */
    most?: number
  },
): Response {
  const encoder = new TextEncoder()
  let after: string | undefined
  let lines = 0
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(`${file.header.join()}\r\n`)),
    async pull(controller) {
      const rows = await file.read(after)
      const last = rows.at(-1)
      if (last === undefined || lines >= (file.most ?? MOST_LINES)) return controller.close()
      after = file.cursor(last)
      lines += rows.length
      controller.enqueue(encoder.encode(rows.map((row) => `${file.line(row).map(cell).join()}\r\n`).join('')))
    },
  })
  c.header('content-type', 'text/csv; charset=utf-8; header=present')
  c.header('content-disposition', `attachment; filename="${file.name}.csv"`)
  return c.body(stream)
}
