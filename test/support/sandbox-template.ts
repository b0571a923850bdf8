import { cp, mkdtemp, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { assemble } from '../../src/assembly.ts'
import type { Config } from '../../src/config.ts'
import { fillSandbox } from '../../src/operations/fill-sandbox.ts'
import { type DatabaseConnection, openDatabase } from '../../src/storage/database.ts'
import {
  administer,
  cloneDatabase,
  createTestDatabase,
  sandboxTemplate,
  type TestDatabase,
  testServer,
} from './database.ts'

/** The server's public URL: tokens are meant for it, wherever it listens. */
export const PUBLIC_URL = 'http://billfold.example'

/** Any number: taken by the first file of a run that wants a sandbox, while it makes the template. */
const LOCK = 7_204_511

/** A database for a sandbox, and the home that goes with it. */
export type SandboxDatabase = TestDatabase & { home: string }

/** One that is still empty. */
export async function createEmptySandbox(): Promise<SandboxDatabase> {
  return { ...(await createTestDatabase()), home: await mkdtemp(join(tmpdir(), 'sandbox-')) }
}

/**
 * One that is full. Filling it hashes passwords and opens dozens of wallets one by one: it is done once per run, by the first
 * file that asks, and copied for every file.
 */
export async function createFullSandbox(): Promise<SandboxDatabase> {
  const { connection, template } = testServer()
  const filled = sandboxTemplate(template)
  const filledHome = join(tmpdir(), filled)
  const db = openDatabase(connection, { connections: 1 })
  await db
    .transaction(async (sql) => {
      await sql.query('select pg_advisory_xact_lock($1)', [LOCK])
      const found = await sql.query('select 1 from pg_database where datname = $1', [filled])
      if (found.length === 0) await makeTemplate(connection, template, filled, filledHome)
    })
    .finally(() => db.close())
  const home = await mkdtemp(join(tmpdir(), 'sandbox-'))
  await cp(filledHome, home, { recursive: true })
  return { ...(await cloneDatabase(filled)), home }
}

async function makeTemplate(
  connection: DatabaseConnection,
  template: string,
  filled: string,
  filledHome: string,
): Promise<void> {
  const draft = `${filled}_draft`
  // Of a file that failed at this.
  await administer(connection, `drop database if exists ${draft} with (force)`)
  await administer(connection, `create database ${draft} template ${template}`)
  const home = await mkdtemp(join(tmpdir(), 'sandbox-draft-'))
  const database = { ...connection, database: draft }
  const log = pino({ level: 'silent' })
  const assembly = await assemble(sandboxConfig(home, database), { keys: null }, database, {
    log,
    requestLog: () => {},
  })
  await fillSandbox(assembly, PUBLIC_URL).finally(() => assembly.close())
  await rename(home, filledHome)
  // Last, for whoever finds it takes it for whole.
  await administer(connection, `alter database ${draft} rename to ${filled}`)
}

/** What a server of the tests is configured by. */
export function sandboxConfig(home: string, database: DatabaseConnection): Config {
  return {
    mode: 'sandbox',
    host: '127.0.0.1',
    port: 0,
    publicUrls: [PUBLIC_URL],
    home,
    database,
    logLevel: 'silent',
  }
}
