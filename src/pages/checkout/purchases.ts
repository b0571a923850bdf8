import { html } from 'hono/html'
import { merchantsOf } from '../../operations/purchases/end-purchase.ts'
import type { Merchant } from '../../storage/merchants.ts'
import { listParts, listPurchases, type Purchase, type PurchasePart } from '../../storage/purchases.ts'
import { findWalletById } from '../../storage/wallets.ts'
import { type Content, definitionList, emptyState, heard, notice, pageHeading, section, table } from '../components.ts'
import { formatMoney, formatTime } from '../format.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { sendPage } from '../wallet/page.ts'
import { isUuid } from '../wallet/uuid.ts'
import type { CheckoutDeps } from './deps.ts'
import { owed, paidFor, requireOwnPurchase, stateOf, toneOf } from './own-purchase.ts'
import { dayMark, dayText } from './schedule-view.ts'
import { checkoutWords as words } from './words.ts'

const PAGE = 25

type Row = { purchase: Purchase; merchant: Merchant | undefined; open: bigint; next: PurchasePart | undefined }

/** `GET /wallet/purchases?before=` */
export async function listOwnPurchases(deps: CheckoutDeps, c: PageContext): Promise<Response> {
  const language = c.get('language')
  const asked = c.req.query('before') ?? ''
  const before = isUuid(asked) ? asked : undefined
  const found = await listPurchases(deps.db, { partyId: sessionOf(c).partyId }, { before, limit: PAGE + 1 })
  const page = found.slice(0, PAGE)
  const merchants = await merchantsOf(deps, page)
  const rows = await Promise.all(
    page.map(async (purchase): Promise<Row> => {
      const parts = (await listParts(deps.db, purchase.id)).filter((part) => owed(part) > 0n)
      const open = parts.reduce((sum, part) => sum + owed(part), 0n)
      return { purchase, merchant: merchants.get(purchase.merchantId), open, next: parts[0] }
    }),
  )
  const older = found.length > PAGE ? page.at(-1)?.id : undefined
  const title = words(language, 'purchases')
  const body = html`${pageHeading(title, { sub: words(language, 'purchasesSub') })}
${rows.length === 0 ? emptyState(words(language, 'none')) : purchaseTable(title, rows, language)}
<p class="pager">${before ? html`<a href="/wallet/purchases">${words(language, 'newest')}</a>` : ''}
${older ? html`<a rel="next" href="/wallet/purchases?before=${older}">${words(language, 'older')}</a>` : ''}</p>`
  return sendPage(deps, c, { title, place: 'purchases', body })
}

const stateMark = (state: string, word: string): Markup => html`<span class="status ${toneOf(state)}">${word}</span>`

function purchaseTable(caption: string, rows: readonly Row[], language: Language): Markup {
  const money = ({ merchant }: Row, minor: bigint) =>
    merchant ? formatMoney(minor, merchant.wallet.asset, language) : ''
  return table(
    caption,
    [
      {
        label: words(language, 'merchant'),
        cell: ({ purchase, merchant }) =>
          html`<a href="/wallet/purchases/${purchase.uid}">${merchant?.name ?? purchase.uid}</a><span class="under">${purchase.title}</span>`,
      },
      { label: words(language, 'amount'), numeric: true, cell: (row) => money(row, row.purchase.amount) },
      {
        label: words(language, 'state'),
        cell: ({ purchase, open }) => {
          const state = stateOf(purchase.state, open)
          return stateMark(state, words(language, `state:${state}`))
        },
      },
      {
        label: words(language, 'stillOpen'),
        numeric: true,
        cell: (row) => (row.open > 0n ? money(row, row.open) : ''),
      },
      { label: words(language, 'nextDue'), cell: ({ next }) => (next ? dayMark(next.dueOn, language) : '') },
    ],
    rows,
  )
}

/** `GET /wallet/purchases/:uid` */
export async function showOwnPurchase(deps: CheckoutDeps, c: PageContext): Promise<Response> {
  const language = c.get('language')
  const { purchase, merchant, path } = await requireOwnPurchase(deps, c)
  const { asset } = merchant.wallet
  const money = (minor: bigint) => formatMoney(minor, asset, language)
  const parts = await listParts(deps.db, purchase.id)
  const open = parts.reduce((sum, part) => sum + owed(part), 0n)
  const state = stateOf(purchase.state, open)
  const wallet = purchase.walletId === null ? undefined : await findWalletById(deps.db, purchase.walletId)
  const facts: [Content, Content][] = [
    [words(language, 'merchant'), merchant.name],
    [words(language, 'what'), purchase.title],
    [words(language, 'reference'), html`<code>${purchase.reference}</code>`],
  ]
  if (purchase.decidedAt) facts.push([words(language, 'boughtAt'), formatTime(purchase.decidedAt, language)])
  if (wallet) facts.push([words(language, 'payWallet'), html`<code>${wallet.explicitId}</code>`])
  if (purchase.credited > 0n) facts.push([words(language, 'credited'), money(purchase.credited)])
  if (open > 0n) facts.push([words(language, 'stillOpen'), money(open)])
  const title = words(language, 'purchaseOf', { merchant: merchant.name })
  const body = html`${pageHeading(title, { sub: stateMark(state, words(language, `state:${state}`)) })}
${c.req.query('done') === 'paid' ? notice('good', words(language, 'partPaid')) : ''}
<div class="receipt"><p class="figure large">${money(purchase.captured ?? purchase.amount)}</p>${definitionList(facts)}</div>
${
  parts.length > 0
    ? section('parts', words(language, 'parts'), partTable(path, parts, money, language), {
        sub: words(language, 'partsSub'),
      })
    : ''
}
<p class="pager"><a href="/wallet/purchases">${words(language, 'all')}</a></p>`
  return sendPage(deps, c, { title, place: 'purchases', body })
}

function partTable(
  path: string,
  parts: readonly PurchasePart[],
  money: (minor: bigint) => string,
  language: Language,
): Markup {
  return table(
    words(language, 'parts'),
    [
      { label: words(language, 'due'), cell: ({ dueOn }) => dayMark(dueOn, language) },
      { label: words(language, 'amount'), numeric: true, cell: ({ amount, fee }) => money(amount + fee) },
      {
        label: words(language, 'state'),
        cell: ({ state }) => stateMark(state, words(language, `part:${state}`)),
      },
      {
        label: words(language, 'paidOf'),
        numeric: true,
        cell: (part) => (paidFor(part) > 0n ? money(paidFor(part)) : ''),
      },
      {
        label: words(language, 'stillOpen'),
        numeric: true,
        cell: (part) => (owed(part) > 0n ? money(owed(part)) : ''),
      },
      {
        label: words(language, 'early'),
        cell: (part) =>
          owed(part) === 0n
            ? ''
            : html`<a href="${path}/parts/${part.number}">${words(language, 'payPart')} ${heard(
                words(language, 'payPartHeard', { amount: money(owed(part)), day: dayText(part.dueOn, language) }),
              )}</a>`,
      },
    ],
    parts,
  )
}
