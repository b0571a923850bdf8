import type { Sql } from './database.ts'

/** What somebody has beside the password. */
export type FactorsRow = {
  /** since when there is an authenticator app */
  totp_since: Date | null
  passkeys: number
  /** recovery codes that were not used */
  codes: number
}

export async function readFactors(sql: Sql, email: string): Promise<FactorsRow> {
  const rows = await sql.query<FactorsRow>(
    `select (select created_at from totp_factor where email = $1) as totp_since,
            (select count(*) from passkey where email = $1)::int as passkeys,
            (select count(*) from recovery_code where email = $1 and used_at is null)::int as codes`,
    [email],
  )
  return rows[0] as FactorsRow
}

/** In a query that has `sign_in`: whether its owner has an authenticator app or a passkey. */
export const HAS_FACTOR = `(exists (select from totp_factor t where t.email = sign_in.email)
  or exists (select from passkey p where p.email = sign_in.email))`

/** Whether this sign-in asks for more than the password. */
export async function hasSecondFactor(sql: Sql, email: string): Promise<boolean> {
  const rows = await sql.query(`select from sign_in where email = $1 and ${HAS_FACTOR}`, [email])
  return rows.length === 1
}

/** @returns false when there is one already */
export async function insertTotp(
  sql: Sql,
  row: { email: string; sealed: Buffer; last_step: number },
): Promise<boolean> {
  const rows = await sql.query(
    `insert into totp_factor (email, sealed, last_step) values ($1, $2, $3)
     on conflict (email) do nothing returning email`,
    [row.email, row.sealed, row.last_step],
  )
  return rows.length === 1
}

export async function findTotp(sql: Sql, email: string): Promise<Buffer | undefined> {
  const rows = await sql.query<{ sealed: Buffer }>('select sealed from totp_factor where email = $1', [email])
  return rows[0]?.sealed
}

/** Uses a step's code. Of any number at once one gets it, in whichever process they are. */
export async function takeTotpStep(sql: Sql, email: string, step: number): Promise<boolean> {
  const rows = await sql.query(
    'update totp_factor set last_step = $2 where email = $1 and last_step < $2 returning email',
    [email, step],
  )
  return rows.length === 1
}

export async function deleteTotp(sql: Sql, email: string): Promise<boolean> {
  const rows = await sql.query('delete from totp_factor where email = $1 returning email', [email])
  return rows.length === 1
}

/** Ends the codes that there are, and puts these in their place. */
export async function replaceRecoveryCodes(sql: Sql, email: string, hashes: readonly Buffer[]): Promise<void> {
  await sql.query('delete from recovery_code where email = $1', [email])
  await sql.query('insert into recovery_code (email, code_hash) select $1, unnest($2::bytea[])', [email, hashes])
}

/** Whether there is such a code; changes nothing. */
export async function hasRecoveryCode(sql: Sql, email: string, hash: Buffer): Promise<boolean> {
  const rows = await sql.query('select from recovery_code where email = $1 and code_hash = $2 and used_at is null', [
    email,
    hash,
  ])
  return rows.length === 1
}

/** Uses a code, once. */
export async function takeRecoveryCode(sql: Sql, email: string, hash: Buffer): Promise<boolean> {
  const rows = await sql.query(
    `update recovery_code set used_at = clock_timestamp()
     where email = $1 and code_hash = $2 and used_at is null returning email`,
    [email, hash],
  )
  return rows.length === 1
}

/** Codes recover a factor, so they end with the last one. */
export async function deleteIdleRecoveryCodes(sql: Sql, email: string): Promise<void> {
  await sql.query(
    `delete from recovery_code where email = $1
       and not exists (select from sign_in where sign_in.email = $1 and ${HAS_FACTOR})`,
    [email],
  )
}

/** Takes every second factor away from a sign-in. @returns whether there was one */
export async function deleteFactors(sql: Sql, email: string): Promise<boolean> {
  const totp = await deleteTotp(sql, email)
  const passkeys = await sql.query('delete from passkey where email = $1 returning id', [email])
  await sql.query('delete from recovery_code where email = $1', [email])
  return totp || passkeys.length > 0
}
