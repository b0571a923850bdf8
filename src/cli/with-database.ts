import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { type Config, publicUrlsOf, readConfig, type Secrets } from '../config.ts'
import { loadOrCreateKey } from '../credentials/key-file.ts'
import { createKeyring, type Keyring } from '../credentials/keyring.ts'
import { createMailer, type Mailer } from '../mail/mailer.ts'
import { type Database, openDatabase } from '../storage/database.ts'
import { migrate, pendingMigrations } from '../storage/migrate.ts'
import { PlainError } from './command.ts'
import { findDatabase } from './database.ts'
import { remark } from './output.ts'
import { plainly } from './plainly.ts'

export type DatabaseTools = {
  config: Config
  db: Database
  /** @throws {PlainError} when there is no key to open what is sealed */
  keyring(): Promise<Keyring>
  /** writes mails that a running server sends. @throws {PlainError} as above */
  mailer(): Promise<Mailer>
  clock: () => number
}

/**
 * Runs work that needs the database but no ledger: beside a running server or without one. Work that only reads changes
 * nothing at all, not even the schema.
 */
export function withDatabase<T>(kind: 'reads' | 'writes', work: (tools: DatabaseTools) => Promise<T>): Promise<T> {
  return plainly(async () => {
    const { config, secrets } = readConfig(process.env)
    const database = await findDatabase(config, remark)
    const db = openDatabase(database.connection, { connections: 2 })
    try {
      if (kind === 'writes') await migrate(db)
      else await requireSchema(db)
      const keyring = () => openKeyring(config, secrets, kind)
      const mailer = async () =>
        createMailer({
          keyring: await keyring(),
          clock: Date.now,
          origin: publicUrlsOf(config)[0] as string,
          mode: config.mode,
          leaves: Boolean(secrets.smtpUrl),
        })
      return await work({ config, db, keyring, mailer, clock: Date.now })
    } finally {
      await db.close()
      await database.stop()
    }
  })
}

async function requireSchema(db: Database): Promise<void> {
  const pending = await pendingMigrations(db)
  if (pending.length > 0)
    throw new PlainError(`the schema is behind by ${pending.join(', ')}: run "billfold migrate" first`)
}

async function openKeyring(config: Config, secrets: Secrets, kind: 'reads' | 'writes'): Promise<Keyring> {
  if (secrets.keys) return createKeyring(secrets.keys)
  // A new key opens nothing: making one would only put the failure off.
  if (kind === 'reads') {
    await access(join(config.home, 'key')).catch(() => {
      throw new PlainError(`there is no key in ${config.home}: set BILLFOLD_KEY, or BILLFOLD_HOME to the server's home`)
    })
  }
  return createKeyring(await loadOrCreateKey(config.home))
}
