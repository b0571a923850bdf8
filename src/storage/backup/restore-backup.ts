import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import pg from 'pg'
import { type CopyStreamQuery, from as copyFrom } from 'pg-copy-streams'
import { bigintTypes, type DatabaseConnection, type Sql } from '../database.ts'
import { applyMigrations } from '../migrate.ts'
import { atPrimary } from '../primary.ts'
import { BackupError, type BackupHeader, type BackupSummary, columnList, quoted } from './format.ts'
import { readParts } from './read-parts.ts'
import type { OnBackupProgress } from './write-backup.ts'

/**
 * Fills an empty database from a backup, in one transaction that is committed when all of it was read and its digest was right.
 * The schema is that of the backup: migrate afterwards.
 * @throws {BackupError} when the database is not empty, or the backup is damaged or made by a newer version; nothing is written
 */
export async function restoreBackup(
  connection: DatabaseConnection,
  source: Readable,
  onProgress: OnBackupProgress = () => {},
): Promise<BackupSummary> {
  const client = new pg.Client({
    ...(await atPrimary(connection)),
    types: bigintTypes,
    application_name: 'billfold restore',
  })
  await client.connect()
  try {
    const sql: Sql = { query: async (text, values) => (await client.query(text, values)).rows }
    await sql.query('begin')
    await sql.query('set local statement_timeout = 0')
    await requireEmpty(sql)
    const summary = await fill(client, sql, source, onProgress)
    await sql.query('commit')
    return summary
  } finally {
    await client.end()
  }
}

async function fill(
  client: pg.Client,
  sql: Sql,
  source: Readable,
  onProgress: OnBackupProgress,
): Promise<BackupSummary> {
  let header: BackupHeader | undefined
  let copy: CopyStreamQuery | undefined
  let rows = 0n
  let bytes = 0
  let done = 0
  const endTable = async () => {
    if (!copy) return
    copy.end()
    await finished(copy)
    rows += BigInt(copy.rowCount)
    copy = undefined
  }
  for await (const part of readParts(unpacked(source))) {
    if ('header' in part) {
      header = part.header
      await prepareSchema(sql, header)
    } else if ('table' in part) {
      await endTable()
      const table = header?.tables[done++]
      if (table?.name !== part.table) throw new BackupError('the backup is damaged: its tables are not as announced')
      onProgress({ table: table.name, done: done - 1, of: header?.tables.length ?? 0, rows })
      copy = client.query(copyFrom(`copy ${quoted(table.name)} (${columnList(table)}) from stdin`))
      // Rows that do not fit fail the copy; whoever writes next is told.
      copy.on('error', () => {})
    } else if ('rows' in part) {
      bytes += part.rows.length
      await write(copy as CopyStreamQuery, part.rows)
    } else await endTable()
  }
  const whole = header as BackupHeader
  if (done !== whole.tables.length) throw new BackupError('the backup is damaged: tables are missing')
  for (const { name, value, called } of whole.sequences) {
    await sql.query('select setval($1::regclass, $2::bigint, $3)', [quoted(name), value, called])
  }
  return { at: whole.at, tables: done, rows, bytes }
}

async function* unpacked(source: Readable): AsyncGenerator<Buffer> {
  const gunzip = createGunzip()
  source.on('error', (error) => gunzip.destroy(error))
  try {
    for await (const part of source.pipe(gunzip)) yield part as Buffer
  } catch (error) {
    if (String((error as NodeJS.ErrnoException).code).startsWith('Z_'))
      throw new BackupError('this is no backup of Billfold, or it was cut off or altered', { cause: error })
    throw error
  }
}

function write(copy: CopyStreamQuery, rows: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    copy.write(rows, (error) => (error ? reject(error) : resolve()))
  })
}

async function requireEmpty(sql: Sql): Promise<void> {
  const [found] = await sql.query<{ name: string }>(
    `select relname as name from pg_class where relkind in ('r', 'v', 'S') and relnamespace = current_schema()::regnamespace limit 1`,
  )
  if (found) throw new BackupError('the database is not empty: a backup is restored into an empty one only')
}

async function prepareSchema(sql: Sql, { migrations, tables }: BackupHeader): Promise<void> {
  const unknown = await applyMigrations(sql, migrations)
  if (unknown !== null)
    throw new BackupError(`the backup was made by another version of Billfold: this one has no migration ${unknown}`)
  // What migrations put there is in the backup too.
  await sql.query(`truncate ${tables.map(({ name }) => quoted(name)).join(', ')} cascade`)
}
