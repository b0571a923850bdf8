import { Hono } from 'hono'
import { html } from 'hono/html'
import type { DeviceMarks } from '../../credentials/device-mark.ts'
import type { SecondFactor } from '../../credentials/second-factor.ts'
import type { Throttle } from '../../credentials/throttle.ts'
import { finishSignIn, readHalfSession } from '../../operations/finish-sign-in.ts'
import { signInWithPasskey } from '../../operations/sign-in-with-passkey.ts'
import { readFactors } from '../../storage/second-factors.ts'
import { button, buttonRow, notice, pageHeading } from '../components.ts'
import { describeDevice } from '../device.ts'
import type { PageContext, PageEnv } from '../env.ts'
import { factorFields, passkeyOptions, proofOf, scopeOf } from '../factors/fields.ts'
import { factorText } from '../factors/messages.ts'
import { csrfField, readForm } from '../forms.ts'
import { layout } from '../layout.ts'
import { ownPath } from '../origin.ts'
import type { PagesDeps } from '../pages.ts'
import type { PageCookies } from '../session.ts'
import { signInText as text, waitText } from './messages.ts'

type Tools = {
  cookies: PageCookies
  throttle: Throttle
  marks: DeviceMarks
  secondFactor: SecondFactor
  /** gives the browser its session and goes on */
  finish(
    c: PageContext,
    done: { token: string; mark: string; factorMark: string },
    next: string | null,
  ): Response | Promise<Response>
  /** the first step, with what went wrong */
  refuse(c: PageContext, next: string | null, problem: string, status: 422 | 429): Response | Promise<Response>
}

/** `/sign-in/factor`, the second step, and `/sign-in/passkey`, which needs no first. */
export function createFactorPages(deps: PagesDeps, tools: Tools): Hono<PageEnv> {
  const { db, assets, config } = deps
  const { cookies, secondFactor } = tools
  const pages = new Hono<PageEnv>()

  const again = (c: PageContext, next: string | null) => {
    cookies.remove(c, 'half')
    return c.redirect(`/sign-in?done=over${next === null ? '' : `&next=${encodeURIComponent(next)}`}`, 303)
  }

  async function ask(
    c: PageContext,
    next: string | null,
    problem: { notice?: string; error?: string } = {},
    status: 200 | 422 | 429 = 200,
  ) {
    const language = c.get('language')
    const email = await readHalfSession(db, cookies.read(c, 'half'))
    if (email === undefined) return again(c, next)
    const { totp_since, passkeys } = await readFactors(db, email)
    const passkey = passkeys > 0 ? passkeyOptions(config, c, secondFactor, 'confirm') : null
    const body = html`<div class="narrow">
${pageHeading(text(language, 'factor'), { sub: text(language, 'factor-sub') })}
${problem.notice === undefined ? '' : notice('bad', problem.notice)}
<form class="sheet" method="post" action="/sign-in/factor">
${csrfField(c)}
${next === null ? '' : html`<input type="hidden" name="next" value="${next}">`}
${factorFields(language, { totp: totp_since !== null, passkey }, { error: problem.error, autofocus: true })}
${buttonRow(button({ label: text(language, 'sign-in') }), html`<a href="/sign-in">${text(language, 'start-over')}</a>`)}
</form></div>`
    const script = passkey === null ? {} : { script: 'factors/passkey.js' as const }
    return c.html(layout(assets, { title: text(language, 'factor'), session: null, language, ...script, body }), status)
  }

  pages.get('/sign-in/factor', (c) => ask(c, ownPath(c.req.query('next'))))

  pages.post('/sign-in/factor', async (c) => {
    const language = c.get('language')
    const form = await readForm(c, { signsIn: true })
    const next = ownPath(form.get('next'))
    const proof = proofOf(config, c, form)
    if (proof.code.trim() === '' && proof.passkey === '')
      return ask(c, next, { error: factorText(language, 'factor-missing') }, 422)
    const outcome = await finishSignIn(
      { ...deps, ...tools },
      {
        half: cookies.read(c, 'half'),
        proof,
        visitor: visitorOf(c),
        mark: cookies.read(c, 'factor'),
        replaces: cookies.read(c, 'session'),
        language,
      },
    )
    if (outcome.result === 'over') return again(c, next)
    if (outcome.result === 'wrong') return ask(c, next, { error: factorText(language, 'factor-wrong') }, 422)
    if (outcome.result === 'throttled') {
      c.header('retry-after', String(outcome.seconds))
      return ask(c, next, { notice: text(language, 'throttled', { time: waitText(language, outcome.seconds) }) }, 429)
    }
    return tools.finish(c, outcome, next)
  })

  pages.post('/sign-in/passkey', async (c) => {
    const language = c.get('language')
    const form = await readForm(c, { signsIn: true })
    const next = ownPath(form.get('next'))
    const outcome = await signInWithPasskey(
      { ...deps, ...tools },
      {
        passkey: form.get('passkey') ?? '',
        scope: scopeOf(config, c),
        visitor: visitorOf(c),
        replaces: cookies.read(c, 'session'),
      },
    )
    if (outcome.result === 'throttled') {
      c.header('retry-after', String(outcome.seconds))
      return tools.refuse(c, next, text(language, 'throttled', { time: waitText(language, outcome.seconds) }), 429)
    }
    if (outcome.result === 'wrong') return tools.refuse(c, next, text(language, 'passkey-wrong'), 422)
    return tools.finish(c, outcome, next)
  })

  return pages
}

const visitorOf = (c: PageContext) => ({
  device: describeDevice(c.req.header('user-agent')),
  address: c.get('address'),
})
