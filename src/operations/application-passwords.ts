import { hashSecret, makeSecret } from '../credentials/secrets.ts'
import type { Language } from '../domain/language.ts'
import { uuidV7 } from '../domain/uuid.ts'
import type { Mailer } from '../mail/mailer.ts'
import {
  deleteApplicationPassword,
  insertApplicationPassword,
  listApplicationPasswords,
} from '../storage/application-passwords.ts'
import type { Database } from '../storage/database.ts'
import { holdSignIn } from '../storage/parties.ts'
import { OperationRefusal, requireFactorName } from './input.ts'
import { tellOfSecurity } from './tell-of-security.ts'

type ApplicationDeps = { db: Database; mailer: Mailer; clock: () => number }

/** Programs that one person may sign in from. */
const MOST = 20

/**
 * Makes a password for a program that cannot show a second factor.
 * @returns the secret, which is kept as a hash and shown now or never
 * @throws {OperationRefusal} for a name that cannot be, and for the 21st
 */
export async function makeApplicationPassword(
  deps: ApplicationDeps,
  input: { email: string; name: string; language: Language },
): Promise<{ id: string; secret: string }> {
  const { email } = input
  const name = requireFactorName(input.name)
  const secret = makeSecret('applicationPassword')
  const id = uuidV7(deps.clock())
  return deps.db.transaction(async (sql) => {
    await holdSignIn(sql, email, 'update')
    if ((await listApplicationPasswords(sql, email)).length >= MOST)
      throw new OperationRefusal('conflict', 'name', 'there are twenty already: revoke one')
    await insertApplicationPassword(sql, { id, email, name, secret_hash: hashSecret(secret) })
    await tellOfSecurity(deps.mailer, sql, email, 'application-password-made', { ...input, what: name })
    return { id, secret }
  })
}

/** Ends it with the next request that shows it. @returns false when this person has no such one */
export function revokeApplicationPassword(
  deps: ApplicationDeps,
  input: { email: string; id: string; language: Language },
): Promise<boolean> {
  const { email } = input
  return deps.db.transaction(async (sql) => {
    const name = await deleteApplicationPassword(sql, email, input.id)
    if (name === undefined) return false
    await tellOfSecurity(deps.mailer, sql, email, 'application-password-revoked', { ...input, what: name })
    return true
  })
}
