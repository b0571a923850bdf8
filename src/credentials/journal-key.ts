import type { Sql } from '../storage/database.ts'
import type { Keyring } from './keyring.ts'
import { findServerKey, loadServerKey } from './server-key.ts'

const NAME = 'journal-key'

/** The key of the journal's chain. */
export const loadJournalKey = (deps: { db: Sql; keyring: Keyring }): Promise<Buffer> => loadServerKey(deps, NAME)

/** The same without making one: undefined where no server has run. */
export const findJournalKey = (deps: { db: Sql; keyring: Keyring }): Promise<Buffer | undefined> =>
  findServerKey(deps, NAME)
