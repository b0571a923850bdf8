import type { Sql } from './database.ts'

/** A column whose values are sealed, with what finds a row and what its seal is bound to. Names come from our own table only. */
export type SealedColumn = {
  readonly table: string
  readonly column: string
  /** the primary key's columns and their types */
  readonly key: Readonly<Record<string, string>>
  /** columns that the seal's context is made of, beside the key */
  readonly bound?: readonly string[]
}

/** Members: the key's and the bound columns as text, and the sealed value. */
export type SealedRow = { readonly sealed: Buffer; readonly named: Readonly<Record<string, string>> }

/** How many values of the column begin in which way. @returns by hex of the first bytes */
export async function countSeals(sql: Sql, { table, column }: SealedColumn, bytes: number) {
  const rows = await sql.query<{ seal: string; count: bigint }>(
    `select encode(substr(${column}, 1, $1), 'hex') as seal, count(*) from ${table} where ${column} is not null group by 1`,
    [bytes],
  )
  return new Map(rows.map(({ seal, count }) => [seal, Number(count)]))
}

/**
 * Locks and returns the next values that do not begin as they should, in the order of the key. Rows that somebody else has locked are
 * left out: whoever waits for nobody is in nobody's way for long, and takes part in no deadlock.
 */
export async function lockSealed(
  sql: Sql,
  { table, column, key, bound = [] }: SealedColumn,
  { seal, after, limit }: { seal: Buffer; after: SealedRow | null; limit: number },
): Promise<SealedRow[]> {
  const names = Object.keys(key)
  const named = [...names, ...bound].map((name) => `'${name}', ${asText(name, key)}`)
  const beyond = after
    ? `and (${names.join(', ')}) > (${names.map((name, i) => castTo(`$${i + 4}::text`, key[name] as string)).join(', ')})`
    : ''
  return sql.query<SealedRow>(
    `select json_build_object(${named.join(', ')}) as named, ${column} as sealed from ${table}
     where ${column} is not null and substr(${column}, 1, $1) <> $2 ${beyond}
     order by ${names.join(', ')} limit $3 for no key update skip locked`,
    [seal.length, seal, limit, ...(after ? names.map((name) => after.named[name]) : [])],
  )
}

/** Puts other values into rows that {@link lockSealed} returned, in the same transaction. */
export async function replaceSealed(
  sql: Sql,
  { table, column, key }: SealedColumn,
  rows: readonly SealedRow[],
): Promise<void> {
  const names = Object.keys(key)
  const lists = names.map((_, i) => `$${i + 2}::text[]`)
  const same = names.map((name, i) => `t.${name} = ${castTo(`g.k${i}`, key[name] as string)}`)
  await sql.query(
    `update ${table} t set ${column} = g.sealed
     from unnest($1::bytea[], ${lists.join(', ')}) as g (sealed, ${names.map((_, i) => `k${i}`).join(', ')})
     where ${same.join(' and ')}`,
    [rows.map(({ sealed }) => sealed), ...names.map((name) => rows.map(({ named }) => named[name]))],
  )
}

const asText = (name: string, key: SealedColumn['key']) =>
  key[name] === 'bytea' || name.endsWith('_hash') ? `encode(${name}, 'hex')` : `${name}::text`

const castTo = (text: string, type: string) => (type === 'bytea' ? `decode(${text}, 'hex')` : `${text}::${type}`)

/**
 * Answers of the wallet API that hold a transaction token, and so are kept sealed. The books vouch for each answer's bytes and the key
 * of a request is not kept, so nothing seals them anew: they end by themselves.
 * @param seal how they begin, in base64
 * @returns how many there are, and when the last one was written
 */
export async function countSealedAnswers(sql: Sql, seal: string): Promise<{ count: number; last: Date | null }> {
  const [row] = await sql.query<{ count: bigint; last: Date | null }>(
    'select count(*), max(at) as last from idempotency where starts_with(answer, $1)',
    [seal],
  )
  return { count: Number(row?.count ?? 0), last: row?.last ?? null }
}
