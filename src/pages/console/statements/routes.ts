import { html } from 'hono/html'
import { formatAmount } from '../../../domain/money.ts'
import { dayBefore, daysOf, monthsLater, type Period, periodAt } from '../../../domain/statement.ts'
import { drawStatement, readBounds, type Statement } from '../../../operations/statements/draw-statement.ts'
import { type ReconciliationLine, reconcile } from '../../../operations/statements/reconcile.ts'
import type { StatementAccount } from '../../../storage/statement-accounts.ts'
import { type Column, definitionList, emptyState, linkButton, notice, pageHeading, section } from '../../components.ts'
import { formatMoney, formatTime } from '../../format.ts'
import { layout, type Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { sendConsole } from '../frame.ts'
import { link } from '../gift-parts.ts'
import { consoleList, filterOf, PAGE_ROWS, sendCsv } from '../list.ts'
import { type ConsoleCall, type ConsoleRoute, EVERYONE } from '../route.ts'
import { accountRoutes } from './accounts.ts'
import { namedPeriod, statementPath, visibleAccount } from './find.ts'
import { lineText, periodTable, periodText, roleText, statementTable, thisMonth } from './view.ts'
import { statementText as text } from './words.ts'

/** Statements of accounts, and the file that a business checks its own books against. */
export const statementRoutes: readonly ConsoleRoute[] = [
  ...accountRoutes,
  {
    method: 'get',
    path: '/statements/:wallet/:period',
    who: EVERYONE,
    async handle(deps, call) {
      const { language } = call
      const account = await visibleAccount(deps, call)
      const period = namedPeriod(call)
      const now = deps.clock()
      const statement = await drawStatement(deps.db, account.id, period, now)
      const path = statementPath(account, period)
      const state = notice('plain', text(language, statement.final ? 'final' : 'provisional'))
      const actions = html`<div class="buttons">${linkButton(`/console${path}/movements.csv`, text(language, 'file'))}${linkButton(
        `/console${path}/print`,
        text(language, 'print'),
      )}</div>`
      const days =
        period.unit === 'month'
          ? (await readBounds(deps.db, account.id, daysOf(period), now)).filter(
              ({ range }) => range.last >= range.first,
            )
          : []
      const body = html`${pageHeading(text(language, 'statement-of', { period: periodText(period, language) }), {
        sub: html`<code>${account.wallet}</code> · ${account.party} · ${roleText(account, language)}`,
        actions,
      })}${state}${statementTable(account, statement, language)}${
        days.length === 0 ? '' : section('days', text(language, 'days'), periodTable(account, days, language))
      }${section('movements', text(language, 'movements'), await movementList(deps, call, account, statement))}
<div class="buttons">${neighbours(account, period, now, language)}${linkButton(`/console${statementPath(account)}`, text(language, 'back-account'))}</div>`
      return sendConsole(deps, call, { title: text(language, 'statement'), place: 'statements', body })
    },
  },
  {
    method: 'get',
    path: '/statements/:wallet/:period/print',
    who: EVERYONE,
    async handle(deps, call) {
      const { language, c } = call
      const account = await visibleAccount(deps, call)
      const period = namedPeriod(call)
      const statement = await drawStatement(deps.db, account.id, period, deps.clock())
      const title = text(language, 'statement-of', { period: periodText(period, language) })
      const facts = definitionList([
        [text(language, 'business'), account.party],
        [text(language, 'account'), html`<code>${account.wallet}</code>`],
        [text(language, 'for'), roleText(account, language)],
        [text(language, 'unit'), account.asset.code],
        [text(language, 'drawn'), formatTime(new Date(deps.clock()), language)],
      ])
      const { first, last } = statement.range
      const entries =
        last < first
          ? text(language, 'quiet-period')
          : text(language, 'entries', { first: String(first), last: String(last) })
      const body = html`<div class="console-print">${pageHeading(title)}${facts}${statementTable(account, statement, language)}<p>${text(
        language,
        statement.final ? 'final' : 'provisional',
      )} ${entries}</p><div class="buttons">${linkButton(`/console${statementPath(account, period)}`, text(language, 'back-page'))}</div></div>`
      return c.html(layout(deps.assets, { title, language, style: 'console/console.css', body }))
    },
  },
  {
    method: 'get',
    path: '/statements/:wallet/:period/movements.csv',
    who: EVERYONE,
    async handle(deps, call) {
      const account = await visibleAccount(deps, call)
      const period = namedPeriod(call)
      const [bounds] = await readBounds(deps.db, account.id, [period], deps.clock())
      if (!bounds) throw new Error('a period has bounds')
      const { first, last } = bounds.range
      const { code, exponent } = account.asset
      const amount = (minor: bigint) => formatAmount(minor, exponent)
      return sendCsv(call, {
        name: `reconciliation-${account.wallet.replaceAll(':', '-')}-${period.name}`,
        header: HEADER,
        most: Number.POSITIVE_INFINITY,
        read: (after) =>
          reconcile(deps.db, account.id, { first: after === undefined ? first : BigInt(after) + 1n, last }, 1_000),
        cursor: ({ seq }) => String(seq),
        line: (row) => [
          String(row.seq),
          row.at.toISOString(),
          row.line,
          row.protocol,
          row.requestId,
          row.order,
          row.purchase,
          row.reference,
          row.seller,
          row.counterpartyId ?? row.counterparty,
          code,
          amount(row.before),
          amount(row.amount),
          amount(row.balance),
          row.kind,
          row.transaction,
        ],
      })
    },
  },
]

/** Columns of the reconciliation file. */
export const HEADER = [
  'movement',
  'at',
  'line',
  'protocol',
  'request_id',
  'order_id',
  'purchase_id',
  'reference',
  'brand_or_merchant',
  'counterparty',
  'currency',
  'balance_before',
  'amount',
  'balance_after',
  'kind',
  'transaction',
] as const

async function movementList(
  deps: Parameters<typeof visibleAccount>[0],
  call: ConsoleCall,
  account: StatementAccount,
  { range: { first, last }, period }: Statement,
): Promise<Markup> {
  const { language, query } = call
  if (last < first) return emptyState(text(language, 'quiet-period'))
  const after = filterOf(query, 'after') ?? ''
  const from = /^\d{1,18}$/.test(after) && BigInt(after) >= first ? BigInt(after) + 1n : first
  const rows = await reconcile(deps.db, account.id, { first: from, last }, PAGE_ROWS + 1)
  const money = (amount: bigint) => formatMoney(amount, account.asset, language)
  const columns: Column<ReconciliationLine>[] = [
    { label: text(language, 'when'), cell: ({ at }) => formatTime(at, language) },
    {
      label: text(language, 'what'),
      cell: (row) =>
        html`${lineText(account, row.line, language)}${row.seller === null ? '' : html` <code>${row.seller}</code>`}`,
    },
    { label: text(language, 'request'), cell: referenceCell },
    { label: text(language, 'amount'), numeric: true, cell: ({ amount }) => money(amount) },
    { label: text(language, 'after'), numeric: true, cell: ({ balance }) => money(balance) },
  ]
  return consoleList(call, {
    path: statementPath(account, period),
    caption: text(language, 'movements'),
    columns,
    rows,
    cursor: ({ seq }) => String(seq),
    empty: emptyState(text(language, 'quiet-period')),
  })
}

function referenceCell({ requestId, reference, order, purchase }: ReconciliationLine): Markup | string {
  const label = html`<code>${requestId ?? reference ?? ''}</code>`
  if (order !== null) return link(`/orders/${order}`, label)
  if (purchase !== null) return link(`/purchases/${purchase}`, label)
  return reference ?? ''
}

/** The periods before and after, as far as they have begun. */
function neighbours(account: StatementAccount, period: Period, now: number, language: Language): Markup {
  const month = period.unit === 'month'
  const before = month ? monthsLater(period, -1) : dayBefore(period)
  const next = month ? monthsLater(period, 1) : periodAt(period.until, 'day')
  const begun = next.from.getTime() < thisMonth(now).until.getTime() && next.from.getTime() <= now
  const to = (one: Period, word: 'previous' | 'following') =>
    linkButton(`/console${statementPath(account, one)}`, text(language, word))
  return html`${to(before, 'previous')}${begun ? to(next, 'following') : ''}`
}
