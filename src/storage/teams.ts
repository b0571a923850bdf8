import type { Sql } from './database.ts'
import { HAS_FACTOR } from './second-factors.ts'

/** Of somebody in the team of a business. */
export type TeamRole = 'owner' | 'member' | 'viewer'

export type TeamMember = {
  email: string
  role: TeamRole
  /** runs the installation; no team decides about them */
  operator: boolean
  factor: boolean
  /** of the sessions that are live */
  seen_at: Date | null
}

export type TeamInvitation = { email: string; role: TeamRole; expires_at: Date }

/** Everybody who signs in for a party, by address. Teams are small; more than 500 are not shown. */
export function listTeam(sql: Sql, partyId: string): Promise<TeamMember[]> {
  return sql.query<TeamMember>(
    `select email, role, operator, ${HAS_FACTOR} as factor,
            (select max(seen_at) from web_session w where w.email = sign_in.email) as seen_at
     from sign_in where party_id = $1 order by email limit 500`,
    [partyId],
  )
}

/** Invitations that could be used now. */
export function listInvitations(sql: Sql, partyId: string): Promise<TeamInvitation[]> {
  return sql.query<TeamInvitation>(
    `select email, coalesce(role, 'owner') as role, expires_at from one_time_link
     where party_id = $1 and purpose = 'invitation' and used_at is null and expires_at > clock_timestamp()
     order by email limit 500`,
    [partyId],
  )
}

/**
 * The whole team, kept as it is until the transaction ends: of two owners who remove each other the second finds what the first has
 * left. By address, so that no two wait for each other in a circle.
 */
export function holdTeam(sql: Sql, partyId: string): Promise<Pick<TeamMember, 'email' | 'role' | 'operator'>[]> {
  return sql.query('select email, role, operator from sign_in where party_id = $1 order by email for update', [partyId])
}

export async function updateRole(sql: Sql, email: string, role: TeamRole): Promise<void> {
  await sql.query('update sign_in set role = $2 where email = $1', [email, role])
}

/** Deletes a sign-in with all that is its own: sessions, factors, application passwords. */
export async function deleteSignIn(sql: Sql, email: string): Promise<void> {
  await sql.query('delete from web_session where email = $1', [email])
  await sql.query('delete from sign_in where email = $1', [email])
}
