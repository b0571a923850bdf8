import { randomBytes } from 'node:crypto'
import type { Sql } from '../storage/database.ts'
import { findServerSecret, insertServerSecret } from '../storage/server-secrets.ts'
import type { Keyring } from './keyring.ts'

type Deps = { db: Sql; keyring: Keyring }

/**
 * A 32-byte key that all servers of a database share. It is made once and stays, sealed, in the database, so that what was
 * computed with it holds after the keys of `BILLFOLD_KEY` have been changed.
 * @throws {KeyringError} when no key of the ring opens it
 */
export async function loadServerKey(deps: Deps, name: string): Promise<Buffer> {
  const existing = await findServerKey(deps, name)
  if (existing) return existing
  await insertServerSecret(deps.db, name, deps.keyring.seal(randomBytes(32).toString('base64'), name))
  return (await findServerKey(deps, name)) as Buffer
}

/** The same without making one: undefined where no server has run. */
export async function findServerKey({ db, keyring }: Deps, name: string): Promise<Buffer | undefined> {
  const sealed = await findServerSecret(db, name)
  return sealed && Buffer.from(keyring.open(sealed, name), 'base64')
}
