import { signingSecretContext } from '../credentials/client-states.ts'
import type { Keyring } from '../credentials/keyring.ts'
import { findClient } from '../storage/clients.ts'
import type { Sql } from '../storage/database.ts'
import { OperationRefusal } from './input.ts'

/**
 * The key of a client's envelopes, as it is: an HMAC needs it, so it is kept sealed and not hashed. Each look is for the caller to
 * write down. @throws {OperationRefusal} for a public client, which has none
 */
export async function showSigningSecret(deps: { db: Sql; keyring: Keyring }, input: { id: string }): Promise<string> {
  const client = await findClient(deps.db, input.id)
  if (!client?.signing_secret) throw new OperationRefusal('not_found', 'id', 'there is no such confidential client')
  return deps.keyring.open(client.signing_secret, signingSecretContext(client.id))
}
