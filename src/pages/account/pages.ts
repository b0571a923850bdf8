import { Hono } from 'hono'
import { createThrottle } from '../../credentials/throttle.ts'
import { changePassword } from '../../operations/change-password.ts'
import { OperationRefusal } from '../../operations/input.ts'
import { requestVerification } from '../../operations/verify-email.ts'
import { findSignInSettings, updateLanguage } from '../../storage/parties.ts'
import { deleteWebSession, deleteWebSessions, listWebSessions } from '../../storage/web-sessions.ts'
import { describeDevice } from '../device.ts'
import type { PageContext, PageEnv } from '../env.ts'
import { PageProblem, readForm } from '../forms.ts'
import { layout } from '../layout.ts'
import { isLanguage } from '../messages.ts'
import type { PagesDeps } from '../pages.ts'
import { createCookies, requireSession, sessionOf } from '../session.ts'
import { waitText } from '../sign-in/messages.ts'
import { createErasePages } from './data/erase-pages.ts'
import { createDataPages } from './data/pages.ts'
import { accountText as text } from './messages.ts'
import { createSecurityPages } from './security/pages.ts'
import { type AccountPage, accountView } from './views.ts'

const DONE = ['language', 'password', 'session', 'others', 'verify'] as const
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** `/account`: a person's own sign-in. */
export function createAccountPages(deps: PagesDeps): Hono<PageEnv> {
  const { db, assets, mailer } = deps
  const cookies = createCookies(deps.config)
  const throttle = createThrottle(deps.keyring)
  const pages = new Hono<PageEnv>()
  pages.use('/account/*', requireSession())

  async function show(
    c: PageContext,
    extra: Pick<AccountPage, 'notice' | 'errors'> = {},
    status: 200 | 422 | 429 = 200,
  ) {
    const session = sessionOf(c)
    const [settings, sessions] = await Promise.all([
      findSignInSettings(db, session.email),
      listWebSessions(db, session.email),
    ])
    if (!settings) throw new PageProblem('not-found')
    const language = c.get('language')
    const body = accountView(c, { session, settings, sessions, mail: mailer.enabled, ...extra })
    return c.html(layout(assets, { title: text(language, 'account'), session, language, nav: 'account', body }), status)
  }

  function refuse(c: PageContext, seconds: number) {
    const language = c.get('language')
    c.header('retry-after', String(seconds))
    return show(
      c,
      { notice: { kind: 'bad', text: text(language, 'throttled', { time: waitText(language, seconds) }) } },
      429,
    )
  }

  pages.get('/account', (c) => {
    const done = DONE.find((name) => name === c.req.query('done'))
    if (!done) return show(c)
    const { email } = sessionOf(c)
    return show(c, { notice: { kind: 'good', text: text(c.get('language'), `done-${done}`, { email }) } })
  })

  pages.post('/account/language', async (c) => {
    const choice = (await readForm(c)).get('language')
    if (choice !== 'browser' && !isLanguage(choice)) throw new PageProblem('form-malformed')
    await updateLanguage(db, sessionOf(c).email, choice === 'browser' ? null : choice)
    return c.redirect('/account?done=language', 303)
  })

  pages.post('/account/password', async (c) => {
    const form = await readForm(c)
    const { email, name, id } = sessionOf(c)
    const language = c.get('language')
    const visitor = { device: describeDevice(c.req.header('user-agent')), address: c.get('address') }
    const [present = '', next = ''] = [form.get('present'), form.get('next')]
    try {
      const change = { email, name, sessionId: id, present, next, visitor, language }
      const outcome = await changePassword({ ...deps, throttle }, change)
      if (outcome.result === 'throttled') return refuse(c, outcome.seconds)
      if (outcome.result === 'wrong') return show(c, { errors: { present: text(language, 'password-wrong') } }, 422)
      cookies.write(c, 'session', outcome.token)
      return c.redirect('/account?done=password', 303)
    } catch (error) {
      if (!(error instanceof OperationRefusal)) throw error
      return show(c, { errors: { next: text(language, 'password-short') } }, 422)
    }
  })

  pages.post('/account/sessions/others', async (c) => {
    await readForm(c)
    const { email, id } = sessionOf(c)
    await deleteWebSessions(db, email, id)
    return c.redirect('/account?done=others', 303)
  })

  pages.post('/account/sessions/:id/end', async (c) => {
    await readForm(c)
    const id = c.req.param('id')
    // One that is not there any more was ended, which is what was asked for; another's is never found.
    if (!UUID.test(id)) throw new PageProblem('not-found')
    await deleteWebSession(db, sessionOf(c).email, id)
    return c.redirect('/account?done=session', 303)
  })

  pages.post('/account/verify', async (c) => {
    await readForm(c)
    const { email, partyId, name } = sessionOf(c)
    if (!mailer.enabled) throw new PageProblem('not-found')
    const language = c.get('language')
    const seconds = await requestVerification({ ...deps, throttle }, { email, partyId, name, language })
    return seconds > 0 ? refuse(c, seconds) : c.redirect('/account?done=verify', 303)
  })

  pages.route('/', createSecurityPages(deps))
  pages.route('/', createDataPages(deps))
  pages.route('/', createErasePages(deps))
  return pages
}
