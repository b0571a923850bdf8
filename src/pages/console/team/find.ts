import { createHmac } from 'node:crypto'
import { isUuid } from '../../../operations/input.ts'
import { findParty, type PartyRow } from '../../../storage/parties.ts'
import { listTeam, type TeamMember } from '../../../storage/teams.ts'
import { PageProblem } from '../../problem.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'

/** Names somebody in an address, which logs and histories keep: nobody's e-mail address stands in one. */
export const memberId = ({ keyring }: Pick<ConsoleDeps, 'keyring'>, email: string): string =>
  createHmac('sha256', keyring.derive('team-member')).update(email).digest('base64url').slice(0, 22)

/** Where a team's pages are, below `/console`: an owner's own, or any party's for operators. */
export const teamPath = ({ user, param }: ConsoleCall): string =>
  user.role === 'operator' ? `/parties/${param('party')}/team` : '/team'

/** @throws {PageProblem} `not-found` */
export async function teamParty({ db }: ConsoleDeps, { user, param }: ConsoleCall): Promise<PartyRow> {
  const id = user.role === 'operator' ? param('party') : user.partyId
  const party = isUuid(id) ? await findParty(db, id) : undefined
  if (!party) throw new PageProblem('not-found')
  return party
}

/** Whom the address names: somebody of this team about whom it decides. @throws {PageProblem} `not-found` */
export async function teamMember(deps: ConsoleDeps, call: ConsoleCall, partyId: string): Promise<TeamMember> {
  const id = call.param('member')
  const team = await listTeam(deps.db, partyId)
  const member = team.find(({ email, operator }) => !operator && memberId(deps, email) === id)
  if (!member) throw new PageProblem('not-found')
  return member
}
