import { stat } from 'node:fs/promises'
import { ConfigError } from './config.ts'
import { findClient } from './storage/clients.ts'
import type { Database } from './storage/database.ts'

/** What sandboxes register first; its secret stands in a file of the sandbox's home. */
const SANDBOX_CLIENT = 'sandbox-gateway'

/** What only the place tells that production starts in. @throws {ConfigError} in one line */
export async function refuseInsecurePlace(db: Database, home: string): Promise<void> {
  const found = await stat(home).catch(() => null)
  if (found && (found.mode & 0o007) !== 0)
    throw new ConfigError(`others may read ${home}, which logs and the journal's heads are kept in: chmod 700 it`)
  if (await findClient(db, SANDBOX_CLIENT))
    throw new ConfigError('DATABASE_URL: a sandbox filled this database, whose secrets lie in files: use an empty one')
}
