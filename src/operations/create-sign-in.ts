import type { Passwords } from '../credentials/password.ts'
import type { Sql } from '../storage/database.ts'
import { insertSignIn } from '../storage/parties.ts'
import { OperationRefusal, requireEmail, requirePassword } from './input.ts'
import { requireParty } from './require-party.ts'

/** Lets a party sign in to the pages by e-mail address and password. Operators see and run the whole system. */
export async function createSignIn(
  deps: { db: Sql; passwords: Passwords },
  input: { partyId: string; email: string; password: string; operator?: boolean },
): Promise<{ email: string }> {
  const email = requireEmail(input.email)
  const password = requirePassword(input.password, email)
  const party = await requireParty(deps.db, input.partyId)
  const inserted = await insertSignIn(deps.db, {
    email,
    party_id: party.id,
    password_hash: await deps.passwords.hash(password),
    operator: input.operator ?? false,
  })
  if (!inserted) throw new OperationRefusal('already_exists', 'email', 'this address signs in already')
  return { email }
}
