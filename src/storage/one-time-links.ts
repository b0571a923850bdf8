import type { Sql } from './database.ts'
import type { TeamRole } from './teams.ts'

export type LinkPurpose = 'recover-password' | 'invitation' | 'verify-email' | 'erase-account'

/** `role`: of an invitation; null means owner. */
export type LinkRow = { email: string; party_id: string; role: TeamRole | null; expires_at: Date }

/** @param life PostgreSQL interval. @returns when it ends */
export async function insertLink(
  sql: Sql,
  row: {
    token_hash: Buffer
    purpose: LinkPurpose
    email: string
    party_id: string
    role: TeamRole | null
    life: string
  },
): Promise<Date> {
  const rows = await sql.query<{ expires_at: Date }>(
    `insert into one_time_link (token_hash, purpose, email, party_id, role, expires_at)
     values ($1, $2, $3, $4, $5, clock_timestamp() + $6::interval) returning expires_at`,
    [row.token_hash, row.purpose, row.email, row.party_id, row.role, row.life],
  )
  return (rows[0] as { expires_at: Date }).expires_at
}

/** A link that could be used now. */
export async function findLiveLink(sql: Sql, tokenHash: Buffer, purpose: LinkPurpose): Promise<LinkRow | undefined> {
  const rows = await sql.query<LinkRow>(
    `select email, party_id, role, expires_at from one_time_link
     where token_hash = $1 and purpose = $2 and used_at is null and expires_at > clock_timestamp()`,
    [tokenHash, purpose],
  )
  return rows[0]
}

/** Uses a link. Of many at once one gets the row; the others find it used. */
export async function takeLink(sql: Sql, tokenHash: Buffer, purpose: LinkPurpose): Promise<LinkRow | undefined> {
  const rows = await sql.query<LinkRow>(
    `update one_time_link set used_at = clock_timestamp()
     where token_hash = $1 and purpose = $2 and used_at is null and expires_at > clock_timestamp()
     returning email, party_id, role, expires_at`,
    [tokenHash, purpose],
  )
  return rows[0]
}

/** Ends the links of one purpose that went to an address and were not used. */
export async function voidLinks(sql: Sql, email: string, purpose: LinkPurpose): Promise<void> {
  await sql.query(
    'update one_time_link set used_at = clock_timestamp() where email = $1 and purpose = $2 and used_at is null',
    [email, purpose],
  )
}

/** Ends the invitations of an address to one party: nobody ends another party's. @returns whether there was a live one */
export async function voidInvitations(sql: Sql, email: string, partyId: string): Promise<boolean> {
  const rows = await sql.query<{ live: boolean }>(
    `update one_time_link set used_at = clock_timestamp()
     where email = $1 and party_id = $2 and purpose = 'invitation' and used_at is null
     returning expires_at > clock_timestamp() as live`,
    [email, partyId],
  )
  return rows.some(({ live }) => live)
}

/** @returns how many were deleted, at most `atMost` */
export async function deleteOldLinks(sql: Sql, atMost: number): Promise<number> {
  const rows = await sql.query(
    `delete from one_time_link where token_hash in (
       select token_hash from one_time_link where expires_at < clock_timestamp() - interval '1 day' limit $1
       for update skip locked)
     returning 1`,
    [atMost],
  )
  return rows.length
}
