import { setTimeout as delay } from 'node:timers/promises'
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { DEVICE_MARK_LIFE, type DeviceMarks } from '../../credentials/device-mark.ts'
import { readLink } from '../../credentials/one-time-link.ts'
import { hashSecret } from '../../credentials/secrets.ts'
import type { Throttle } from '../../credentials/throttle.ts'
import { isCookieToken } from '../../credentials/web-session.ts'
import { OperationRefusal } from '../../operations/input.ts'
import { acceptInvitation } from '../../operations/invite.ts'
import { recoverPassword, requestRecovery } from '../../operations/recover-password.ts'
import { verifyEmail } from '../../operations/verify-email.ts'
import type { LinkPurpose } from '../../storage/one-time-links.ts'
import { deleteWebSessionByToken } from '../../storage/web-sessions.ts'
import { alone } from '../components.ts'
import type { PageContext, PageEnv } from '../env.ts'
import { PageProblem, readForm } from '../forms.ts'
import { layout, type Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import type { PagesDeps } from '../pages.ts'
import type { PageCookies } from '../session.ts'
import { signInText as text, waitText } from './messages.ts'
import { choosePasswordView, recoverView, verifyView } from './views.ts'

/** Longer than it takes to write a mail: how long the answer takes does not tell whether one was written. ms */
const RECOVERY_TAKES = 300

/** `/recover`, and where mailed links lead: opening one changes nothing, the form on its page does. */
export function createLinkPages(
  deps: PagesDeps,
  tools: { cookies: PageCookies; throttle: Throttle; marks: DeviceMarks },
): Hono<PageEnv> {
  const { db, assets, mailer } = deps
  const pages = new Hono<PageEnv>()

  const show = (c: PageContext, title: string, body: Markup, status: 200 | 422 | 429 = 200) => {
    const page = { title, session: c.get('session'), language: c.get('language'), body }
    return c.html(layout(assets, page), status)
  }

  pages.get('/recover', (c) => show(c, text(c.get('language'), 'recover'), recoverView(c, { enabled: mailer.enabled })))

  pages.post('/recover', async (c) => {
    const language = c.get('language')
    const email = ((await readForm(c)).get('email') ?? '').trim()
    const again = (status: 422 | 429, problem: { problem?: string; error?: string }) =>
      show(c, text(language, 'recover'), recoverView(c, { enabled: mailer.enabled, email, ...problem }), status)
    if (!mailer.enabled) return again(422, {})
    if (email === '') return again(422, { error: text(language, 'email-missing') })
    const [seconds] = await Promise.all([
      requestRecovery({ ...deps, ...tools }, { email, address: c.get('address'), language }),
      delay(RECOVERY_TAKES),
    ])
    if (seconds > 0) {
      c.header('retry-after', String(seconds))
      return again(429, { problem: text(language, 'throttled', { time: waitText(language, seconds) }) })
    }
    const title = text(language, 'recover-sent')
    const back = html`<a href="/sign-in">${text(language, 'back-to-sign-in')}</a>`
    const outbox = html`<a href="/outbox">${text(language, 'in-outbox')}</a>`
    const action = mailer.leaves ? back : outbox
    return show(c, title, alone(language, { title, text: text(language, 'recover-sent-text', { email }), action }))
  })

  choosePassword('/recover/:token', 'recover', 'recover-password', recoverPassword)
  choosePassword('/invitation/:token', 'invitation', 'invitation', acceptInvitation)

  function choosePassword<Path extends string>(
    path: Path,
    kind: 'recover' | 'invitation',
    purpose: LinkPurpose,
    use: (
      all: PagesDeps & typeof tools,
      input: { token: string; password: string; language: Language },
    ) => Promise<{ mark: string } | null>,
  ) {
    const ask = async (c: PageContext, token: string, error: boolean) => {
      const link = await readLink(db, purpose, token)
      if (!link) throw new PageProblem('link-dead')
      const body = choosePasswordView(c, { kind, action: c.req.path, email: link.email, error })
      return show(c, text(c.get('language'), kind), body, error ? 422 : 200)
    }
    const tokenOf = (c: Context) => c.req.param('token') ?? ''
    pages.get(path, (c) => ask(c, tokenOf(c), false))
    pages.post(path, async (c) => {
      const password = (await readForm(c)).get('password') ?? ''
      try {
        const language = c.get('language')
        const done = await use({ ...deps, ...tools }, { token: tokenOf(c), password, language })
        if (!done) throw new PageProblem('link-dead')
        tools.cookies.write(c, 'device', done.mark, DEVICE_MARK_LIFE)
        // Whoever is signed in here, as someone else perhaps, is not who comes next.
        const before = tools.cookies.read(c, 'session')
        if (isCookieToken(before)) await deleteWebSessionByToken(db, hashSecret(before))
        tools.cookies.remove(c, 'session')
        return c.redirect(`/sign-in?done=${kind === 'recover' ? 'recovered' : 'invited'}`, 303)
      } catch (error) {
        if (error instanceof OperationRefusal && error.field === 'password') return ask(c, tokenOf(c), true)
        throw error
      }
    })
  }

  pages.get('/verify/:token', async (c) => {
    const link = await readLink(db, 'verify-email', c.req.param('token'))
    if (!link) throw new PageProblem('link-dead')
    return show(c, text(c.get('language'), 'verify'), verifyView(c, { action: c.req.path, email: link.email }))
  })

  pages.post('/verify/:token', async (c) => {
    await readForm(c)
    const language = c.get('language')
    const email = await verifyEmail(deps, { token: c.req.param('token') })
    if (email === null) throw new PageProblem('link-dead')
    const title = text(language, 'verified')
    const action = html`<a href="/account">${text(language, 'to-account')}</a>`
    return show(c, title, alone(language, { title, text: text(language, 'verified-text', { email }), action }))
  })

  return pages
}
