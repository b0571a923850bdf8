import { stripVTControlCharacters } from 'node:util'
import { paint } from './paint.ts'

type Value = string | number | boolean | null | readonly string[] | object

/** One thing: as JSON, or a line for each member. */
export function printRecord(json: boolean | undefined, record: Record<string, Value>): void {
  if (json) {
    printJson(record)
    return
  }
  const width = Math.max(...Object.keys(record).map((name) => name.length))
  for (const [name, value] of Object.entries(record)) print(`${name.padEnd(width)}  ${cell(value)}`)
}

/** A page of a list: as JSON, or a table with the chosen columns. */
export function printPage<Item extends Record<string, Value>>(
  json: boolean | undefined,
  page: { items: readonly Item[]; next: string | null },
  columns: readonly (keyof Item & string)[],
): void {
  if (json) {
    printJson(page)
    return
  }
  const rows = [[...columns], ...page.items.map((item) => columns.map((column) => cell(item[column] as Value)))]
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => (row[i] as string).length)))
  for (const [at, row] of rows.entries()) {
    const line = row.map((text, i) => text.padEnd(widths[i] as number)).join('  ')
    print(at === 0 ? paint(process.stdout, 'bold', line.trimEnd()) : line.trimEnd())
  }
  if (page.next !== null) process.stderr.write(`there are more: --cursor ${page.next}\n`)
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2))
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Whether the call asks for JSON: then everything is, on standard error too. */
export function jsonWanted(argv: readonly string[] = process.argv): boolean {
  const end = argv.indexOf('--')
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json')
}

/** A remark for people, beside what a program may read. */
export function remark(line: string): void {
  process.stderr.write(`${jsonWanted() ? JSON.stringify({ remark: line }) : line}\n`)
}

/** Names come from outside: none may give orders to a terminal. */
function cell(value: Value): string {
  if (value === null) return '-'
  if (Array.isArray(value)) return value.join(' ') || '-'
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return stripVTControlCharacters(text).replace(/\p{Cc}/gu, ' ')
}
