import type { Sql } from './database.ts'
import type { TeamRole } from './teams.ts'

export type PartyRow = { id: string; kind: 'person' | 'business'; name: string }

export async function insertParty(sql: Sql, row: PartyRow): Promise<void> {
  await sql.query('insert into party (id, kind, name) values ($1, $2, $3)', [row.id, row.kind, row.name])
}

export async function findParty(sql: Sql, id: string): Promise<PartyRow | undefined> {
  const rows = await sql.query<PartyRow>('select id, kind, name from party where id = $1', [id])
  return rows[0]
}

export type SignInRow = { email: string; party_id: string; password_hash: string; operator: boolean }

/** What its owner may see and set of a sign-in. */
export type SignInSettings = { email: string; name: string; language: string | null; email_verified_at: Date | null }

/** @param row.role in the party's team; owner when absent. @returns false when the address is taken */
export async function insertSignIn(sql: Sql, row: SignInRow & { role?: TeamRole }): Promise<boolean> {
  const rows = await sql.query(
    `insert into sign_in (email, party_id, password_hash, operator, role) values ($1, $2, $3, $4, $5)
     on conflict (email) do nothing returning email`,
    [row.email, row.party_id, row.password_hash, row.operator, row.role ?? 'owner'],
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

/**
 * The same, kept as it is until the transaction ends. What touches a sign-in, its sessions and its links locks it first: so none of
 * them wait for each other in a circle, and each finds what the one before has done.
 * @param strength `share` for those who only need it to stay, `update` for those who change it
 */
export async function holdSignIn(
  sql: Sql,
  email: string,
  strength: 'share' | 'update',
): Promise<SignInRow | undefined> {
  const rows = await sql.query<SignInRow>(
    `select email, party_id, password_hash, operator from sign_in where email = $1 for ${strength}`,
    [email],
  )
  return rows[0]
}

export async function findSignInSettings(sql: Sql, email: string): Promise<SignInSettings | undefined> {
  const rows = await sql.query<SignInSettings>(
    `select email, name, language, email_verified_at
     from sign_in join party on party.id = sign_in.party_id where email = $1`,
    [email],
  )
  return rows[0]
}

/** @param language null: as the browser says */
export async function updateLanguage(sql: Sql, email: string, language: string | null): Promise<void> {
  await sql.query('update sign_in set language = $2 where email = $1', [email, language])
}

/** Keeps the first moment. */
export async function markEmailVerified(sql: Sql, email: string): Promise<void> {
  await sql.query(
    'update sign_in set email_verified_at = clock_timestamp() where email = $1 and email_verified_at is null',
    [email],
  )
}

/** @returns false when the password is not the one it was, because someone else changed it meanwhile */
export async function replacePassword(sql: Sql, email: string, before: string, after: string): Promise<boolean> {
  const rows = await sql.query(
    'update sign_in set password_hash = $3 where email = $1 and password_hash = $2 returning email',
    [email, before, after],
  )
  return rows.length === 1
}

export async function updatePassword(sql: Sql, email: string, passwordHash: string): Promise<void> {
  await sql.query('update sign_in set password_hash = $2 where email = $1', [email, passwordHash])
}

/** The first party of that name. */
export async function findPartyByName(sql: Sql, name: string): Promise<PartyRow | undefined> {
  const rows = await sql.query<PartyRow>('select id, kind, name from party where name = $1 order by id limit 1', [name])
  return rows[0]
}
