import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEngine } from '../src/engine/start-engine.ts'
import { type DatabaseConnection, openDatabase } from '../src/storage/database.ts'
import { migrate } from '../src/storage/migrate.ts'

export type BenchDatabase = {
  /** a fresh, migrated database */
  create(name: string): Promise<DatabaseConnection>
  /** an empty database */
  createEmpty(name: string): Promise<DatabaseConnection>
  drop(name: string): Promise<void>
  /** writes out what the last run left dirty, so that the next one does not pay for it */
  settle(): Promise<void>
  readonly pid: number
  stop(): Promise<void>
}

/** An embedded PostgreSQL for the run, with nothing relaxed: that is read back, not assumed. */
export async function startBenchDatabase(): Promise<BenchDatabase> {
  const home = join(tmpdir(), `billfold-bench-${randomBytes(6).toString('hex')}`)
  const engine = await startEngine({ home, log: () => {} })
  const admin = openDatabase(engine.connection, { connections: 2 })
  for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    const [row] = await admin.query<Record<string, string>>(`show ${setting}`)
    if (row?.[setting] !== 'on') throw new Error(`${setting} is ${row?.[setting]}: such figures would mean nothing`)
  }
  const drop = async (name: string) => {
    await admin.query(`drop database if exists ${name} with (force)`)
  }
  const createEmpty = async (name: string) => {
    await drop(name)
    await admin.query(`create database ${name}`)
    return { ...engine.connection, database: name }
  }
  return {
    createEmpty,
    drop,
    async create(name) {
      const connection = await createEmpty(name)
      const db = openDatabase(connection, { connections: 1 })
      await migrate(db).finally(db.close)
      return connection
    },
    settle: async () => {
      await admin.query('checkpoint')
    },
    get pid() {
      return engine.pid
    },
    async stop() {
      await admin.close()
      await engine.stop()
      await rm(home, { recursive: true, force: true })
    },
  }
}
