import { html } from 'hono/html'
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from '../../operations/input.ts'
import type { SignInSettings } from '../../storage/parties.ts'
import type { WebSessionRow } from '../../storage/web-sessions.ts'
import {
  button,
  buttonRow,
  definitionList,
  field,
  heard,
  linkButton,
  notice,
  pageHeading,
  section,
  select,
  table,
} from '../components.ts'
import type { PageContext, PageSession } from '../env.ts'
import { formatTime } from '../format.ts'
import { csrfField } from '../forms.ts'
import type { Markup } from '../layout.ts'
import { LANGUAGES } from '../messages.ts'
import { accountText as text } from './messages.ts'

export type AccountPage = {
  session: PageSession
  settings: SignInSettings
  sessions: WebSessionRow[]
  /** whether mail can be sent at all */
  mail: boolean
  notice?: { kind: 'good' | 'bad'; text: string } | undefined
  errors?: { present?: string; next?: string }
}

export function accountView(c: PageContext, page: AccountPage): Markup {
  const language = c.get('language')
  const { session, settings } = page
  return html`${pageHeading(text(language, 'account'))}
${page.notice === undefined ? '' : notice(page.notice.kind, page.notice.text)}
${section('you', text(language, 'you'), you(c, page))}
${section('sessions', text(language, 'sessions'), sessions(c, session, page.sessions), { sub: text(language, 'sessions-sub') })}
${section('factors', text(language, 'factors'), factors(c, session), { sub: text(language, session.totp || session.passkey ? 'factors-some' : 'factors-none') })}
${section('password', text(language, 'password'), password(c, page), { sub: text(language, 'password-sub') })}
${section('language', text(language, 'language'), languages(c, settings))}
${section('data', text(language, 'data'), buttonRow(linkButton('/account/data', text(language, 'data-open'))), { sub: text(language, 'data-sub') })}`
}

function you(c: PageContext, { session, settings, mail }: AccountPage): Markup {
  const language = c.get('language')
  const verified = settings.email_verified_at !== null
  const state = html`${settings.email} <small class="tag ${verified ? 'good' : 'plain'}">${text(language, verified ? 'verified' : 'unverified')}</small>`
  const facts: [string, Markup | string][] = [
    [text(language, 'name'), settings.name],
    [text(language, 'email'), state],
  ]
  if (session.operator) facts.push([text(language, 'role'), text(language, 'operator')])
  const send = html`<form method="post" action="/account/verify">${csrfField(c)}${buttonRow(
    button({ label: text(language, 'verify-send'), kind: 'quiet' }),
  )}</form>`
  return html`${definitionList(facts)}${verified || !mail ? '' : send}`
}

function sessions(c: PageContext, present: PageSession, rows: WebSessionRow[]): Markup {
  const language = c.get('language')
  const deviceOf = ({ device }: WebSessionRow) => device || text(language, 'device-unknown')
  const rowsTable = table<WebSessionRow>(
    text(language, 'sessions'),
    [
      {
        label: text(language, 'device'),
        cell: (row) =>
          html`${deviceOf(row)}${row.id === present.id ? html` <small class="tag good">${text(language, 'this-one')}</small>` : ''}`,
      },
      { label: text(language, 'address'), cell: ({ address }) => address || '–' },
      { label: text(language, 'began'), cell: ({ created_at }) => formatTime(created_at, language) },
      { label: text(language, 'seen'), cell: ({ seen_at }) => formatTime(seen_at, language) },
      {
        label: text(language, 'action'),
        cell: (row) => (row.id === present.id ? '' : endForm(c, row, deviceOf(row))),
      },
    ],
    rows,
  )
  if (rows.length < 2) return rowsTable
  return html`${rowsTable}<form method="post" action="/account/sessions/others">${csrfField(c)}${buttonRow(
    button({ label: text(language, 'end-others'), kind: 'quiet' }),
  )}</form>`
}

function endForm(c: PageContext, { id, address }: WebSessionRow, device: string): Markup {
  const language = c.get('language')
  const label = html`<span aria-hidden="true">${text(language, 'end')}</span>${heard(text(language, 'end-this', { device, address }))}`
  return html`<form method="post" action="/account/sessions/${id}/end">${csrfField(c)}${button({ label, kind: 'quiet' })}</form>`
}

function factors(c: PageContext, { totp, passkey }: PageSession): Markup {
  const label = text(c.get('language'), 'factors-open')
  return buttonRow(linkButton('/account/security', label, totp || passkey ? 'quiet' : 'primary'))
}

function password(c: PageContext, { settings, errors = {} }: AccountPage): Markup {
  const language = c.get('language')
  return html`<form class="sheet" method="post" action="/account/password">${csrfField(c)}
<input type="email" name="email" value="${settings.email}" autocomplete="username" hidden readonly>
${field({ name: 'present', label: text(language, 'password-present'), type: 'password', error: errors.present, autocomplete: 'current-password' })}
${field({
  name: 'next',
  label: text(language, 'password-next'),
  hint: text(language, 'password-hint'),
  type: 'password',
  error: errors.next,
  autocomplete: 'new-password',
  minlength: SHORTEST_PASSWORD,
  maxlength: LONGEST_PASSWORD,
})}
${buttonRow(button({ label: text(language, 'password-save') }))}</form>`
}

function languages(c: PageContext, settings: SignInSettings): Markup {
  const language = c.get('language')
  const choices = [
    { value: 'browser', label: text(language, 'language-browser') },
    ...LANGUAGES.map((value) => ({ value, label: text(language, `language-${value}`) })),
  ]
  return html`<form class="sheet" method="post" action="/account/language">${csrfField(c)}
${select({ name: 'language', id: 'language-choice', label: text(language, 'language-label'), value: settings.language ?? 'browser', choices })}
${buttonRow(button({ label: text(language, 'language-save'), kind: 'quiet' }))}</form>`
}
