import type { Sql } from './database.ts'
import type { NewRefreshFamily } from './refresh-families.ts'

export type Redemption = NewRefreshFamily & {
  codeHash: Buffer
  consentId: string
  at: Date
}

/**
 * Uses a code up and begins the family of what is issued for it, in the one write that decides: of any number of callers one
 * succeeds, and whoever fails finds that family.
 * @returns whether this caller was the first
 */
export async function redeemCode(sql: Sql, redemption: Redemption): Promise<boolean> {
  const rows = await sql.query(
    `with used as (
       update oauth_artifact set consumed_at = $2
       where model = 'AuthorizationCode' and id_hash = $1 and consumed_at is null returning id_hash),
     noted as (update consent set last_used_at = $2 where id = $8::uuid and exists (select from used)),
     seen as (update client set last_used_at = $2 where id = $4::text and exists (select from used)
       and (last_used_at is null or last_used_at < $2::timestamptz - interval '1 minute'))
     insert into refresh_family (id, client_id, party_id, scopes, current_hash, expires_at, consent_id, jkt, code_hash)
     select $3::uuid, $4, $5::uuid, $6, $7::bytea, $9::timestamptz, $8::uuid, $10, id_hash from used returning id`,
    [
      redemption.codeHash,
      redemption.at,
      redemption.id,
      redemption.clientId,
      redemption.partyId,
      redemption.scopes,
      redemption.currentHash,
      redemption.consentId,
      redemption.expiresAt,
      redemption.jkt,
    ],
  )
  return rows.length === 1
}

/** What was issued for a code; found also when the code itself is long forgotten. */
export async function findFamilyOfCode(
  sql: Sql,
  codeHash: Buffer,
): Promise<{ id: string; client_id: string } | undefined> {
  const rows = await sql.query<{ id: string; client_id: string }>(
    'select id, client_id from refresh_family where code_hash = $1',
    [codeHash],
  )
  return rows[0]
}
