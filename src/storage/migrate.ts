import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { type Database, openDatabase, type Sql } from './database.ts'

const folder = new URL('./migrations/', import.meta.url)

/** First line of a file whose statements run one by one, each as if it were alone: what takes long while others write. */
export const ONE_BY_ONE = '-- one by one'

/** How long a migration waits for a lock; whoever writes meanwhile queues behind it. ms */
const LOCK_WAIT = 100
const LOCK_NOT_AVAILABLE = '55P03'
const TRIES = 600
/** Any number: taken by the server that runs a file's statements one by one. */
const TURN = 7_204_512

/**
 * Brings the schema up to date, in the files' order. A file is one transaction, unless its first line says otherwise. The version
 * row is inserted first, so that of two servers starting together one waits for the other and then finds the work done.
 * @param until the last version to apply; absent: all
 * @returns the versions applied by this call
 */
export async function migrate(db: Database, { until }: { until?: string } = {}): Promise<string[]> {
  await db
    .query('create table if not exists migration (version text primary key, applied_at timestamptz not null)')
    .catch(async (error) => {
      // "if not exists" is not safe against a concurrent creator; the loser finds the table there.
      if (error.code !== '23505') throw error
    })
  const versions = await listVersions()
  const applied: string[] = []
  // A database that this call makes has no rows yet and nobody who writes.
  let made = false
  for (const [index, version] of versions.entries()) {
    if (until !== undefined && version > until) break
    if (await isApplied(db, version)) continue
    const script = await readScript(version)
    const oneByOne: boolean = !made && script.startsWith(ONE_BY_ONE)
    const first: boolean = oneByOne ? await runOneByOne(db, version, script) : await runAtOnce(db, version, script)
    if (first) applied.push(version)
    made ||= first && index === 0
  }
  return applied
}

const isApplied = async (sql: Sql, version: string): Promise<boolean> =>
  (await sql.query('select 1 from migration where version = $1', [version])).length > 0

function runAtOnce(db: Database, version: string, script: string): Promise<boolean> {
  return untilUnlocked(() =>
    db.transaction(async (sql) => {
      const claimed = await sql.query(
        'insert into migration values ($1, clock_timestamp()) on conflict do nothing returning version',
        [version],
      )
      if (claimed.length === 0) return false
      // A version that a power cut takes back is applied again; whatever is acknowledged later is on disk only after it.
      await sql.query(`set local synchronous_commit = off; set local lock_timeout = ${LOCK_WAIT}`)
      await sql.query(asOne(script))
      return true
    }),
  )
}

/** Each statement finds out by itself whether it was done before: after a crash all of them run again. */
async function runOneByOne(db: Database, version: string, script: string): Promise<boolean> {
  // The lock is the connection's own. Whoever waited for it in a query would be waited for by a concurrent index in turn.
  const own = openDatabase(db.connection, { connections: 1 })
  try {
    while ((await own.query('select 1 where pg_try_advisory_lock($1)', [TURN])).length === 0) await delay(100)
    if (await isApplied(own, version)) return false
    for (const statement of script.split(/(?<=;)\n+(?=\S)/)) {
      const [, index] = /^create (?:unique )?index concurrently if not exists (\w+)/m.exec(statement) ?? []
      if (index !== undefined) await dropHalfMade(own, index)
      // A concurrent index waits for those who write, and nobody waits for it.
      await own.query(`set lock_timeout = ${index === undefined ? LOCK_WAIT : 0}`)
      await untilUnlocked(() => own.query(statement))
    }
    await own.query('insert into migration values ($1, clock_timestamp())', [version])
    return true
  } finally {
    await own.close()
  }
}

/** A concurrent index that was interrupted is there under its name, and of no use. */
async function dropHalfMade(sql: Sql, index: string): Promise<void> {
  const invalid = 'select 1 from pg_index where indexrelid = to_regclass($1) and not indisvalid'
  if ((await sql.query(invalid, [index])).length > 0) await sql.query(`drop index ${index}`)
}

/** Steps aside when a lock is not to be had, lets pass those who queued behind, and tries again. */
async function untilUnlocked<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE || tries === TRIES) throw error
      await delay(LOCK_WAIT * (1 + Math.random()))
    }
  }
}

/** As part of a transaction, where an index cannot be made concurrently. */
const asOne = (script: string): string => script.replaceAll(' index concurrently ', ' index ')

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
    await sql.query(asOne(await readScript(version)))
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

/** Every version there is, in their order. */
export async function listVersions(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
}

const readScript = (version: string) => readFile(new URL(version, folder), 'utf8')
