import { Hono } from 'hono'
import { html } from 'hono/html'
import { type Mail, mailContext } from '../../mail/mailer.ts'
import { listMails } from '../../storage/mail-outbox.ts'
import { emptyState, linkButton, pageHeading } from '../components.ts'
import type { PageEnv } from '../env.ts'
import { formatTime } from '../format.ts'
import { layout, type Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import type { PagesDeps } from '../pages.ts'
import { outboxText as text } from './messages.ts'

const SHOWN = 50

type ShownMail = Mail & { id: string; at: Date }

/** `/outbox`: the mails of a sandbox without a mail server, for whoever tries it. Anywhere else there is no such page. */
export function createOutboxPages(deps: PagesDeps): Hono<PageEnv> {
  const { config, db, keyring, mailer, assets } = deps
  const pages = new Hono<PageEnv>()
  // Not even mounted where mails are for their recipients only.
  if (config.mode !== 'sandbox' || mailer.leaves) return pages

  pages.get('/outbox', async (c) => {
    const language = c.get('language')
    const mails = (await listMails(db, SHOWN)).map(({ id, sealed, created_at }): ShownMail => {
      return { ...(JSON.parse(keyring.open(sealed, mailContext(id))) as Mail), id, at: created_at }
    })
    const ask = linkButton('/recover', text(language, 'empty-action'))
    const body = html`${pageHeading(text(language, 'outbox'), { sub: text(language, 'sub') })}
${mails.length === 0 ? emptyState(text(language, 'empty'), ask) : mails.map((mail) => show(mail, language, mailer.url('/')))}`
    return c.html(layout(assets, { title: text(language, 'outbox'), session: c.get('session'), language, body }))
  })
  return pages
}

function show({ id, at, to, subject, text: lines }: ShownMail, language: Language, root: string): Markup {
  return html`<article class="mail" aria-labelledby="mail-${id}">
<header><h2 id="mail-${id}">${subject}</h2><p class="mail-facts">${text(language, 'to', { email: to })} <span>${formatTime(at, language)}</span></p></header>
<div class="letter">${linked(lines, root)}</div>
</article>`
}

/** Our own links, made to lead to this server under whatever name the reader reached it. */
function linked(text: string, root: string): Markup[] {
  const own = new RegExp(`(${root.replace(/[.*+?^${'$'}{}()|[\]\\]/g, '\\$&')}[\\w/-]*)`)
  return text
    .split(own)
    .map((part, index) => (index % 2 === 1 ? html`<a href="/${part.slice(root.length)}">${part}</a>` : html`${part}`))
}
