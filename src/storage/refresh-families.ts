import type { Sql } from './database.ts'

export type RefreshFamilyRow = {
  id: string
  client_id: string
  party_id: string
  scopes: string
  current_hash: Buffer
  previous_hash: Buffer | null
  rotated_at: Date | null
  successor: Buffer | null
  expires_at: Date
  revoked_at: Date | null
  /** thumbprint of the key whose proof each use needs; null: bound to the client's secret */
  jkt: string | null
  /** null: the client acts for its own party */
  consent_id: string | null
}

export type NewRefreshFamily = {
  id: string
  clientId: string
  partyId: string
  /** separated by spaces */
  scopes: string
  currentHash: Buffer
  expiresAt: Date
  /** for a public client: thumbprint of the key that the family is bound to */
  jkt: string | null
}

/** Many grants that arrive together are one statement and one commit. */
export async function insertRefreshFamilies(sql: Sql, families: NewRefreshFamily[]): Promise<void> {
  await sql.query(
    `insert into refresh_family (id, client_id, party_id, scopes, current_hash, expires_at, jkt)
     select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::bytea[], $6::timestamptz[], $7::text[])`,
    [
      families.map((family) => family.id),
      families.map((family) => family.clientId),
      families.map((family) => family.partyId),
      families.map((family) => family.scopes),
      families.map((family) => family.currentHash),
      families.map((family) => family.expiresAt.toISOString()),
      families.map((family) => family.jkt),
    ],
  )
}

export async function findRefreshFamily(sql: Sql, id: string): Promise<RefreshFamilyRow | undefined> {
  const rows = await sql.query<RefreshFamilyRow>(
    `select id, client_id, party_id, scopes, current_hash, previous_hash, rotated_at, successor, expires_at,
            revoked_at, jkt, consent_id
     from refresh_family where id = $1`,
    [id],
  )
  return rows[0]
}

export type Rotation = {
  id: string
  presentedHash: Buffer
  nextHash: Buffer
  /** sealed */
  successor: Buffer
  at: Date
  expiresAt: Date
}

/** The one write that decides a rotation. @returns whether this caller was the first with this token */
export async function rotateRefreshFamily(sql: Sql, rotation: Rotation): Promise<boolean> {
  const rows = await sql.query(
    `update refresh_family set previous_hash = current_hash, current_hash = $3, successor = $4, rotated_at = $5,
       expires_at = $6
     where id = $1 and current_hash = $2 and revoked_at is null returning id`,
    [rotation.id, rotation.presentedHash, rotation.nextHash, rotation.successor, rotation.at, rotation.expiresAt],
  )
  return rows.length === 1
}

/** Ends a family and lists it for the verifiers of access tokens, in one statement. */
export async function revokeRefreshFamily(
  sql: Sql,
  family: { id: string; mark: string; at: Date; tokensExpireAt: Date },
): Promise<void> {
  await sql.query(
    `with revoked as (
       update refresh_family set revoked_at = $2, successor = null where id = $1 and revoked_at is null returning id)
     insert into token_revocation (id, expires_at) select $3::uuid, $4::timestamptz from revoked on conflict do nothing`,
    [family.id, family.at, family.mark, family.tokensExpireAt],
  )
}

/** @returns rows deleted, at most `limit` */
export async function deleteExpiredRefreshFamilies(sql: Sql, now: Date, limit: number): Promise<number> {
  const rows = await sql.query(
    `delete from refresh_family where id in
       (select id from refresh_family where expires_at < $1 limit $2 for update skip locked) returning id`,
    [now, limit],
  )
  return rows.length
}

/** Empties the answers kept for retries, once no retry can ask for them. @returns rows changed, at most `limit` */
export async function forgetSuccessors(sql: Sql, rotatedBefore: Date, limit: number): Promise<number> {
  const rows = await sql.query(
    `update refresh_family set successor = null where successor is not null and rotated_at < $1 and id in
       (select id from refresh_family where successor is not null and rotated_at < $1 limit $2 for update skip locked)
     returning id`,
    [rotatedBefore, limit],
  )
  return rows.length
}
