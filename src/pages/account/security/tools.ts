import { html } from 'hono/html'
import { createSecondFactor, type SecondFactor } from '../../../credentials/second-factor.ts'
import { createThrottle } from '../../../credentials/throttle.ts'
import { proveAgain } from '../../../operations/prove-again.ts'
import { button, buttonRow, type Content, field, linkButton, notice, pageHeading } from '../../components.ts'
import type { PageContext } from '../../env.ts'
import { FACTOR_FIELDS, factorFields, passkeyOptions, proofOf } from '../../factors/fields.ts'
import { factorText } from '../../factors/messages.ts'
import { csrfField, readForm } from '../../forms.ts'
import { layout, type Markup } from '../../layout.ts'
import type { PagesDeps } from '../../pages.ts'
import { sessionOf } from '../../session.ts'
import { waitText } from '../../sign-in/messages.ts'
import { accountText } from '../messages.ts'
import { securityText as text } from './messages.ts'

/** An act on how somebody signs in, which asks for the password and the second factor first. */
export type SecureAct = {
  title: string
  sub: Content
  /** where the form goes; this page when absent */
  action?: string
  /** the form's own fields, above the question */
  fields?: Markup
  /** beside what is wrong with the form as a whole */
  problem?: string
  submit: string
  danger?: boolean
}

export type SecurityTools = {
  secondFactor: SecondFactor
  show(c: PageContext, title: string, body: Markup, status?: 200 | 409 | 422 | 429): Response | Promise<Response>
  /** The page of an act. */
  ask(
    c: PageContext,
    act: SecureAct,
    errors?: { password?: string; factor?: string },
    status?: 409 | 422 | 429,
  ): Response | Promise<Response>
  /**
   * What a form of {@link ask} brings. Who has not proven it gets the page again, with what is wrong.
   * @returns the form's own fields, or the answer
   */
  proven(
    c: PageContext,
    act: (form: ReadonlyMap<string, string>) => Promise<SecureAct> | SecureAct,
  ): Promise<{ form: ReadonlyMap<string, string> } | { answer: Response }>
}

export function createSecurityTools(deps: PagesDeps): SecurityTools {
  const { assets, config } = deps
  const throttle = createThrottle(deps.keyring)
  const secondFactor = createSecondFactor(deps)

  const show: SecurityTools['show'] = (c, title, body, status = 200) => {
    const session = sessionOf(c)
    const page = {
      title,
      session,
      language: c.get('language'),
      nav: 'account' as const,
      script: 'factors/passkey.js' as const,
    }
    return c.html(layout(assets, { ...page, body }), status)
  }

  const ask: SecurityTools['ask'] = (c, act, errors = {}, status) => {
    const language = c.get('language')
    const { totp, passkey, email } = sessionOf(c)
    const options = passkey ? passkeyOptions(config, c, secondFactor, 'confirm') : null
    const factor = totp || passkey ? factorFields(language, { totp, passkey: options }, { error: errors.factor }) : ''
    const password = field({
      name: 'password',
      type: 'password',
      label: text(language, 'password'),
      autocomplete: 'current-password',
      error: errors.password,
      ...(!act.fields && { autofocus: true }),
    })
    const body = html`<div class="narrow">${pageHeading(act.title, { sub: act.sub })}
${act.problem === undefined ? '' : notice('bad', act.problem)}
<form class="sheet" method="post" action="${act.action ?? c.req.path}">${csrfField(c)}
<input type="email" name="email" value="${email}" autocomplete="username" hidden readonly>
${act.fields ?? ''}${password}${factor}
${buttonRow(button({ label: act.submit, kind: act.danger ? 'danger' : 'primary' }), linkButton('/account/security', text(language, 'cancel')))}</form></div>`
    return show(c, act.title, body, status ?? 200)
  }

  return {
    secondFactor,
    show,
    ask,
    async proven(c, act) {
      const language = c.get('language')
      const form = await readForm(c)
      const { email, id: sessionId } = sessionOf(c)
      const proof = proofOf(config, c, form)
      const password = form.get('password') ?? ''
      for (const name of ['password', 'email', ...FACTOR_FIELDS]) form.delete(name)
      const outcome = await proveAgain({ ...deps, throttle, secondFactor }, { email, sessionId, password, proof })
      if (outcome.result === 'proven') return { form }
      const page = await act(form)
      if (outcome.result === 'throttled') {
        c.header('retry-after', String(outcome.seconds))
        const problem = accountText(language, 'throttled', { time: waitText(language, outcome.seconds) })
        return { answer: await ask(c, { ...page, problem }, {}, 429) }
      }
      const { result } = outcome
      const errors =
        result === 'password-missing' || result === 'password-wrong'
          ? { password: text(language, result) }
          : { factor: factorText(language, result) }
      return { answer: await ask(c, page, errors, 422) }
    },
  }
}
