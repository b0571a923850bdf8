import type { Sql } from './database.ts'

export type ClientRow = {
  id: string
  party_id: string
  name: string
  public: boolean
  secret_hash: Buffer | null
  signing_secret: Buffer | null
  redirect_uris: string[]
  scopes: string[]
  /** may use the implicit flow */
  implicit: boolean
  disabled_at: Date | null
}

const COLUMNS = 'id, party_id, name, public, secret_hash, signing_secret, redirect_uris, scopes, implicit, disabled_at'

export async function findClient(sql: Sql, id: string): Promise<ClientRow | undefined> {
  const rows = await sql.query<ClientRow>(`select ${COLUMNS} from client where id = $1`, [id])
  return rows[0]
}

/** @returns false when the id is taken */
export async function insertClient(sql: Sql, row: Omit<ClientRow, 'disabled_at'>): Promise<boolean> {
  const rows = await sql.query(
    `insert into client (id, party_id, name, public, secret_hash, signing_secret, redirect_uris, scopes, implicit)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do nothing returning id`,
    [
      row.id,
      row.party_id,
      row.name,
      row.public,
      row.secret_hash,
      row.signing_secret,
      row.redirect_uris,
      row.scopes,
      row.implicit,
    ],
  )
  return rows.length === 1
}

/**
 * What is null stays as it is.
 * @returns false when there is no such client, or it would have the implicit flow and no address for it
 */
export async function updateRedirection(
  sql: Sql,
  id: string,
  change: { redirectUris: string[] | null; implicit: boolean | null },
): Promise<boolean> {
  const rows = await sql.query(
    `update client set redirect_uris = coalesce($2::text[], redirect_uris), implicit = coalesce($3::boolean, implicit)
     where id = $1 and (not coalesce($3::boolean, implicit) or cardinality(coalesce($2::text[], redirect_uris)) > 0)
     returning id`,
    [id, change.redirectUris, change.implicit],
  )
  return rows.length === 1
}

/** @returns false when there is no such confidential client */
export async function updateClientSecret(sql: Sql, id: string, secretHash: Buffer): Promise<boolean> {
  const rows = await sql.query('update client set secret_hash = $2 where id = $1 and not public returning id', [
    id,
    secretHash,
  ])
  return rows.length === 1
}

/** @returns false when there is no such confidential client */
export async function updateSigningSecret(sql: Sql, id: string, sealed: Buffer): Promise<boolean> {
  const rows = await sql.query('update client set signing_secret = $2 where id = $1 and not public returning id', [
    id,
    sealed,
  ])
  return rows.length === 1
}

/** Keeps the first moment when it is asked for again. @returns false when there is no such client */
export async function markClientDisabled(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql.query(
    'update client set disabled_at = coalesce(disabled_at, clock_timestamp()) where id = $1 returning id',
    [id],
  )
  return rows.length === 1
}

/** Clients that were issued a token; noted to the minute, so that a busy one is not written with every grant. Waits for nobody. */
export async function markClientsUsed(sql: Sql, ids: readonly string[]): Promise<void> {
  await sql.query(
    `update client set last_used_at = clock_timestamp() where id in (
       select id from client
       where id = any($1::text[]) and (last_used_at is null or last_used_at < clock_timestamp() - interval '1 minute')
       for update skip locked
     )`,
    [ids],
  )
}
