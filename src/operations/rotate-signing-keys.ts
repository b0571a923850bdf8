import type { Keyring } from '../credentials/keyring.ts'
import { rotateSigningKeys as rotate } from '../credentials/signing-keys.ts'
import type { Database } from '../storage/database.ts'

/** Adds a key for tokens, which takes over once every process publishes it; tokens of the old one stay good. */
export async function rotateSigningKeys(deps: {
  db: Database
  keyring: Keyring
  clock: () => number
}): Promise<{ kid: string }> {
  return { kid: await rotate(deps) }
}
