import { findLiveApiKey } from '../storage/api-keys.ts'
import type { Sql } from '../storage/database.ts'
import { hashSecret, SECRET_PREFIXES } from './secrets.ts'
import { TokenRefusal } from './token-refusal.ts'

/** Who a request to the admin API is proven to come from. */
export type AdminPrincipal = {
  keyId: string
  partyId: string
  /** may act for every party; taken from the party's sign-ins at this moment, not from the key */
  operator: boolean
  scopes: ReadonlySet<string>
}

const PATTERN = new RegExp(`^bearer ${SECRET_PREFIXES.apiKey}[A-Za-z0-9_-]{43}$`, 'i')

/**
 * Verifies `Authorization: Bearer bfk_…`. Reads the database each time: a revoked key ends at once. The look-up is by hash,
 * so its timing tells nothing of the key.
 * @param authorization the header's value; '' when it is absent
 * @throws {TokenRefusal}
 */
export async function verifyApiKey(deps: { db: Sql }, authorization: string): Promise<AdminPrincipal> {
  if (authorization === '') throw new TokenRefusal('invalid_token', 'an API key is required', { missing: true })
  if (!PATTERN.test(authorization)) throw new TokenRefusal('invalid_token', 'this is not an API key of this server')
  const row = await findLiveApiKey(deps.db, hashSecret(authorization.slice('bearer '.length)))
  if (!row) throw new TokenRefusal('invalid_token', 'the API key is unknown or was revoked')
  return { keyId: row.id, partyId: row.party_id, operator: row.operator, scopes: new Set(row.scopes) }
}
