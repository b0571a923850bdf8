import type { EndedSession } from './compromises.ts'
import type { Sql } from './database.ts'

// What ends when a credential is compromised. Each is one statement of the caller's transaction and tells how many it ended. `of` is
// one credential, or a party with all that it has.

export type Of = { readonly id: string } | { readonly partyId: string }

const count = async (sql: Sql, text: string, values: unknown[]): Promise<number> =>
  (await sql.query(text, values)).length

/** A condition with `$1`. */
const which = (of: Of, id: string, party: string): [condition: string, value: string] =>
  'id' in of ? [`${id} = $1`, of.id] : [`${party} = $1`, of.partyId]

/** No new tokens, and those that there are refused within 5 s everywhere. */
export function endClients(sql: Sql, of: Of): Promise<number> {
  const [condition, value] = which(of, 'id', 'party_id')
  return count(
    sql,
    `update client set disabled_at = clock_timestamp() where ${condition} and disabled_at is null returning 1`,
    [value],
  )
}

/**
 * Families of refresh tokens of the clients, and of a party those that it let other clients have. Without an index by client, which
 * every grant would pay for: reads the table.
 */
export function endRefreshFamilies(sql: Sql, of: Of): Promise<number> {
  const condition =
    'id' in of ? 'client_id = $1' : '(party_id = $1 or client_id in (select id from client where party_id = $1))'
  return count(
    sql,
    `update refresh_family set revoked_at = clock_timestamp(), successor = null
     where ${condition} and revoked_at is null returning 1`,
    ['id' in of ? of.id : of.partyId],
  )
}

/** What people let the clients do, and of a party what it let others do. Access tokens end with it, within 5 s everywhere. */
export function endGrants(
  sql: Sql,
  of: { readonly grant: string } | { readonly client: string } | { readonly partyId: string },
): Promise<number> {
  const [condition, value] =
    'grant' in of
      ? ['id = $1', of.grant]
      : 'client' in of
        ? ['client_id = $1', of.client]
        : ['(party_id = $1 or client_id in (select id from client where party_id = $1))', of.partyId]
  return count(
    sql,
    `update consent set revoked_at = clock_timestamp() where ${condition} and revoked_at is null returning 1`,
    [value],
  )
}

/** Families that were issued under one consent. */
export const endFamiliesOfGrant = (sql: Sql, grant: string): Promise<number> =>
  count(
    sql,
    `update refresh_family set revoked_at = clock_timestamp(), successor = null
     where consent_id = $1 and revoked_at is null returning 1`,
    [grant],
  )

/** At once everywhere. */
export function endApiKeys(sql: Sql, of: Of): Promise<number> {
  const [condition, value] = which(of, 'id', 'party_id')
  return count(
    sql,
    `update api_key set revoked_at = clock_timestamp() where ${condition} and revoked_at is null returning 1`,
    [value],
  )
}

/** Within 5 s everywhere; sessions of Jackpot that were opened with them end at once. */
export function endPartnerCredentials(sql: Sql, of: Of): Promise<number> {
  const condition = 'id' in of ? 'id = $1' : 'partner_id in (select id from partner where party_id = $1)'
  return count(
    sql,
    `update partner_credential set revoked_at = clock_timestamp() where ${condition} and revoked_at is null returning 1`,
    ['id' in of ? of.id : of.partyId],
  )
}

/** Puts another hash, which nobody has the secret of, in the place of a client secret. @param of.id the partner's */
export async function endJackpotSecrets(sql: Sql, of: Of, hash: Buffer): Promise<number> {
  const partners = 'id' in of ? 'partner_id = $1' : 'partner_id in (select id from partner where party_id = $1)'
  const value = 'id' in of ? of.id : of.partyId
  await sql.query(`delete from jackpot_session where ${partners} and amount is null`, [value])
  return count(
    sql,
    `update jackpot_account set client_secret_hash = $2, updated_at = clock_timestamp() where ${partners} returning 1`,
    [value, hash],
  )
}

/** Their access tokens end within 5 s everywhere. */
export function endMerchantKeys(sql: Sql, of: Of): Promise<number> {
  const condition =
    'id' in of
      ? 'id = $1'
      : '(merchant_id in (select id from merchant where party_id = $1) or company_id in (select id from company where party_id = $1))'
  return count(
    sql,
    `update merchant_key set revoked_at = clock_timestamp() where ${condition} and revoked_at is null returning 1`,
    ['id' in of ? of.id : of.partyId],
  )
}

/** Ids of those whose secret is to be replaced: merchants, or endpoints of webhooks. */
export async function listSecretOwners(sql: Sql, table: 'merchant' | 'webhook_endpoint', of: Of): Promise<string[]> {
  const [condition, value] = which(of, 'id', 'party_id')
  const live = table === 'merchant' ? 'secret is not null' : 'deleted_at is null'
  const rows = await sql.query<{ id: string }>(
    `select id from ${table} where ${condition} and ${live} order by id for update`,
    [value],
  )
  return rows.map(({ id }) => id)
}

/**
 * The sign-ins that are meant, kept as they are until the transaction ends: in one order, so that nobody waits in a ring.
 * @param operators whether those who run the installation are among them: no team decides about them
 */
export async function holdSignIns(
  sql: Sql,
  of: { readonly email: string } | { readonly partyId: string },
  { operators }: { readonly operators: boolean },
): Promise<string[]> {
  const [condition, value] = 'email' in of ? ['email = $1', of.email] : ['party_id = $1', of.partyId]
  const rows = await sql.query<{ email: string }>(
    `select email from sign_in where ${condition} and ($2 or not operator) order by email for update`,
    [value, operators],
  )
  return rows.map(({ email }) => email)
}

/**
 * Signs people out everywhere, with the next request, and ends the links that were mailed to them.
 * @param but a session that goes on
 */
export async function endSessions(sql: Sql, emails: readonly string[], but: string): Promise<EndedSession[]> {
  await sql.query('delete from half_session where email = any($1::text[])', [emails])
  await sql.query(
    'update one_time_link set used_at = clock_timestamp() where email = any($1::text[]) and used_at is null',
    [emails],
  )
  const rows = await sql.query<{ email: string; device: string; address: string; created_at: Date; seen_at: Date }>(
    `delete from web_session where email = any($1::text[]) and id <> $2
     returning email, device, address, created_at, seen_at`,
    [emails, but],
  )
  return rows.map(({ email, device, address, created_at, seen_at }) => ({
    email,
    device,
    address,
    began: created_at.toISOString(),
    seen: seen_at.toISOString(),
  }))
}

/** Invitations into a team that nobody has followed yet. */
export const endInvitations = (sql: Sql, partyId: string): Promise<number> =>
  count(
    sql,
    `update one_time_link set used_at = clock_timestamp()
     where party_id = $1 and purpose = 'invitation' and used_at is null returning 1`,
    [partyId],
  )

export const endApplicationPasswords = (sql: Sql, emails: readonly string[]): Promise<number> =>
  count(sql, 'delete from application_password where email = any($1::text[]) returning 1', [emails])

export const endPasskeys = (sql: Sql, emails: readonly string[]): Promise<number> =>
  count(sql, 'delete from passkey where email = any($1::text[]) returning 1', [emails])

/** From now on only a mailed link leads to a password. @param hash of one that nobody has */
export const endPasswords = (sql: Sql, emails: readonly string[], hash: string): Promise<number> =>
  count(sql, 'update sign_in set password_hash = $2 where email = any($1::text[]) returning 1', [emails, hash])
