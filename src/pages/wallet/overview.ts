import { html } from 'hono/html'
import { listInvoices } from '../../operations/list-invoices.ts'
import { listOwnWalletsPage, type WalletListing } from '../../storage/directory-listings.ts'
import { buttonRow, emptyState, linkButton, notice, pageHeading } from '../components.ts'
import { formatMoney } from '../format.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { assetName } from './asset-name.ts'
import { balanceFacts, statusMark, unitOf } from './balance-view.ts'
import { type Course, readCourses } from './course.ts'
import { courseStart, walletCourse } from './course-view.ts'
import { overviewWords as words } from './overview-words.ts'
import { sendPage, type WalletPagesDeps } from './page.ts'

const WALLETS = 12
const INVOICES = 9

/** `GET /wallet?after=`: the person's wallets as cards. A page is what follows the wallet `after`, so that none shifts. */
export async function showOverview(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  const { partyId } = sessionOf(c)
  const language = c.get('language')
  const after = c.req.query('after') ?? ''
  const from = /^[1-9]\d{0,17}$/.test(after) ? BigInt(after) : undefined
  const [rows, open] = await Promise.all([
    listOwnWalletsPage(deps.db, { partyId, after: from, limit: WALLETS + 1 }),
    listInvoices(deps.db, { partyId, role: 'debtor', status: 'open', limit: INVOICES + 1 }),
  ])
  const wallets = rows.slice(0, WALLETS)
  const courses = await readCourses(deps.db, wallets, 'month', deps.clock())
  const last = rows.length > WALLETS ? wallets.at(-1) : undefined
  const title = words(language, 'title')
  const body =
    wallets.length === 0 && from === undefined
      ? html`${pageHeading(title)}${emptyState(
          words(language, 'empty'),
          linkButton('/wallet/redeem', words(language, 'redeemAction')),
        )}`
      : html`${pageHeading(title, {
          actions: buttonRow(
            linkButton('/wallet/send', words(language, 'sendAction'), 'primary'),
            linkButton('/wallet/handovers/new', words(language, 'handoverAction')),
            linkButton('/wallet/redeem', words(language, 'redeemAction')),
          ),
        })}
${openInvoices(open.length, language)}
<ul class="cards">${wallets.map((wallet, index) => card(wallet, courses[index] ?? [], language))}</ul>
<p class="pager">${from === undefined ? '' : html`<a href="/wallet">${words(language, 'first')}</a>`}
${last ? html`<a href="/wallet?after=${last.id}">${words(language, 'more')}</a>` : ''}</p>`
  return sendPage(deps, c, { title, place: 'wallets', body })
}

function openInvoices(count: number, language: Language): Markup {
  if (count === 0) return html``
  const text =
    count === 1
      ? words(language, 'toPayOne')
      : words(language, count > INVOICES ? 'toPayMore' : 'toPay', { count: Math.min(count, INVOICES) })
  return notice('plain', html`<strong>${text}.</strong> <a href="/wallet/invoices">${words(language, 'look')}</a>`)
}

function card(wallet: WalletListing, course: Course, language: Language): Markup {
  const unit = unitOf(wallet)
  const name = assetName({ code: wallet.currency, circle: wallet.circle }, language)
  const untouched = course.every(({ balance }) => balance === 0n)
  return html`<li class="card">
<div class="card-head"><h2><a href="/wallet/${wallet.explicit_id}">${name}</a></h2>${statusMark(wallet.status, language)}</div>
<p class="id"><code>${wallet.explicit_id}</code></p>
<p class="figure ${wallet.balance < 0n ? 'below' : ''}">${formatMoney(wallet.balance, unit, language)}</p>
${
  untouched && wallet.status === 0 && wallet.balance === 0n
    ? html`<p class="hint">${words(language, 'firstMoney')} <code>${wallet.explicit_id}</code></p>`
    : html`<figure class="course-figure">${walletCourse(course, name, unit, language)}
<figcaption>${words(language, 'courseCaption', { from: courseStart(course, language) })}</figcaption></figure>`
}
${balanceFacts(wallet, language)}
</li>`
}
