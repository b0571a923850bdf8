import type { Database, Sql } from '../storage/database.ts'
import { voidInvitations, voidLinks } from '../storage/one-time-links.ts'
import { deleteSignIn, holdTeam, type TeamRole, updateRole } from '../storage/teams.ts'
import { OperationRefusal } from './input.ts'

type TeamDeps = { db: Database }

export const TEAM_ROLES: readonly TeamRole[] = ['owner', 'member', 'viewer']

export const isTeamRole = (text: unknown): text is TeamRole => TEAM_ROLES.includes(text as TeamRole)

/**
 * Gives somebody of a team another role, which counts from the next request on.
 * @throws {OperationRefusal} `not_found` for who is not of the team, or runs the installation; `conflict` for the last owner
 */
export function changeRole(deps: TeamDeps, input: { partyId: string; email: string; role: TeamRole }): Promise<void> {
  const { partyId, email, role } = input
  return deps.db.transaction(async (sql) => {
    await holdMember(sql, partyId, email, role !== 'owner')
    await updateRole(sql, email, role)
  })
}

/**
 * Takes somebody out of a team: the sign-in is deleted, sessions, factors and application passwords with it. What they did stays on
 * record.
 * @throws {OperationRefusal} as `changeRole`
 */
export function removeMember(deps: TeamDeps, input: { partyId: string; email: string }): Promise<void> {
  const { partyId, email } = input
  return deps.db.transaction(async (sql) => {
    await holdMember(sql, partyId, email, true)
    await voidLinks(sql, email, 'recover-password')
    await voidLinks(sql, email, 'verify-email')
    await voidLinks(sql, email, 'erase-account')
    await deleteSignIn(sql, email)
  })
}

/** @returns false when there was none that could have been used */
export const withdrawInvitation = (deps: TeamDeps, input: { partyId: string; email: string }): Promise<boolean> =>
  voidInvitations(deps.db, input.email, input.partyId)

async function holdMember(sql: Sql, partyId: string, email: string, ceases: boolean): Promise<void> {
  const team = await holdTeam(sql, partyId)
  const member = team.find((one) => one.email === email)
  if (!member || member.operator)
    throw new OperationRefusal('not_found', 'email', 'nobody of this team has this address')
  const owners = team.filter(({ role }) => role === 'owner')
  if (ceases && member.role === 'owner' && owners.length === 1)
    throw new OperationRefusal('conflict', 'email', 'this is the last owner of the team')
}
