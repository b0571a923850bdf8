import { html } from 'hono/html'
import { monthsLater, type Period, readPeriod } from '../../../domain/statement.ts'
import { isUuid } from '../../../operations/input.ts'
import { readBounds } from '../../../operations/statements/draw-statement.ts'
import { listStatementAccounts, type StatementAccount } from '../../../storage/statement-accounts.ts'
import { type Column, emptyState, field, linkButton, pageHeading } from '../../components.ts'
import { formatMoney } from '../../format.ts'
import { sendConsole } from '../frame.ts'
import { link, partyOf } from '../gift-parts.ts'
import { consoleList, filterOf, PAGE_ROWS } from '../list.ts'
import { type ConsoleCall, type ConsoleRoute, EVERYONE } from '../route.ts'
import { statementPath, visibleAccount } from './find.ts'
import { periodTable, roleText, thisMonth } from './view.ts'
import { statementText as text } from './words.ts'

/** Months on one page. */
const MONTHS = 12

const numberAfter = (query: URLSearchParams): bigint | undefined => {
  const after = filterOf(query, 'after')
  return after !== undefined && /^\d{1,18}$/.test(after) ? BigInt(after) : undefined
}

/** Whose accounts are listed: the reader's own; for operators one business's, if it is named. */
function ownerOf(call: ConsoleCall): string | undefined {
  const named = filterOf(call.query, 'party')
  return partyOf(call) ?? (named !== undefined && isUuid(named) ? named : undefined)
}

const partyField = ({ query, language }: ConsoleCall) =>
  field({
    name: 'party',
    label: text(language, 'business-id'),
    required: false,
    value: query.get('party') ?? '',
    spellcheck: false,
  })

export const accountRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/statements',
    who: EVERYONE,
    async handle(deps, call) {
      const { language, user, query } = call
      const operator = user.role === 'operator'
      const limit = PAGE_ROWS + 1
      const rows = await listStatementAccounts(
        deps.db,
        { partyId: ownerOf(call) },
        { after: numberAfter(query), limit },
      )
      const columns: Column<StatementAccount>[] = [
        {
          label: text(language, 'account'),
          cell: (row) => link(statementPath(row), html`<code>${row.wallet}</code>`),
        },
        { label: text(language, 'for'), cell: (row) => roleText(row, language) },
        ...(operator ? [{ label: text(language, 'business'), cell: ({ party }: StatementAccount) => party }] : []),
        {
          label: text(language, 'held'),
          numeric: true,
          cell: ({ held, asset }) => formatMoney(held, asset, language),
        },
        {
          label: text(language, 'balance'),
          numeric: true,
          cell: ({ balance, asset }) => formatMoney(balance, asset, language),
        },
      ]
      const list = consoleList(call, {
        path: '/statements',
        caption: text(language, 'title'),
        columns,
        rows,
        cursor: ({ id }) => String(id),
        ...(operator && { filters: { fields: partyField(call), names: ['party'] } }),
        empty: emptyState(text(language, operator ? 'empty-operator' : 'empty')),
      })
      const sub = text(language, operator ? 'sub-operator' : 'sub')
      const body = html`${pageHeading(text(language, 'title'), { sub })}${list}`
      return sendConsole(deps, call, { title: text(language, 'title'), place: 'statements', body })
    },
  },
  {
    method: 'get',
    path: '/statements/:wallet',
    who: EVERYONE,
    async handle(deps, call) {
      const { language, query } = call
      const account = await visibleAccount(deps, call)
      const now = deps.clock()
      const named = readPeriod(filterOf(query, 'until') ?? '')
      const newest = named?.unit === 'month' ? named : thisMonth(now)
      const months: Period[] = Array.from({ length: MONTHS }, (_, index) => monthsLater(newest, -index))
      const bounds = await readBounds(deps.db, account.id, months, now)
      // Months from before the first movement say nothing.
      const shown = bounds.filter(({ range }) => range.last > 0n)
      const older = (bounds.at(-1)?.range.first ?? 1n) > 1n
      const path = `/console${statementPath(account)}`
      const links = [
        named ? linkButton(path, text(language, 'newest')) : '',
        older ? linkButton(`${path}?until=${monthsLater(newest, -MONTHS).name}`, text(language, 'older')) : '',
      ]
      const list =
        shown.length === 0
          ? emptyState(text(language, 'none'))
          : html`${periodTable(account, shown, language)}<div class="buttons pager">${links}</div>`
      const heading = pageHeading(html`${text(language, 'title')} <code>${account.wallet}</code>`, {
        sub: `${account.party} · ${roleText(account, language)} · ${text(language, 'balance')} ${formatMoney(account.balance, account.asset, language)}`,
      })
      const body = html`${heading}${list}`
      return sendConsole(deps, call, { title: text(language, 'title'), place: 'statements', body })
    },
  },
]
