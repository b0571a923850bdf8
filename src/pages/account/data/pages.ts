import { Hono } from 'hono'
import { html } from 'hono/html'
import { createThrottle } from '../../../credentials/throttle.ts'
import { type PersonRow, personAsJson, readPerson } from '../../../operations/people/export-person.ts'
import { requestErasure } from '../../../operations/people/request-erasure.ts'
import { listWalletIds } from '../../../storage/party-wallets.ts'
import { findWantedMails, updateWantedMails } from '../../../storage/wallet-news.ts'
import { alone } from '../../components.ts'
import type { PageContext, PageEnv, PageSession } from '../../env.ts'
import { PageProblem, readForm } from '../../forms.ts'
import { layout, type Markup } from '../../layout.ts'
import type { PagesDeps } from '../../pages.ts'
import { sessionOf } from '../../session.ts'
import { createSecurityTools, type SecureAct } from '../security/tools.ts'
import { dataText as text } from './messages.ts'
import { dataView, everythingView, MOST_SHOWN, type WantedMail } from './views.ts'

/** `/account/data`: which mails somebody wants, what is known of them, and the request to be erased. */
export function createDataPages(deps: PagesDeps): Hono<PageEnv> {
  const { db, assets, mailer } = deps
  const tools = createSecurityTools(deps)
  const throttle = createThrottle(deps.keyring)
  const pages = new Hono<PageEnv>()

  const show = (c: PageContext, title: string, body: Markup) =>
    c.html(layout(assets, { title, session: sessionOf(c), language: c.get('language'), nav: 'account', body }))

  pages.get('/account/data', async (c) => {
    const session = sessionOf(c)
    const page = { ...(await mailsOf(deps, session)), mail: mailer.enabled, done: c.req.query('done') === 'mails' }
    return show(c, text(c.get('language'), 'title'), dataView(c, page))
  })

  pages.post('/account/data/mails', async (c) => {
    const form = await readForm(c)
    const session = sessionOf(c)
    const { offered } = await mailsOf(deps, session)
    await updateWantedMails(
      db,
      session.email,
      offered.filter((name) => form.has(name)),
    )
    return c.redirect('/account/data?done=mails', 303)
  })

  pages.get('/account/data/everything', async (c) => {
    const parts = new Map<string, PersonRow[]>()
    for await (const { section, rows } of readPerson(deps, whoOf(sessionOf(c)))) {
      const known = parts.get(section) ?? []
      parts.set(section, known)
      // One more than is shown, to know that there are more; the rest of a long history is not read.
      if (known.length <= MOST_SHOWN) known.push(...rows.slice(0, MOST_SHOWN + 1 - known.length))
      if (section === 'transactions' && known.length > MOST_SHOWN) break
    }
    return show(c, text(c.get('language'), 'everything'), everythingView(c, parts))
  })

  pages.get('/account/data/everything.json', (c) => {
    const pieces = personAsJson(deps, whoOf(sessionOf(c)))
    const encoder = new TextEncoder()
    const stream = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { value, done } = await pieces.next()
        if (done) controller.close()
        else controller.enqueue(encoder.encode(value))
      },
      async cancel() {
        await pieces.return(undefined)
      },
    })
    c.header('content-type', 'application/json')
    c.header('content-disposition', 'attachment; filename="my-data.json"')
    return c.body(stream)
  })

  const question = (c: PageContext): SecureAct => {
    const language = c.get('language')
    return {
      title: text(language, 'erase-ask'),
      sub: text(language, 'erase-ask-sub'),
      submit: text(language, 'erase-send'),
      danger: true,
    }
  }

  pages.get('/account/data/erasure', (c) => {
    if (!mailer.enabled) throw new PageProblem('not-found')
    return tools.ask(c, question(c))
  })

  pages.post('/account/data/erasure', async (c) => {
    if (!mailer.enabled) throw new PageProblem('not-found')
    const proven = await tools.proven(c, () => question(c))
    if ('answer' in proven) return proven.answer
    const { email, partyId, name } = sessionOf(c)
    // So many mails an address gets of those that it asks for itself.
    if ((await throttle.take(db, { rule: 'verification-account', of: email })) === 0)
      await requestErasure(deps, { email, partyId, name, language: c.get('language') })
    return c.redirect('/account/data/erasure/sent', 303)
  })

  pages.get('/account/data/erasure/sent', (c) => {
    const language = c.get('language')
    const title = text(language, 'erase-sent')
    const action = mailer.leaves
      ? html`<a href="/account/data">${text(language, 'back')}</a>`
      : html`<a href="/outbox">${text(language, 'in-outbox')}</a>`
    const sent = text(language, 'erase-sent-text', { email: sessionOf(c).email })
    return show(c, title, alone(language, { title, text: sent, action }))
  })

  return pages
}

/** A person with all that is theirs; of a business's team what is the member's own. */
const whoOf = ({ partyId, email, business }: PageSession) => (business ? { partyId, email } : { partyId })

/** Which mails there are for somebody, and which they want. */
async function mailsOf(
  { db }: PagesDeps,
  { email, partyId }: PageSession,
): Promise<{ offered: WantedMail[]; wanted: string[] }> {
  const [settings, wallets] = await Promise.all([findWantedMails(db, email), listWalletIds(db, partyId)])
  if (!settings) throw new PageProblem('not-found')
  const own: WantedMail[] = wallets.length > 0 ? ['money', 'invoices'] : []
  return { offered: settings.operator ? [...own, 'alerts'] : own, wanted: settings.wanted }
}
