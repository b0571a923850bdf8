import { signingSecretContext } from '../credentials/client-states.ts'
import type { Keyring } from '../credentials/keyring.ts'
import { makeSecret } from '../credentials/secrets.ts'
import { updateSigningSecret } from '../storage/clients.ts'
import type { Sql } from '../storage/database.ts'
import { OperationRefusal } from './input.ts'

/** Gives a confidential client a new key for its envelopes; the old one ends within 5 s everywhere. */
export async function rotateSigningSecret(
  deps: { db: Sql; keyring: Keyring },
  input: { id: string },
): Promise<{ signingSecret: string }> {
  const signingSecret = makeSecret('signingSecret')
  const sealed = deps.keyring.seal(signingSecret, signingSecretContext(input.id))
  if (!(await updateSigningSecret(deps.db, input.id, sealed)))
    throw new OperationRefusal('not_found', 'id', 'there is no such confidential client')
  return { signingSecret }
}
