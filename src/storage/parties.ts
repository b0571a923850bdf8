import type { Sql } from './database.ts'

export type PartyRow = { id: string; kind: 'person' | 'business'; name: string }

export async function insertParty(sql: Sql, row: PartyRow): Promise<void> {
  await sql.query('insert into party (id, kind, name) values ($1, $2, $3)', [row.id, row.kind, row.name])
}

export async function findParty(sql: Sql, id: string): Promise<PartyRow | undefined> {
  const rows = await sql.query<PartyRow>('select id, kind, name from party where id = $1', [id])
  return rows[0]
}

export type SignInRow = { email: string; party_id: string; password_hash: string; operator: boolean }

/** @returns false when the address is taken */
export async function insertSignIn(sql: Sql, row: SignInRow): Promise<boolean> {
  const rows = await sql.query(
    `insert into sign_in (email, party_id, password_hash, operator) values ($1, $2, $3, $4)
     on conflict (email) do nothing returning email`,
    [row.email, row.party_id, row.password_hash, row.operator],
  )
  return rows.length === 1
}

/** @param email in lower case */
export async function findSignIn(sql: Sql, email: string): Promise<SignInRow | undefined> {
  const rows = await sql.query<SignInRow>(
    'select email, party_id, password_hash, operator from sign_in where email = $1',
    [email],
  )
  return rows[0]
}

export async function updatePassword(sql: Sql, email: string, passwordHash: string): Promise<void> {
  await sql.query('update sign_in set password_hash = $2 where email = $1', [email, passwordHash])
}

/** The first party of that name. */
export async function findPartyByName(sql: Sql, name: string): Promise<PartyRow | undefined> {
  const rows = await sql.query<PartyRow>('select id, kind, name from party where name = $1 order by id limit 1', [name])
  return rows[0]
}
