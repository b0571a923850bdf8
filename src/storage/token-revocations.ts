import type { Sql } from './database.ts'

/** @param id the token's jti, or the mark of the family that it was issued with */
export async function insertTokenRevocation(sql: Sql, id: string, expiresAt: Date): Promise<void> {
  await sql.query('insert into token_revocation (id, expires_at) values ($1, $2) on conflict do nothing', [
    id,
    expiresAt,
  ])
}

export type RevocationRow = { id: string; revoked_at: Date; expires_at: Date }

/** Those listed after a moment of the database's own clock, oldest first. */
export async function listRevocationsSince(sql: Sql, since: Date, limit: number): Promise<RevocationRow[]> {
  return sql.query<RevocationRow>(
    `select id, revoked_at, expires_at from token_revocation
     where revoked_at >= $1 order by revoked_at limit $2`,
    [since, limit],
  )
}

/** The ones of `ids` that are revoked. */
export async function findRevocations(sql: Sql, ids: string[]): Promise<string[]> {
  const rows = await sql.query<{ id: string }>('select id from token_revocation where id = any($1::uuid[])', [ids])
  return rows.map((row) => row.id)
}

/** @returns rows deleted, at most `limit` */
export async function deleteExpiredRevocations(sql: Sql, now: Date, limit: number): Promise<number> {
  const rows = await sql.query(
    `delete from token_revocation where id in
       (select id from token_revocation where expires_at < $1 limit $2 for update skip locked) returning id`,
    [now, limit],
  )
  return rows.length
}
