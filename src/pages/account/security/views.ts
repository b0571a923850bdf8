import { html } from 'hono/html'
import type { ApplicationPasswordRow } from '../../../storage/application-passwords.ts'
import type { PasskeyListing } from '../../../storage/passkeys.ts'
import type { FactorsRow } from '../../../storage/second-factors.ts'
import { button, buttonRow, heard, linkButton, notice, pageHeading, section, table } from '../../components.ts'
import type { PageContext, PageSession } from '../../env.ts'
import { formatTime } from '../../format.ts'
import { csrfField } from '../../forms.ts'
import type { Markup } from '../../layout.ts'
import { securityText as text } from './messages.ts'

export type SecurityPage = {
  session: PageSession
  factors: FactorsRow
  passkeys: PasskeyListing[]
  applications: ApplicationPasswordRow[]
  /** passkeys can be used under this address */
  here: boolean
  /** where they can; null: nowhere */
  elsewhere: string | null
  required: boolean
  done: string | undefined
}

export function securityView(c: PageContext, page: SecurityPage): Markup {
  const language = c.get('language')
  const { session, factors, applications } = page
  const factor = factors.totp_since !== null || factors.passkeys > 0
  const state = page.required
    ? notice('bad', text(language, 'required'))
    : factor
      ? ''
      : notice('plain', text(language, 'none'))
  const back = html`<a href="/account">${text(language, 'to-account')}</a>`
  return html`<div class="secured">${pageHeading(text(language, 'security'), { sub: html`${text(language, 'sub')} ${back}` })}
${page.done === undefined ? '' : notice('good', page.done)}${state}
${section('totp', text(language, 'totp'), totp(c, factors), { sub: text(language, 'totp-sub') })}
${section('passkeys', text(language, 'passkeys'), passkeys(c, page), { sub: text(language, 'passkeys-sub') })}
${factor ? section('codes', text(language, 'codes'), codes(c, factors), { sub: text(language, 'codes-sub') }) : ''}
${
  session.business || applications.length > 0
    ? section('applications', text(language, 'application'), applicationList(c, applications), {
        sub: text(language, 'application-sub'),
      })
    : ''
}</div>`
}

function totp(c: PageContext, { totp_since }: FactorsRow): Markup {
  const language = c.get('language')
  if (totp_since === null)
    return html`<p>${text(language, 'totp-off')}</p>${buttonRow(
      linkButton('/account/security/totp', text(language, 'totp-set-up'), 'primary'),
    )}`
  return html`<p><small class="tag good">${text(language, 'totp-on')}</small> ${formatTime(totp_since, language)}</p>${buttonRow(
    linkButton('/account/security/totp/remove', text(language, 'totp-remove')),
  )}`
}

function passkeys(c: PageContext, { passkeys: rows, here, elsewhere }: SecurityPage): Markup {
  const language = c.get('language')
  const add = here
    ? buttonRow(linkButton('/account/security/passkeys/new', text(language, 'passkey-add'), 'primary'))
    : html`<p class="hint">${
        elsewhere === null
          ? text(language, 'passkeys-nowhere')
          : text(language, 'passkeys-elsewhere', { url: elsewhere })
      }</p>`
  if (rows.length === 0) return html`<p>${text(language, 'passkeys-none')}</p>${add}`
  const list = table<PasskeyListing>(
    text(language, 'passkeys'),
    [
      {
        label: text(language, 'name'),
        cell: ({ name, backed_up }) =>
          html`${name}${backed_up ? html` <small class="tag plain">${text(language, 'passkey-synced')}</small>` : ''}`,
      },
      { label: text(language, 'added'), cell: ({ created_at }) => formatTime(created_at, language) },
      { label: text(language, 'used'), cell: ({ used_at }) => lastUse(c, used_at) },
      {
        label: text(language, 'action'),
        cell: ({ id, name }) =>
          linkButton(
            `/account/security/passkeys/${id}/remove`,
            html`<span aria-hidden="true">${text(language, 'remove')}</span>${heard(text(language, 'remove-this', { name }))}`,
          ),
      },
    ],
    rows,
  )
  return html`${list}${add}`
}

function codes(c: PageContext, { codes: count }: FactorsRow): Markup {
  const language = c.get('language')
  return html`<p>${text(language, 'codes-left', { count })}</p>${buttonRow(
    linkButton('/account/security/codes', text(language, 'codes-renew')),
  )}`
}

function applicationList(c: PageContext, rows: ApplicationPasswordRow[]): Markup {
  const language = c.get('language')
  const make = buttonRow(linkButton('/account/security/applications/new', text(language, 'application-make')))
  if (rows.length === 0) return html`<p>${text(language, 'application-none')}</p>${make}`
  const list = table<ApplicationPasswordRow>(
    text(language, 'application'),
    [
      { label: text(language, 'name'), cell: ({ name }) => name },
      { label: text(language, 'made'), cell: ({ created_at }) => formatTime(created_at, language) },
      { label: text(language, 'used'), cell: ({ used_at }) => lastUse(c, used_at) },
      {
        label: text(language, 'action'),
        cell: ({ id, name }) =>
          html`<form method="post" action="/account/security/applications/${id}/revoke">${csrfField(c)}${button({
            label: html`<span aria-hidden="true">${text(language, 'revoke')}</span>${heard(text(language, 'revoke-this', { name }))}`,
            kind: 'quiet',
          })}</form>`,
      },
    ],
    rows,
  )
  return html`${list}${make}`
}

function lastUse(c: PageContext, at: Date | null): Markup | string {
  const language = c.get('language')
  return at === null ? text(language, 'never') : formatTime(at, language)
}
