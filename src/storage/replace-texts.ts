import type { Sql } from './database.ts'

/** How a value's text is changed. */
type Change = { text(text: string): string; json(value: unknown): unknown; anyText(text: string): string }

/** Columns of text, lists of text and JSON of the catalogue. @param names `table.column` */
export async function readColumnTypes(sql: Sql, names: readonly string[]): Promise<Map<string, string>> {
  const rows = await sql.query<{ name: string; type: string }>(
    `select table_name || '.' || column_name as name, udt_name as type from information_schema.columns
     where table_schema = current_schema() and table_name || '.' || column_name = any($1)`,
    [names],
  )
  return new Map(rows.map(({ name, type }) => [name, type]))
}

type Found = { ctid: string } & Record<string, unknown>

/**
 * Changes every row of a table whose columns the pattern finds something in. Reads the whole table: for what is done rarely.
 * @param columns with their types, of which `text`, `_text` and `jsonb` are known
 * @param pattern a regular expression, of any case
 * @returns how many rows were changed
 */
export async function replaceTexts(
  sql: Sql,
  table: string,
  columns: ReadonlyMap<string, string>,
  pattern: string,
  change: Change,
): Promise<number> {
  const names = [...columns.keys()]
  const found = await sql.query<Found>(
    `select ctid::text, ${names.map(quoted).join(', ')} from ${quoted(table)}
     where ${names.map((name) => `${quoted(name)}::text ~* $1`).join(' or ')} for update`,
    [pattern],
  )
  for (const { ctid, ...row } of found) {
    const values = names.map((name) => changed(row[name], columns.get(name) as string, change))
    const set = names.map((name, i) => `${quoted(name)} = $${i + 2}`).join(', ')
    await sql.query(`update ${quoted(table)} set ${set} where ctid = $1::tid`, [ctid, ...values])
  }
  return found.length
}

function changed(value: unknown, type: string, change: Change): unknown {
  if (value === null || value === undefined) return value
  if (type === 'jsonb') return JSON.stringify(change.json(value))
  if (type === '_text') return (value as string[]).map((text) => change.text(text))
  return change.anyText(value as string)
}

/** Names come from our own tables of columns; quoted, because one of them is a word of SQL. */
const quoted = (name: string) => `"${name}"`
