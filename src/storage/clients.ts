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
  disabled_at: Date | null
}

const COLUMNS = 'id, party_id, name, public, secret_hash, signing_secret, redirect_uris, scopes, disabled_at'

export async function findClient(sql: Sql, id: string): Promise<ClientRow | undefined> {
  const rows = await sql.query<ClientRow>(`select ${COLUMNS} from client where id = $1`, [id])
  return rows[0]
}

/** @returns false when the id is taken */
export async function insertClient(sql: Sql, row: Omit<ClientRow, 'disabled_at'>): Promise<boolean> {
  const rows = await sql.query(
    `insert into client (id, party_id, name, public, secret_hash, signing_secret, redirect_uris, scopes)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing returning id`,
    [row.id, row.party_id, row.name, row.public, row.secret_hash, row.signing_secret, row.redirect_uris, row.scopes],
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
