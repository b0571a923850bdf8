import { html } from 'hono/html'
import { createThrottle } from '../../../credentials/throttle.ts'
import { OperationRefusal } from '../../../operations/input.ts'
import { invite } from '../../../operations/invite.ts'
import { isTeamRole, TEAM_ROLES } from '../../../operations/team.ts'
import { field, select } from '../../components.ts'
import { isLanguage, LANGUAGES } from '../../messages.ts'
import { PageProblem } from '../../problem.ts'
import { goTo, sendForm } from '../act-form.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'
import { teamParty, teamPath } from './find.ts'
import { teamText } from './words.ts'

const NATIVE = { en: 'English', fr: 'Français' }

type Problem = { email?: string; whole?: string }

/** Asks whom to invite. */
export async function invitePage(deps: ConsoleDeps, call: ConsoleCall, problem: Problem = {}): Promise<Response> {
  const { language, form } = call
  if (!deps.mailer.enabled) throw new PageProblem('not-found')
  const { name } = await teamParty(deps, call)
  const role = form.get('role')
  const words = form.get('language')
  const fields = html`${field({
    name: 'email',
    type: 'email',
    label: teamText(language, 'email'),
    value: form.get('email'),
    maxlength: 254,
    autocomplete: 'off',
    error: problem.email,
  })}${select({
    name: 'role',
    label: teamText(language, 'role'),
    value: isTeamRole(role) ? role : 'member',
    choices: TEAM_ROLES.map((value) => ({ value, label: teamText(language, `role-${value}-does`) })),
  })}${select({
    name: 'language',
    label: teamText(language, 'language'),
    value: isLanguage(words) ? words : language,
    choices: LANGUAGES.map((value) => ({ value, label: NATIVE[value] })),
  })}`
  const answer = await sendForm(deps, call, {
    title: teamText(language, 'invite'),
    sub: teamText(language, 'invite-sub'),
    place: 'team',
    path: `${teamPath(call)}/invite`,
    back: teamPath(call),
    effects: [teamText(language, 'invite-effect', { name }), teamText(language, 'invite-in-vain')],
    fields,
    submit: teamText(language, 'invite-send'),
    password: true,
    ...(problem.whole !== undefined && { refusal: problem.whole }),
  })
  return problem.email === undefined ? answer : new Response(answer.body, { status: 422, headers: answer.headers })
}

/** Sends an invitation. Owners are not told whether an address is known here; their team's own people they know. */
export async function sendInvitation(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, form, user } = call
  const party = await teamParty(deps, call)
  const role = form.get('role')
  const words = form.get('language')
  if (!isTeamRole(role) || !isLanguage(words)) throw new PageProblem('form-malformed')
  const seconds = await createThrottle(deps.keyring).take(deps.db, { rule: 'invitation', of: party.id })
  if (seconds > 0) return invitePage(deps, call, { whole: teamText(language, 'throttled', { seconds }) })
  try {
    const discreet = user.role !== 'operator'
    const { email } = await deps.db.transaction((db) =>
      invite(
        { db, mailer: deps.mailer },
        { partyId: party.id, email: form.get('email') ?? '', role, language: words, discreet },
      ),
    )
    call.note({ party: party.id, email, role })
    return goTo(call, `${teamPath(call)}?done=invited`)
  } catch (error) {
    if (!(error instanceof OperationRefusal)) throw error
    const why = error.code === 'already_exists' ? 'already-there' : 'email-wrong'
    return invitePage(deps, call, { email: teamText(language, why) })
  }
}
