import type { Sql } from './database.ts'

export type PublicJwk = { kty: 'EC'; crv: 'P-256'; x: string; y: string; kid: string; alg: 'ES256'; use: 'sig' }

export type SigningKeyRow = {
  kid: string
  public_jwk: PublicJwk
  /** sealed */
  private_jwk: Buffer
  created_at: Date
  active_at: Date
  retired_at: Date | null
}

/** Keys that are not retired, or were retired after `retiredAfter`: those whose tokens may still be alive. */
export async function listSigningKeys(sql: Sql, retiredAfter: Date): Promise<SigningKeyRow[]> {
  return sql.query<SigningKeyRow>(
    `select kid, public_jwk, private_jwk, created_at, active_at, retired_at from signing_key
     where retired_at is null or retired_at > $1 order by active_at desc, kid`,
    [retiredAfter],
  )
}

/** Until the transaction ends, no other process can add or retire a key. */
export async function lockSigningKeys(sql: Sql): Promise<void> {
  await sql.query('lock table signing_key in share row exclusive mode')
}

export async function insertSigningKey(sql: Sql, row: Omit<SigningKeyRow, 'retired_at'>): Promise<void> {
  await sql.query(
    `insert into signing_key (kid, alg, public_jwk, private_jwk, created_at, active_at)
     values ($1, 'ES256', $2, $3, $4, $5)`,
    [row.kid, JSON.stringify(row.public_jwk), row.private_jwk, row.created_at, row.active_at],
  )
}

/** Every live key but one stops signing at a moment; its tokens stay verifiable until they expire. */
export async function retireSigningKeysExcept(sql: Sql, kid: string, at: Date): Promise<void> {
  await sql.query('update signing_key set retired_at = $2 where kid <> $1 and retired_at is null', [kid, at])
}
