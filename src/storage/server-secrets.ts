import type { Sql } from './database.ts'

/** A secret that all servers of a database share, sealed with the keyring. */
export async function findServerSecret(sql: Sql, name: string): Promise<Buffer | undefined> {
  const rows = await sql.query<{ sealed: Buffer }>('select sealed from server_secret where name = $1', [name])
  return rows[0]?.sealed
}

/** Of several servers that start together the first one's stays. */
export async function insertServerSecret(sql: Sql, name: string, sealed: Buffer): Promise<void> {
  await sql.query('insert into server_secret (name, sealed) values ($1, $2) on conflict do nothing', [name, sealed])
}
