import { Hono } from 'hono'
import { html } from 'hono/html'
import { createDeviceMarks, DEVICE_MARK_LIFE } from '../../credentials/device-mark.ts'
import { createSecondFactor } from '../../credentials/second-factor.ts'
import { hashSecret } from '../../credentials/secrets.ts'
import { createThrottle } from '../../credentials/throttle.ts'
import { isCookieToken } from '../../credentials/web-session.ts'
import { signIn } from '../../operations/sign-in.ts'
import { deleteWebSessionByToken, findSignedIn } from '../../storage/web-sessions.ts'
import { describeDevice } from '../device.ts'
import type { PageContext, PageEnv } from '../env.ts'
import { passkeyOptions } from '../factors/fields.ts'
import { readForm } from '../forms.ts'
import { layout } from '../layout.ts'
import { ownPath } from '../origin.ts'
import type { PagesDeps } from '../pages.ts'
import { createCookies } from '../session.ts'
import { createFactorPages } from './factor-pages.ts'
import { createLinkPages } from './link-pages.ts'
import { signInText as text, waitText } from './messages.ts'
import { type SignInForm, signInView } from './views.ts'

/** As long as the row lives. */
const HALF_SECONDS = 600

/** Where people go who were on their way nowhere: whoever runs the server, to see whether all is well. */
const homeOf = (person: { operator: boolean } | null | undefined) => (person?.operator ? '/console' : '/wallet')

const DONE = ['recovered', 'invited', 'signed-out', 'over', 'unsent'] as const

/** `/sign-in`, `/sign-out`, and what mailed links lead to. */
export function createSignInPages(deps: PagesDeps): Hono<PageEnv> {
  const { config, db, assets } = deps
  const cookies = createCookies(config)
  const throttle = createThrottle(deps.keyring)
  const marks = createDeviceMarks(deps.keyring)
  const secondFactor = createSecondFactor(deps)
  const pages = new Hono<PageEnv>()

  const show = (c: PageContext, form: SignInForm, status: 200 | 422 | 429 = 200) => {
    const language = c.get('language')
    const passkey = passkeyOptions(config, c, secondFactor, 'sign-in')
    const body = signInView(c, { ...form, passkey, sandbox: config.mode === 'sandbox' })
    const script = passkey === null ? {} : { script: 'factors/passkey.js' as const }
    return c.html(
      layout(assets, { title: text(language, 'sign-in'), session: null, language, ...script, body }),
      status,
    )
  }

  pages.get('/sign-in', (c) => {
    const language = c.get('language')
    const next = ownPath(c.req.query('next'))
    const session = c.get('session')
    // An application may ask that a person proves it once more: then being signed in is not enough.
    const again = session !== null && c.req.query('again') === '1'
    if (session && !again) return c.redirect(next ?? homeOf(session), 303)
    const done = DONE.find((name) => name === c.req.query('done'))
    return show(c, {
      next,
      again,
      email: session?.email,
      notice: done && {
        kind: done === 'over' || done === 'unsent' ? 'bad' : 'good',
        text: text(language, `done-${done}`),
      },
    })
  })

  pages.post('/sign-in', async (c) => {
    const language = c.get('language')
    const form = await readForm(c, { signsIn: true })
    const [email = '', password = ''] = [form.get('email'), form.get('password')]
    const next = ownPath(form.get('next'))
    if (email.trim() === '' || password === '') {
      const errors = {
        email: email.trim() === '' ? text(language, 'email-missing') : undefined,
        password: password === '' ? text(language, 'password-missing') : undefined,
      }
      return show(c, { next, email, errors }, 422)
    }
    const outcome = await signIn(
      { ...deps, throttle, marks },
      {
        email,
        password,
        visitor: { device: describeDevice(c.req.header('user-agent')), address: c.get('address') },
        mark: cookies.read(c, 'device'),
        replaces: cookies.read(c, 'session'),
      },
    )
    if (outcome.result === 'throttled') {
      c.header('retry-after', String(outcome.seconds))
      const time = waitText(language, outcome.seconds)
      return show(c, { next, email, notice: { kind: 'bad', text: text(language, 'throttled', { time }) } }, 429)
    }
    if (outcome.result === 'wrong') {
      return show(c, { next, email, notice: { kind: 'bad', text: text(language, 'wrong') } }, 422)
    }
    if (outcome.result === 'half') {
      cookies.write(c, 'half', outcome.half, HALF_SECONDS)
      return c.redirect(`/sign-in/factor${next === null ? '' : `?next=${encodeURIComponent(next)}`}`, 303)
    }
    return finish(c, outcome, next)
  })

  /** The browser gets its session, under a token that nobody had before. */
  async function finish(
    c: PageContext,
    { token, mark, factorMark }: { token: string; mark: string; factorMark?: string },
    next: string | null,
  ) {
    cookies.write(c, 'session', token)
    cookies.write(c, 'device', mark, DEVICE_MARK_LIFE)
    if (factorMark !== undefined) cookies.write(c, 'factor', factorMark, DEVICE_MARK_LIFE)
    cookies.remove(c, 'half')
    return goOn(c, next ?? homeOf(await findSignedIn(db, hashSecret(token))))
  }

  /**
   * To an application's consent by a page of its own: a redirect from here would hold the application's address, at the end of the
   * chain, against this form's `form-action`.
   */
  function goOn(c: PageContext, path: string) {
    if (!path.startsWith('/interaction/')) return c.redirect(path, 303)
    const language = c.get('language')
    const title = text(language, 'going-on')
    c.header('refresh', `0;url=${path}`)
    const body = html`<section class="alone"><h1>${title}.</h1><p class="sub"><a href="${path}">${text(language, 'go-on')}</a></p></section>`
    return c.html(layout(assets, { title, session: null, language, body }))
  }

  pages.post('/sign-out', async (c) => {
    // Another tab was first.
    if (c.get('session') === null) return c.redirect('/sign-in?done=signed-out', 303)
    await readForm(c)
    const token = cookies.read(c, 'session')
    if (isCookieToken(token)) await deleteWebSessionByToken(db, hashSecret(token))
    cookies.remove(c, 'session')
    return c.redirect('/sign-in?done=signed-out', 303)
  })

  const refuse = (c: PageContext, next: string | null, problem: string, status: 422 | 429) =>
    show(c, { next, notice: { kind: 'bad', text: problem } }, status)
  pages.route('/', createFactorPages(deps, { cookies, throttle, marks, secondFactor, finish, refuse }))
  pages.route('/', createLinkPages(deps, { cookies, throttle, marks }))
  return pages
}
