import { OperationRefusal } from '../../../operations/input.ts'
import { changeRole, isTeamRole, removeMember, TEAM_ROLES, withdrawInvitation } from '../../../operations/team.ts'
import { listInvitations } from '../../../storage/teams.ts'
import { select } from '../../components.ts'
import { PageProblem } from '../../problem.ts'
import { goTo, sendForm } from '../act-form.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'
import { memberId, teamMember, teamParty, teamPath } from './find.ts'
import { teamText } from './words.ts'

const atMember = (call: ConsoleCall, what: string) => `${teamPath(call)}/${call.param('member')}/${what}`

/** Asks for somebody's new role. */
export async function rolePage(deps: ConsoleDeps, call: ConsoleCall, refusal?: string): Promise<Response> {
  const { language, form } = call
  const party = await teamParty(deps, call)
  const { email, role } = await teamMember(deps, call, party.id)
  const chosen = form.get('role')
  return sendForm(deps, call, {
    title: teamText(language, 'change-this', { email }),
    sub: teamText(language, 'change-sub'),
    place: 'team',
    path: atMember(call, 'role'),
    back: teamPath(call),
    fields: select({
      name: 'role',
      label: teamText(language, 'role'),
      value: isTeamRole(chosen) ? chosen : role,
      choices: TEAM_ROLES.map((value) => ({ value, label: teamText(language, `role-${value}-does`) })),
    }),
    submit: teamText(language, 'change-save'),
    password: true,
    ...(refusal !== undefined && { refusal }),
  })
}

export async function saveRole(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const party = await teamParty(deps, call)
  const { email, role: before } = await teamMember(deps, call, party.id)
  const role = call.form.get('role')
  if (!isTeamRole(role)) throw new PageProblem('form-malformed')
  call.note({ party: party.id, email, before, role })
  return tried(
    call,
    () => changeRole(deps, { partyId: party.id, email, role }),
    'changed',
    () => rolePage(deps, call, teamText(call.language, 'last-owner')),
  )
}

/** Says what removing somebody does, and asks for the password. */
export async function removePage(deps: ConsoleDeps, call: ConsoleCall, refusal?: string): Promise<Response> {
  const { language } = call
  const party = await teamParty(deps, call)
  const { email } = await teamMember(deps, call, party.id)
  return sendForm(deps, call, {
    title: teamText(language, 'remove-this', { email }),
    sub: teamText(language, 'remove-sub', { email }),
    place: 'team',
    path: atMember(call, 'remove'),
    back: teamPath(call),
    effects: (['gone', 'keys', 'stays'] as const).map((what) => teamText(language, `remove-effect-${what}`)),
    submit: teamText(language, 'remove'),
    danger: true,
    password: true,
    ...(refusal !== undefined && { refusal }),
  })
}

export async function remove(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const party = await teamParty(deps, call)
  const { email, role } = await teamMember(deps, call, party.id)
  call.note({ party: party.id, email, role })
  return tried(
    call,
    () => removeMember(deps, { partyId: party.id, email }),
    'removed',
    () => removePage(deps, call, teamText(call.language, 'last-owner')),
  )
}

export async function withdraw(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const party = await teamParty(deps, call)
  const invitations = await listInvitations(deps.db, party.id)
  const found = invitations.find(({ email }) => memberId(deps, email) === call.param('member'))
  if (!found || !(await withdrawInvitation(deps, { partyId: party.id, email: found.email })))
    throw new PageProblem('not-found')
  call.note({ party: party.id, email: found.email })
  return goTo(call, `${teamPath(call)}?done=withdrawn`)
}

async function tried(call: ConsoleCall, work: () => Promise<void>, done: string, again: () => Promise<Response>) {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof OperationRefusal)) throw error
    if (error.code === 'not_found') throw new PageProblem('not-found')
    return again()
  }
  return goTo(call, `${teamPath(call)}?done=${done}`)
}
