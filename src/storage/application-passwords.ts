import type { Sql } from './database.ts'
import { HAS_FACTOR } from './second-factors.ts'

export type ApplicationPasswordRow = { id: string; name: string; created_at: Date; used_at: Date | null }

export async function insertApplicationPassword(
  sql: Sql,
  row: { id: string; email: string; name: string; secret_hash: Buffer },
): Promise<void> {
  await sql.query('insert into application_password (id, email, name, secret_hash) values ($1, $2, $3, $4)', [
    row.id,
    row.email,
    row.name,
    row.secret_hash,
  ])
}

export function listApplicationPasswords(sql: Sql, email: string): Promise<ApplicationPasswordRow[]> {
  return sql.query<ApplicationPasswordRow>(
    'select id, name, created_at, used_at from application_password where email = $1 order by id desc limit 100',
    [email],
  )
}

/** @returns its name, or undefined when this person has no such one */
export async function deleteApplicationPassword(sql: Sql, email: string, id: string): Promise<string | undefined> {
  const rows = await sql.query<{ name: string }>(
    'delete from application_password where email = $1 and id = $2 returning name',
    [email, id],
  )
  return rows[0]?.name
}

/** A sign-in as a program proves it. */
export type ProgramSignIn = {
  party_id: string
  role: 'owner' | 'member' | 'viewer'
  password_hash: string
  /** a plain password is not enough */
  factor: boolean
  /** of the application password that was presented; null: it is none */
  application_id: string | null
}

/** @param secretHash of what was presented */
export async function findProgramSignIn(
  sql: Sql,
  email: string,
  secretHash: Buffer,
): Promise<ProgramSignIn | undefined> {
  const rows = await sql.query<ProgramSignIn>(
    `select party_id, role, password_hash, ${HAS_FACTOR} as factor,
            (select id from application_password a where a.email = sign_in.email and secret_hash = $2) as application_id
     from sign_in where email = $1`,
    [email, secretHash],
  )
  return rows[0]
}

export async function touchApplicationPassword(sql: Sql, id: string): Promise<void> {
  await sql.query('update application_password set used_at = clock_timestamp() where id = $1', [id])
}
