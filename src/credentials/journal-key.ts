import { randomBytes } from 'node:crypto'
import type { Sql } from '../storage/database.ts'
import { findServerSecret, insertServerSecret } from '../storage/server-secrets.ts'
import type { Keyring } from './keyring.ts'

const NAME = 'journal-key'

/**
 * The 32-byte key of the journal's chain. It is made once and stays, sealed, beside the journal, so that a chain can be checked
 * after the keys of `BILLFOLD_KEY` have been changed.
 * @throws {KeyringError} when no key of the ring opens it
 */
export async function loadJournalKey(deps: { db: Sql; keyring: Keyring }): Promise<Buffer> {
  const existing = await findJournalKey(deps)
  if (existing) return existing
  await insertServerSecret(deps.db, NAME, deps.keyring.seal(randomBytes(32).toString('base64'), NAME))
  return (await findJournalKey(deps)) as Buffer
}

/** The same without making one: undefined where no server has run. */
export async function findJournalKey({ db, keyring }: { db: Sql; keyring: Keyring }): Promise<Buffer | undefined> {
  const sealed = await findServerSecret(db, NAME)
  return sealed && Buffer.from(keyring.open(sealed, NAME), 'base64')
}
