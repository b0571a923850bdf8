import { hashSecret, makeSecret } from '../credentials/secrets.ts'
import { uuidV7 } from '../domain/uuid.ts'
import { insertApiKey } from '../storage/api-keys.ts'
import type { Sql } from '../storage/database.ts'
import { OperationRefusal, requireName } from './input.ts'
import { requireParty } from './require-party.ts'

const SCOPE = /^[a-z][a-z0-9_:.-]{0,63}$/

/** Makes a key of the admin API. The key is in this answer and nowhere else: only its hash is kept. */
export async function createApiKey(
  deps: { db: Sql; clock: () => number },
  input: { partyId: string; name: string; scopes: string[] },
): Promise<{ id: string; apiKey: string }> {
  const name = requireName(input.name)
  if (input.scopes.length === 0 || !input.scopes.every((scope) => SCOPE.test(scope)))
    throw new OperationRefusal('invalid_input', 'scopes', 'a key needs one or more scopes in lower case')
  const party = await requireParty(deps.db, input.partyId)
  const id = uuidV7(deps.clock())
  const apiKey = makeSecret('apiKey')
  await insertApiKey(deps.db, {
    id,
    party_id: party.id,
    name,
    key_hash: hashSecret(apiKey),
    scopes: [...new Set(input.scopes)],
  })
  return { id, apiKey }
}
