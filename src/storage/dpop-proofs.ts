import type { Sql } from './database.ts'

/** Marks a proof as used: the one write that decides among all who present it. @returns false when it was used before */
export async function insertDpopProof(sql: Sql, id: Buffer, expiresAt: Date): Promise<boolean> {
  const rows = await sql.query(
    'insert into dpop_proof (id, expires_at) values ($1, $2) on conflict (id) do nothing returning id',
    [id, expiresAt],
  )
  return rows.length === 1
}

/** @returns rows deleted, at most `limit` */
export async function deleteExpiredDpopProofs(sql: Sql, now: Date, limit: number): Promise<number> {
  const rows = await sql.query(
    `delete from dpop_proof where id in
       (select id from dpop_proof where expires_at < $1 limit $2 for update skip locked) returning id`,
    [now, limit],
  )
  return rows.length
}
