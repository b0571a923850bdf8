import type { Sql } from './database.ts'

/** How long the second step of a sign-in may take; a PostgreSQL interval. */
export const HALF_SESSION_LIFE = '10 minutes'

export async function insertHalfSession(sql: Sql, tokenHash: Buffer, email: string): Promise<void> {
  await sql.query(
    `insert into half_session (token_hash, email, expires_at)
     values ($1, $2, clock_timestamp() + interval '${HALF_SESSION_LIFE}')`,
    [tokenHash, email],
  )
}

/** Whose password was right. */
export async function findHalfSession(sql: Sql, tokenHash: Buffer): Promise<string | undefined> {
  const rows = await sql.query<{ email: string }>(
    'select email from half_session where token_hash = $1 and expires_at > clock_timestamp()',
    [tokenHash],
  )
  return rows[0]?.email
}

/** Uses it, once. */
export async function takeHalfSession(sql: Sql, tokenHash: Buffer): Promise<boolean> {
  const rows = await sql.query(
    'delete from half_session where token_hash = $1 and expires_at > clock_timestamp() returning 1',
    [tokenHash],
  )
  return rows.length === 1
}

export async function deleteHalfSessions(sql: Sql, email: string): Promise<void> {
  await sql.query('delete from half_session where email = $1', [email])
}

/** @returns how many were deleted, at most `atMost` */
export async function deleteDeadHalfSessions(sql: Sql, atMost: number): Promise<number> {
  const rows = await sql.query(
    `delete from half_session where token_hash in (
       select token_hash from half_session where expires_at < clock_timestamp() limit $1 for update skip locked)
     returning 1`,
    [atMost],
  )
  return rows.length
}
