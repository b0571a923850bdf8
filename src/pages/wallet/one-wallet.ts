import { html } from 'hono/html'
import { searchHistory } from '../../ledger/history-search.ts'
import { readTransaction } from '../../ledger/reads.ts'
import { findWalletListing, type WalletListing } from '../../storage/directory-listings.ts'
import { buttonRow, linkButton, notice, pageHeading, table } from '../components.ts'
import { formatMoney, formatTime } from '../format.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import { PageProblem } from '../problem.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { assetName } from './asset-name.ts'
import { balanceFacts, statusMark, unitOf } from './balance-view.ts'
import { extent } from './chart.ts'
import { type Course, isRange, RANGES, type Range, readCourses } from './course.ts'
import { courseStart, walletCourse } from './course-view.ts'
import { queryText, readHistoryQuery } from './history-query.ts'
import { historyView } from './history-view.ts'
import { historyWords as words } from './history-words.ts'
import { overviewWords } from './overview-words.ts'
import { requireOwnWallet } from './own-wallet.ts'
import { sendPage, type WalletPagesDeps } from './page.ts'
import { isUuid } from './uuid.ts'
import { words as common } from './words.ts'

const LINES = 25

/** `GET /wallet/:id?range=&before=` and the fields of a search. */
export async function showWallet(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  const language = c.get('language')
  const wallet = await requireOwnWallet(deps.directory, sessionOf(c).partyId, c.req.param('id') ?? '')
  const asked = new URL(c.req.url).searchParams
  const range = asked.get('range') ?? undefined
  const shown: Range = isRange(range) ? range : 'month'
  const query = readHistoryQuery(asked, wallet.asset.exponent, language)
  const before = readEntryNumber(asked.get('before'))
  const { text } = query.filter
  // A whole reference is found wherever it stands, without going through what lies before it.
  if (text && isUuid(text) && (await readTransaction(deps.db, wallet.id, text)).length > 0)
    return c.redirect(`/wallet/${wallet.explicitId}/transactions/${text}`, 303)
  const listing = await findWalletListing(deps.db, wallet.id)
  if (!listing) throw new PageProblem('not-found')
  const [[course = []], page] = await Promise.all([
    readCourses(deps.db, [listing], shown, deps.clock()),
    query.problems.size > 0
      ? null
      : searchHistory(deps.db, wallet.id, { ...(before ? { before } : {}), limit: LINES, filter: query.filter }),
  ])
  const title = assetName(wallet.asset, language)
  const keep = [['range', shown === 'month' ? undefined : shown]] as const
  const body = html`${head(listing, title, language)}
${courseSection(listing, course, shown, title, language)}
${historyView({ wallet, query, page, before, keep, language })}`
  return sendPage(deps, c, { title, place: 'wallets', body, status: page ? 200 : 422 })
}

/** An entry's number as it stands in an address; anything else is as good as none. */
function readEntryNumber(text: string | null): bigint | undefined {
  return text !== null && /^[1-9]\d{0,17}$/.test(text) ? BigInt(text) : undefined
}

function head(wallet: WalletListing, name: string, language: Language): Markup {
  const state = wallet.status === 1 ? 'frozenText' : wallet.status === 2 ? 'closedText' : undefined
  const send = linkButton(`/wallet/send?from=${wallet.explicit_id}`, overviewWords(language, 'sendAction'), 'primary')
  return html`${pageHeading(name, {
    sub: html`<code>${wallet.explicit_id}</code>`,
    ...(wallet.status === 0 ? { actions: buttonRow(send) } : {}),
  })}
${state ? notice('plain', common(language, state)) : ''}
<div class="balance"><p class="figure large ${wallet.balance < 0n ? 'below' : ''}"><span class="line-label">${common(language, 'balance')}</span>
${formatMoney(wallet.balance, unitOf(wallet), language)}</p>${statusMark(wallet.status, language)}${balanceFacts(wallet, language)}</div>`
}

function courseSection(wallet: WalletListing, course: Course, range: Range, name: string, language: Language): Markup {
  const money = (minor: bigint) => formatMoney(minor, unitOf(wallet), language)
  const [low, high] = extent(course.map(({ balance }) => balance))
  const changes = course.filter(({ balance }, index) => index === 0 || balance !== course[index - 1]?.balance)
  const from = courseStart(course, language)
  return html`<section class="course-section" aria-labelledby="course"><div class="heading">
<h2 id="course">${words(language, 'courseTitle')}</h2>
<nav class="choices" aria-label="${words(language, 'range')}"><ul>${(Object.keys(RANGES) as Range[]).map(
    (choice) =>
      html`<li><a href="/wallet/${wallet.explicit_id}${queryText([['range', choice === 'month' ? undefined : choice]])}"${choice === range ? html` aria-current="true"` : ''}>${words(language, choice)}</a></li>`,
  )}</ul></nav></div>
<figure class="course-figure tall">${walletCourse(course, name, unitOf(wallet), language, true)}
<figcaption>${words(language, 'extremes', { from, low: money(low), high: money(high) })}</figcaption></figure>
<details><summary>${words(language, 'steps')}</summary>
${table(
  words(language, 'courseTitle'),
  [
    { label: common(language, 'when'), cell: ({ at }) => formatTime(at, language) },
    { label: common(language, 'balance'), numeric: true, cell: ({ balance }) => money(balance) },
  ],
  changes,
)}</details></section>`
}
