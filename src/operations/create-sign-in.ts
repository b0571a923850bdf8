import type { Passwords } from '../credentials/password.ts'
import type { Sql } from '../storage/database.ts'
import { insertSignIn } from '../storage/parties.ts'
import { OperationRefusal } from './input.ts'
import { requireParty } from './require-party.ts'

// NIST SP 800-63B section 5.1.1.2: length is what counts; no rules of composition.
const SHORTEST_PASSWORD = 8
const LONGEST_PASSWORD = 1_000

/** Lets a party sign in to the pages by e-mail address and password. Operators see and run the whole system. */
export async function createSignIn(
  deps: { db: Sql; passwords: Passwords },
  input: { partyId: string; email: string; password: string; operator?: boolean },
): Promise<{ email: string }> {
  const email = input.email.trim().toLowerCase()
  if (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > 254)
    throw new OperationRefusal('invalid_input', 'email', 'this is not an e-mail address')
  if (input.password.length < SHORTEST_PASSWORD || input.password.length > LONGEST_PASSWORD)
    throw new OperationRefusal('invalid_input', 'password', 'a password has 8 to 1000 characters')
  const party = await requireParty(deps.db, input.partyId)
  const inserted = await insertSignIn(deps.db, {
    email,
    party_id: party.id,
    password_hash: await deps.passwords.hash(input.password),
    operator: input.operator ?? false,
  })
  if (!inserted) throw new OperationRefusal('already_exists', 'email', 'this address signs in already')
  return { email }
}
