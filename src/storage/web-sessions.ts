import type { Sql } from './database.ts'

export type WebSessionRow = { id: string; device: string; address: string; created_at: Date; seen_at: Date }

/** A live session with the person behind it. */
export type SignedIn = WebSessionRow & {
  email: string
  language: string | null
  operator: boolean
  role: 'owner' | 'member' | 'viewer'
  /** of the party */
  kind: 'person' | 'business'
  party_id: string
  name: string
  /** has an authenticator app */
  totp: boolean
  /** has a passkey */
  passkey: boolean
  /** its use should be noted again; not with every request, which would write with every read */
  stale: boolean
}

/** How long a session lives without being used, and at most; PostgreSQL intervals. */
export const SESSION_IDLE = '12 hours'
export const SESSION_LIFE = '14 days'

const LIVE = `web_session.expires_at > clock_timestamp() and web_session.seen_at > clock_timestamp() - interval '${SESSION_IDLE}'`

export async function insertWebSession(
  sql: Sql,
  row: { id: string; token_hash: Buffer; email: string; device: string; address: string },
): Promise<void> {
  await sql.query(
    `insert into web_session (id, token_hash, email, device, address, expires_at)
     values ($1, $2, $3, $4, $5, clock_timestamp() + interval '${SESSION_LIFE}')`,
    [row.id, row.token_hash, row.email, row.device, row.address],
  )
}

export async function findSignedIn(sql: Sql, tokenHash: Buffer): Promise<SignedIn | undefined> {
  const rows = await sql.query<SignedIn>(
    `select web_session.id, device, address, web_session.created_at, seen_at,
            sign_in.email, language, operator, role, party_id, party.kind, party.name,
            exists (select from totp_factor t where t.email = sign_in.email) as totp,
            exists (select from passkey p where p.email = sign_in.email) as passkey,
            seen_at < clock_timestamp() - interval '1 minute' as stale
     from web_session join sign_in using (email) join party on party.id = sign_in.party_id
     where token_hash = $1 and ${LIVE}`,
    [tokenHash],
  )
  return rows[0]
}

/** Notes that a session is in use. */
export async function touchWebSession(sql: Sql, id: string, address: string): Promise<void> {
  await sql.query('update web_session set seen_at = clock_timestamp(), address = $2 where id = $1', [id, address])
}

/** Those that are live, the one used last first. */
export function listWebSessions(sql: Sql, email: string): Promise<WebSessionRow[]> {
  return sql.query<WebSessionRow>(
    `select id, device, address, created_at, seen_at from web_session where email = $1 and ${LIVE}
     order by seen_at desc, id limit 100`,
    [email],
  )
}

export async function deleteWebSessionByToken(sql: Sql, tokenHash: Buffer): Promise<void> {
  await sql.query('delete from web_session where token_hash = $1', [tokenHash])
}

/** @returns false when this person has no such session */
export async function deleteWebSession(sql: Sql, email: string, id: string): Promise<boolean> {
  const rows = await sql.query('delete from web_session where email = $1 and id = $2 returning id', [email, id])
  return rows.length === 1
}

/** Ends a person's sessions but for one. @returns how many there were */
export async function deleteWebSessions(sql: Sql, email: string, but: string | null): Promise<number> {
  const rows = await sql.query(
    'delete from web_session where email = $1 and ($2::uuid is null or id <> $2) returning id',
    [email, but],
  )
  return rows.length
}

/** @returns how many were deleted, at most `atMost` */
export async function deleteDeadWebSessions(sql: Sql, atMost: number): Promise<number> {
  const rows = await sql.query(
    `delete from web_session where id in (select id from web_session where not (${LIVE}) limit $1 for update skip locked)
     returning id`,
    [atMost],
  )
  return rows.length
}
