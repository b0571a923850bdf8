import { html } from 'hono/html'
import { listInvitations, listTeam, type TeamInvitation, type TeamMember } from '../../../storage/teams.ts'
import { button, buttonRow, emptyState, heard, linkButton, pageHeading, section, table } from '../../components.ts'
import { formatTime } from '../../format.ts'
import { csrfField } from '../../forms.ts'
import type { Markup } from '../../layout.ts'
import { doneNotice } from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'
import { memberId, teamParty, teamPath } from './find.ts'
import { teamText } from './words.ts'

/** The team: who is in it, and who is invited. */
export async function teamPage(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language } = call
  const text = (key: Parameters<typeof teamText>[1], values = {}) => teamText(language, key, values)
  const party = await teamParty(deps, call)
  const { name } = party
  const [team, invitations] = await Promise.all([listTeam(deps.db, party.id), listInvitations(deps.db, party.id)])
  const invite = deps.mailer.enabled
    ? linkButton(`/console${teamPath(call)}/invite`, text('invite'), 'primary')
    : html`<p class="hint">${text('invite-off')}</p>`
  const done = doneNotice(call, {
    invited: text('done-invited'),
    changed: text('done-changed'),
    removed: text('done-removed'),
    withdrawn: text('done-withdrawn'),
  })
  const members =
    team.length === 0
      ? emptyState(text('empty', { name }))
      : html`<div class="team">${memberTable(deps, call, team)}</div>`
  const open =
    invitations.length === 0 ? html`<p>${text('invitations-none')}</p>` : invitationTable(deps, call, invitations)
  const title = text('team-of', { name })
  const body = html`${pageHeading(title, { sub: text('sub', { name }), actions: invite })}${done}${members}${section(
    'invitations',
    text('invitations'),
    open,
    { sub: text('invitations-sub') },
  )}`
  return sendConsole(deps, call, { title, place: 'team', body })
}

function memberTable(deps: ConsoleDeps, call: ConsoleCall, team: TeamMember[]): Markup {
  const { language, user } = call
  const text = (key: Parameters<typeof teamText>[1], values = {}) => teamText(language, key, values)
  const act = ({ email }: TeamMember, what: 'change' | 'remove') =>
    linkButton(
      `/console${teamPath(call)}/${memberId(deps, email)}/${what === 'change' ? 'role' : 'remove'}`,
      html`<span aria-hidden="true">${text(what)}</span>${heard(text(`${what}-this`, { email }))}`,
    )
  return table<TeamMember>(
    text('team'),
    [
      {
        label: text('who'),
        cell: ({ email, operator, factor }) =>
          html`${email}${email === user.email ? html` <small class="tag good">${text('you')}</small>` : ''}${
            operator ? html` <small class="tag plain">${text('operator')}</small>` : ''
          }${factor ? html` <small class="tag plain">${text('factor')}</small>` : ''}`,
      },
      { label: text('role'), cell: ({ role }) => html`<span class="whole">${text(`role-${role}`)}</span>` },
      {
        label: text('seen'),
        cell: ({ seen_at }) => (seen_at === null ? text('nowhere') : formatTime(seen_at, language)),
      },
      {
        label: text('action'),
        cell: (member) => (member.operator ? '' : buttonRow(act(member, 'change'), act(member, 'remove'))),
      },
    ],
    team,
  )
}

function invitationTable(deps: ConsoleDeps, call: ConsoleCall, rows: TeamInvitation[]): Markup {
  const { language, c } = call
  const text = (key: Parameters<typeof teamText>[1], values = {}) => teamText(language, key, values)
  return table<TeamInvitation>(
    text('invitations'),
    [
      { label: text('email'), cell: ({ email }) => email },
      { label: text('role'), cell: ({ role }) => text(`role-${role}`) },
      { label: text('expires'), cell: ({ expires_at }) => formatTime(expires_at, language) },
      {
        label: text('action'),
        cell: ({ email }) =>
          html`<form method="post" action="/console${teamPath(call)}/${memberId(deps, email)}/withdraw">${csrfField(c)}${button(
            {
              label: html`<span aria-hidden="true">${text('withdraw')}</span>${heard(text('withdraw-this', { email }))}`,
              kind: 'quiet',
            },
          )}</form>`,
      },
    ],
    rows,
  )
}
