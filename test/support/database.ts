import { randomBytes } from 'node:crypto'
import { type Database, type DatabaseConnection, openDatabase } from '../../src/storage/database.ts'

/** What the test runner hands to the test processes: a server, and a migrated database on it to clone. */
export type TestServer = { connection: DatabaseConnection; template: string }

/** Environment variable that carries a `TestServer` as JSON. */
export const testServerVariable = 'BILLFOLD_TEST_SERVER'

/** The server of this test run. */
export function testServer(): TestServer {
  const text = process.env[testServerVariable]
  if (!text) throw new Error(`no database: run this file by "npm test -- ${process.argv[1] ?? 'FILE'}"`)
  return JSON.parse(text)
}

/** Environment variable with which the names of a thread's databases begin, for whoever ends it in the midst of its tests. */
export const databaseOwnerVariable = 'BILLFOLD_TEST_OWNER'

export type TestDatabase = { db: Database; drop(): Promise<void> }

/** A database of its own for one test file, cloned from the migrated template; PostgreSQL is started once per run. */
export function createTestDatabase(): Promise<TestDatabase> {
  return cloneDatabase(testServer().template)
}

/** A database that is a copy of another one on the run's server. */
export async function cloneDatabase(template: string): Promise<TestDatabase> {
  const { connection } = testServer()
  const name = `billfold_test_${process.env[databaseOwnerVariable] ?? ''}${randomBytes(8).toString('hex')}`
  await administer(connection, `create database ${name} template ${template}`)
  const db = openDatabase({ ...connection, database: name })
  return {
    db,
    async drop() {
      await db.close()
      await administer(connection, `drop database if exists ${name} with (force)`)
    },
  }
}

/** Drops what the threads of this owner have left. */
export async function dropDatabasesOf(owner: string): Promise<void> {
  const { connection } = testServer()
  const db = openDatabase(connection, { connections: 1 })
  try {
    const rows = await db.query<{ name: string }>(
      'select datname as name from pg_database where starts_with(datname, $1)',
      [`billfold_test_${owner}`],
    )
    for (const { name } of rows) await db.query(`drop database if exists ${name} with (force)`)
  } finally {
    await db.close()
  }
}

/** Name of the database with a filled sandbox in it; the first file that wants one makes it of the run's template. */
export const sandboxTemplate = (template: string) => `${template}_sandbox`

/** Runs one statement on the server's maintenance database. */
export async function administer(connection: DatabaseConnection, statement: string): Promise<void> {
  const db = openDatabase(connection, { connections: 1 })
  await db.query(statement).finally(() => db.close())
}
