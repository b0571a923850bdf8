import { createHash } from 'node:crypto'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { bigintTypes, type DatabaseConnection, type Sql } from '../database.ts'
import { atPrimary } from '../primary.ts'
import { listTables } from './catalogue.ts'
import { type BackupHeader, type BackupSummary, columnList, END_OF_ROWS, MAGIC, quoted } from './format.ts'

/** How far a backup or a restore has come. */
export type OnBackupProgress = (step: { table: string; done: number; of: number; rows: bigint }) => void

/**
 * Writes everything that the database holds at one moment, while it goes on being used.
 * @param sink ended when all is written
 */
export async function writeBackup(
  connection: DatabaseConnection,
  sink: Writable,
  onProgress: OnBackupProgress = () => {},
): Promise<BackupSummary> {
  const client = new pg.Client({
    ...(await atPrimary(connection)),
    types: bigintTypes,
    application_name: 'billfold backup',
  })
  await client.connect()
  try {
    const sql: Sql = { query: async (text, values) => (await client.query(text, values)).rows }
    await sql.query('begin isolation level repeatable read read only')
    await sql.query('set local statement_timeout = 0')
    await sql.query('set local idle_in_transaction_session_timeout = 0')
    const header = await readHeader(sql)
    let rows = 0n
    let bytes = 0
    async function* parts(): AsyncGenerator<Buffer> {
      const hash = createHash('sha256')
      const pass = (part: Buffer) => {
        hash.update(part)
        bytes += part.length
        return part
      }
      yield pass(Buffer.from(`${MAGIC}\n${JSON.stringify(header)}\n`))
      for (const [done, table] of header.tables.entries()) {
        onProgress({ table: table.name, done, of: header.tables.length, rows })
        yield pass(Buffer.from(`table ${table.name}\n`))
        const copy = client.query(copyTo(`copy ${quoted(table.name)} (${columnList(table)}) to stdout`))
        for await (const part of copy) yield pass(part as Buffer)
        rows += BigInt(copy.rowCount)
        yield pass(Buffer.from(`${END_OF_ROWS}\n`))
      }
      yield Buffer.from(`sha256 ${hash.digest('hex')}\n`)
    }
    await pipeline(Readable.from(parts(), { objectMode: false }), createGzip({ level: 1 }), sink)
    await sql.query('commit')
    return { at: header.at, tables: header.tables.length, rows, bytes }
  } finally {
    await client.end()
  }
}

async function readHeader(sql: Sql): Promise<BackupHeader> {
  const tables = await listTables(sql)
  const [now] = await sql.query<{ at: Date }>('select clock_timestamp() as at')
  const migrations = await sql.query<{ version: string }>('select version from migration order by version')
  // No snapshot holds sequences: read now, they are at least as far as the rows.
  const names = await sql.query<{ name: string }>(
    `select relname as name from pg_class where relkind = 'S' and relnamespace = current_schema()::regnamespace order by 1`,
  )
  const sequences = []
  for (const { name } of names) {
    const [it] = await sql.query<{ value: string; called: boolean }>(
      `select last_value::text as value, is_called as called from ${quoted(name)}`,
    )
    sequences.push({ name, ...(it as { value: string; called: boolean }) })
  }
  return {
    at: (now as { at: Date }).at.toISOString(),
    migrations: migrations.map(({ version }) => version),
    tables,
    sequences,
  }
}
