import { html } from 'hono/html'
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from '../../operations/input.ts'
import { button, buttonRow, field, notice, pageHeading } from '../components.ts'
import type { PageContext } from '../env.ts'
import { passkeyButton } from '../factors/fields.ts'
import { csrfField } from '../forms.ts'
import type { Markup } from '../layout.ts'
import { signInText as text } from './messages.ts'

export type SignInForm = {
  email?: string | undefined
  next: string | null
  /** what happened before, or what went wrong with the whole form */
  notice?: { kind: 'good' | 'bad'; text: string } | undefined
  errors?: { email?: string | undefined; password?: string | undefined }
  /** someone signed in is asked to prove it again */
  again?: boolean
  /** what a passkey is asked with, as JSON; null where none can be used */
  passkey?: string | null
  /** tells a newcomer where the sandbox's passwords are */
  sandbox?: boolean
}

export function signInView(c: PageContext, form: SignInForm): Markup {
  const language = c.get('language')
  const { email, errors = {}, next, again } = form
  return html`<div class="narrow">
${pageHeading(text(language, 'sign-in'), { sub: text(language, again ? 'again-sub' : 'sign-in-sub') })}
${form.notice === undefined ? '' : notice(form.notice.kind, form.notice.text)}
<form class="sheet" method="post" action="/sign-in">
${csrfField(c)}
${next === null ? '' : html`<input type="hidden" name="next" value="${next}">`}
${field({ name: 'email', label: text(language, 'email'), type: 'email', value: email, error: errors.email, autocomplete: 'username', maxlength: 254, autofocus: email === undefined })}
${field({ name: 'password', label: text(language, 'password'), type: 'password', error: errors.password, autocomplete: 'current-password', autofocus: email !== undefined })}
${buttonRow(button({ label: text(language, 'sign-in') }), html`<a href="/recover">${text(language, 'forgotten')}</a>`)}
</form>
${form.passkey ? passkeyForm(c, next, form.passkey) : ''}
${form.sandbox ? html`<p class="hint">${sandboxHint(text(language, 'sandbox'))}</p>` : ''}
</div>`
}

/** Hidden until the script finds that this browser has passkeys. */
function passkeyForm(c: PageContext, next: string | null, options: string): Markup {
  const language = c.get('language')
  return html`<form class="other-way" method="post" action="/sign-in/passkey" hidden>
${csrfField(c)}
${next === null ? '' : html`<input type="hidden" name="next" value="${next}">`}
${passkeyButton(language, 'get', options, text(language, 'with-passkey'))}
</form>`
}

/** The sentence with the command set in it as code. */
function sandboxHint(sentence: string): Markup {
  const [before = '', after = ''] = sentence.split('{command}')
  return html`${before}<code class="whole">bin/billfold.mjs sandbox show</code>${after}`
}

export function recoverView(
  c: PageContext,
  form: { enabled: boolean; problem?: string; error?: string; email?: string },
): Markup {
  const language = c.get('language')
  const body = html`${form.problem === undefined ? '' : notice('bad', form.problem)}
<form class="sheet" method="post" action="/recover">
${csrfField(c)}
${field({ name: 'email', label: text(language, 'email'), type: 'email', value: form.email, error: form.error, autocomplete: 'username', maxlength: 254, autofocus: true })}
${buttonRow(button({ label: text(language, 'recover-send') }), html`<a href="/sign-in">${text(language, 'back-to-sign-in')}</a>`)}
</form>`
  return html`<div class="narrow">
${pageHeading(text(language, 'recover'), form.enabled ? { sub: text(language, 'recover-sub') } : {})}
${form.enabled ? body : html`${notice('plain', text(language, 'recover-off'))}<p><a href="/sign-in">${text(language, 'back-to-sign-in')}</a></p>`}
</div>`
}

/** Choosing a password, by a link of either kind. @param action the link's own path */
export function choosePasswordView(
  c: PageContext,
  page: { kind: 'recover' | 'invitation'; action: string; email: string; error?: boolean },
): Markup {
  const language = c.get('language')
  const sub = text(language, page.kind === 'recover' ? 'set-sub' : 'invitation-sub', { email: page.email })
  return html`<div class="narrow">
${pageHeading(text(language, page.kind), { sub })}
<form class="sheet" method="post" action="${page.action}">
${csrfField(c)}
<input type="email" name="email" value="${page.email}" autocomplete="username" hidden readonly>
${field({
  name: 'password',
  label: text(language, 'new-password'),
  hint: text(language, 'new-password-hint'),
  type: 'password',
  error: page.error ? text(language, 'new-password-error') : undefined,
  autocomplete: 'new-password',
  minlength: SHORTEST_PASSWORD,
  maxlength: LONGEST_PASSWORD,
  autofocus: true,
})}
${buttonRow(button({ label: text(language, 'set-password') }))}
</form>
</div>`
}

export function verifyView(c: PageContext, page: { action: string; email: string }): Markup {
  const language = c.get('language')
  return html`<div class="narrow">
${pageHeading(text(language, 'verify'), { sub: text(language, 'verify-sub', { email: page.email }) })}
<form class="sheet" method="post" action="${page.action}">
${csrfField(c)}
${buttonRow(button({ label: text(language, 'verify-button') }))}
</form>
</div>`
}
