import type { Sql } from './database.ts'

export type ApiKeyRow = { id: string; party_id: string; name: string; key_hash: Buffer; scopes: string[] }

export async function insertApiKey(sql: Sql, row: ApiKeyRow): Promise<void> {
  await sql.query('insert into api_key (id, party_id, name, key_hash, scopes) values ($1, $2, $3, $4, $5)', [
    row.id,
    row.party_id,
    row.name,
    row.key_hash,
    row.scopes,
  ])
}

/** Keeps the first moment when it is asked for again. @returns false when there is no such key */
export async function markApiKeyRevoked(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql.query(
    'update api_key set revoked_at = coalesce(revoked_at, clock_timestamp()) where id = $1 returning id',
    [id],
  )
  return rows.length === 1
}

export type LiveApiKey = { id: string; party_id: string; scopes: string[]; operator: boolean }

/** A key that is not revoked, and whether its party is an operator now. */
export async function findLiveApiKey(sql: Sql, keyHash: Buffer): Promise<LiveApiKey | undefined> {
  const rows = await sql.query<LiveApiKey>(
    `select id, party_id, scopes,
            exists (select 1 from sign_in where sign_in.party_id = api_key.party_id and sign_in.operator) as operator
     from api_key where key_hash = $1 and revoked_at is null`,
    [keyHash],
  )
  return rows[0]
}

export async function updateApiKeyScopes(sql: Sql, id: string, scopes: readonly string[]): Promise<void> {
  await sql.query('update api_key set scopes = $2 where id = $1', [id, scopes])
}

/** Ends all of a party's keys of one name. */
export async function revokeApiKeysNamed(sql: Sql, partyId: string, name: string): Promise<void> {
  await sql.query(
    'update api_key set revoked_at = clock_timestamp() where party_id = $1 and name = $2 and revoked_at is null',
    [partyId, name],
  )
}
