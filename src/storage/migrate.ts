import { readdir, readFile } from 'node:fs/promises'
import type { Database, Sql } from './database.ts'

const folder = new URL('./migrations/', import.meta.url)

/**
 * Brings the schema up to date, one transaction per file, in the files' order. The version row is inserted first, so that
 * of two servers starting together one waits for the other and then finds the work done.
 * @returns the versions applied by this call
 */
export async function migrate(db: Database): Promise<string[]> {
  await db
    .query('create table if not exists migration (version text primary key, applied_at timestamptz not null)')
    .catch(async (error) => {
      // "if not exists" is not safe against a concurrent creator; the loser finds the table there.
      if (error.code !== '23505') throw error
    })
  const versions = await listVersions()
  const applied: string[] = []
  for (const version of versions) {
    const done = await db.query('select 1 from migration where version = $1', [version])
    if (done.length > 0) continue
    const script = await readFile(new URL(version, folder), 'utf8')
    const first = await db.transaction(async (sql) => {
      const claimed = await sql.query(
        'insert into migration values ($1, clock_timestamp()) on conflict do nothing returning version',
        [version],
      )
      if (claimed.length === 0) return false
      // A version that a power cut takes back is applied again; whatever is acknowledged later is on disk only after it.
      await sql.query('set local synchronous_commit = off')
      await sql.query(script)
      return true
    })
    if (first) applied.push(version)
  }
  return applied
}

/**
 * Makes exactly this schema in an empty database, as part of a transaction.
 * @returns null, or the first version that this program does not have
 */
export async function applyMigrations(sql: Sql, versions: readonly string[]): Promise<string | null> {
  const known = await listVersions()
  const unknown = versions.find((version, index) => version !== known[index])
  if (unknown !== undefined) return unknown
  await sql.query('create table migration (version text primary key, applied_at timestamptz not null)')
  for (const version of versions) {
    await sql.query(await readFile(new URL(version, folder), 'utf8'))
    await sql.query('insert into migration values ($1, clock_timestamp())', [version])
  }
  return null
}

/** The versions that `migrate` would apply. */
export async function pendingMigrations(db: Database): Promise<string[]> {
  const [table] = await db.query<{ found: boolean }>("select to_regclass('migration') is not null as found")
  const rows = table?.found ? await db.query<{ version: string }>('select version from migration') : []
  const done = new Set(rows.map((row) => row.version))
  return (await listVersions()).filter((version) => !done.has(version))
}

async function listVersions(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
}
