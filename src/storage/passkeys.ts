import type { Sql } from './database.ts'

export type PasskeyRow = {
  /** the credential's id, base64url */
  id: string
  email: string
  name: string
  public_key: Buffer
  counter: number
  /** separated by blanks */
  transports: string
  backed_up: boolean
}

export type PasskeyListing = { id: string; name: string; backed_up: boolean; created_at: Date; used_at: Date | null }

/** @returns false when this credential is known already */
export async function insertPasskey(sql: Sql, row: PasskeyRow): Promise<boolean> {
  const rows = await sql.query(
    `insert into passkey (id, email, name, public_key, counter, transports, backed_up)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing returning id`,
    [row.id, row.email, row.name, row.public_key, row.counter, row.transports, row.backed_up],
  )
  return rows.length === 1
}

/** With the handle that its owner's passkeys say. */
export async function findPasskey(sql: Sql, id: string): Promise<(PasskeyRow & { handle: Buffer | null }) | undefined> {
  const rows = await sql.query<PasskeyRow & { handle: Buffer | null }>(
    `select id, email, name, public_key, counter::float8 as counter, transports, backed_up, passkey_handle as handle
     from passkey join sign_in using (email) where id = $1`,
    [id],
  )
  return rows[0]
}

export function listPasskeys(sql: Sql, email: string): Promise<PasskeyListing[]> {
  return sql.query<PasskeyListing>(
    'select id, name, backed_up, created_at, used_at from passkey where email = $1 order by created_at, id limit 100',
    [email],
  )
}

/**
 * Notes a use. An authenticator that counts has counted further than the last time, else there are two of it (Web Authentication
 * level 3, section 6.1.1); one that does not count says 0.
 * @returns false when it has not, or is not there any more
 */
export async function countPasskey(sql: Sql, id: string, counter: number): Promise<boolean> {
  const rows = await sql.query(
    `update passkey set counter = $2, used_at = clock_timestamp()
     where id = $1 and (counter < $2 or (counter = 0 and $2 = 0)) returning id`,
    [id, counter],
  )
  return rows.length === 1
}

export async function deletePasskey(sql: Sql, email: string, id: string): Promise<string | undefined> {
  const rows = await sql.query<{ name: string }>('delete from passkey where email = $1 and id = $2 returning name', [
    email,
    id,
  ])
  return rows[0]?.name
}

/** The same for every passkey of a person; the first time it becomes this one. */
export async function keepPasskeyHandle(sql: Sql, email: string, fresh: Buffer): Promise<Buffer | undefined> {
  const rows = await sql.query<{ handle: Buffer }>(
    `update sign_in set passkey_handle = coalesce(passkey_handle, $2) where email = $1
     returning passkey_handle as handle`,
    [email, fresh],
  )
  return rows[0]?.handle
}

/** Uses a challenge: once, whoever else answers it at the same time. @param expiresAt ms since the epoch */
export async function takeChallenge(sql: Sql, hash: Buffer, expiresAt: number): Promise<boolean> {
  const rows = await sql.query(
    `insert into used_challenge (challenge_hash, expires_at) values ($1, to_timestamp($2::float8 / 1000))
     on conflict (challenge_hash) do nothing returning 1`,
    [hash, expiresAt],
  )
  return rows.length === 1
}

/** @returns how many were deleted, at most `atMost` */
export async function deleteOldChallenges(sql: Sql, atMost: number): Promise<number> {
  const rows = await sql.query(
    `delete from used_challenge where challenge_hash in (
       select challenge_hash from used_challenge where expires_at < clock_timestamp() - interval '1 hour' limit $1
       for update skip locked)
     returning 1`,
    [atMost],
  )
  return rows.length
}
