import { html } from 'hono/html'
import { formatAmount } from '../../../domain/money.ts'
import { type HistoryLine, searchHistory } from '../../../ledger/history-search.ts'
import type { ConsoleWallet } from '../../../storage/console-wallets.ts'
import { type Column, type Content, emptyState, field, notice, pageHeading, select, table } from '../../components.ts'
import { formatMoney, formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { type HistoryQuery, readHistoryQuery } from '../../wallet/history-query.ts'
import { readRemarks } from '../../wallet/remarks.ts'
import { movementName } from '../../wallet/words.ts'
import { sendConsole } from '../frame.ts'
import { consoleList, filterOf, PAGE_ROWS, sendCsv } from '../list.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'
import { link, requireConsoleWallet, unitOf } from './parts.ts'
import { walletText as text } from './words.ts'

const NAMES = ['q', 'direction', 'from', 'until'] as const

/** Lines that a search looks at for one page. */
const SCAN = 2_000

const beforeOf = (query: URLSearchParams): bigint | undefined => {
  const after = filterOf(query, 'after')
  return after !== undefined && /^[1-9]\d{0,17}$/.test(after) ? BigInt(after) : undefined
}

/** `GET /wallets/:id/statement?q=&direction=&from=&until=&after=`: every line, newest first. */
export async function showStatement(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, query } = call
  const wallet = await requireConsoleWallet(deps, call)
  const asked = readHistoryQuery(query, wallet.exponent, language)
  const before = beforeOf(query)
  const page =
    asked.problems.size > 0
      ? null
      : await searchHistory(deps.db, wallet.id, {
          ...(before && { before }),
          limit: PAGE_ROWS + 1,
          scan: SCAN,
          filter: asked.filter,
        })
  const path = `/wallets/${wallet.explicit_id}/statement`
  const title = text(language, 'statement-of', { id: wallet.explicit_id })
  const list = consoleList(call, {
    path,
    caption: title,
    columns: lineColumns(wallet, call),
    rows: page?.lines ?? [],
    cursor: ({ seq }) => String(seq),
    filters: { fields: filterFields(asked, language), names: NAMES },
    csv: true,
    empty: emptyState(text(language, 'statement-empty')),
  })
  const on = new URLSearchParams([...query].filter(([name]) => name !== 'after'))
  on.set('after', String(page?.next))
  const bound = page?.searchedTo
    ? notice(
        'plain',
        html`${text(language, 'history-bound', { count: SCAN.toLocaleString(language) })} ${formatTime(page.searchedTo, language)}. <a href="/console${path}?${on}">${text(language, 'search-on')}</a>`,
      )
    : ''
  const back = link(`/wallets/${wallet.explicit_id}`, text(language, 'back'))
  const body = html`${pageHeading(title, { sub: back })}${list}${bound}`
  return sendConsole(deps, call, { title, place: 'wallets', body, ...(page === null && { status: 422 }) })
}

function filterFields({ written, problems }: HistoryQuery, language: Language): Markup {
  const about = (name: (typeof NAMES)[number]) => {
    const problem = problems.get(name)
    return {
      name,
      required: false,
      value: written.get(name),
      ...(problem && { error: text(language, problem === 'daysCrossed' ? 'days-crossed' : 'bad-day') }),
    }
  }
  const ways = [
    { value: '', label: text(language, 'both-ways') },
    { value: 'in', label: text(language, 'in') },
    { value: 'out', label: text(language, 'out') },
  ]
  return html`${field({ ...about('q'), label: text(language, 'text'), placeholder: text(language, 'text-hint'), maxlength: 200 })}${select(
    {
      ...about('direction'),
      label: text(language, 'direction'),
      choices: ways,
    },
  )}${field({ ...about('from'), label: text(language, 'from'), type: 'date' })}${field({ ...about('until'), label: text(language, 'to'), type: 'date' })}`
}

function lineColumns(wallet: ConsoleWallet, { language, user }: ConsoleCall): Column<HistoryLine>[] {
  const money = (minor: bigint) => formatMoney(minor, unitOf(wallet), language)
  const other = ({ counterpartyId, counterpartyName }: HistoryLine): Content => {
    if (counterpartyId === null) return counterpartyName ?? '—'
    const id = html`<code>${counterpartyId}</code>`
    return user.role === 'operator' ? link(`/wallets/${counterpartyId}`, id) : html`${counterpartyName ?? id}`
  }
  return [
    { label: text(language, 'when'), cell: ({ at }) => formatTime(at, language) },
    {
      label: text(language, 'what'),
      cell: ({ kind, amount, reference }) =>
        html`${movementName(language, kind, amount)} <small class="soft"><code>${kind}</code> <code>${reference}</code></small>`,
    },
    { label: text(language, 'other'), cell: other },
    { label: text(language, 'description'), cell: ({ payload }) => readRemarks(payload).description ?? '' },
    { label: text(language, 'amount'), numeric: true, cell: ({ amount }) => money(amount) },
    { label: text(language, 'after'), numeric: true, cell: ({ balance }) => money(balance) },
  ]
}

/** The newest lines, for the wallet's own page. */
export async function newestLines(
  deps: ConsoleDeps,
  call: ConsoleCall,
  wallet: ConsoleWallet,
  limit: number,
): Promise<Markup> {
  const { lines } = await searchHistory(deps.db, wallet.id, { limit })
  return lines.length === 0
    ? emptyState(text(call.language, 'statement-empty'))
    : table(text(call.language, 'statement'), lineColumns(wallet, call), lines)
}

/** `GET /wallets/:id/statement.csv`: the same search, as RFC 4180. */
export async function downloadStatement(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const wallet = await requireConsoleWallet(deps, call)
  const asked = readHistoryQuery(call.query, wallet.exponent, call.language)
  // The page is where its problems are shown.
  if (asked.problems.size > 0)
    return call.c.redirect(`/console/wallets/${wallet.explicit_id}/statement?${call.query}`, 303)
  const { exponent, currency } = wallet
  return sendCsv(call, {
    name: `statement-${wallet.explicit_id.replaceAll(':', '-')}`,
    header: [
      'number',
      'at',
      'kind',
      'amount',
      'currency',
      'balance',
      'counterparty',
      'counterparty_name',
      'reference',
      'description',
    ],
    cursor: ({ seq }: HistoryLine) => String(seq),
    async read(after) {
      let before = after === undefined ? undefined : BigInt(after)
      for (;;) {
        const page = await searchHistory(deps.db, wallet.id, {
          ...(before && { before }),
          limit: 1_000,
          scan: SCAN,
          filter: asked.filter,
        })
        if (page.lines.length > 0 || page.next === null) return page.lines
        before = page.next
      }
    },
    line: (line) => [
      String(line.seq),
      line.at.toISOString(),
      line.kind,
      formatAmount(line.amount, exponent),
      currency,
      formatAmount(line.balance, exponent),
      line.counterpartyId,
      line.counterpartyName,
      line.reference,
      readRemarks(line.payload).description,
    ],
  })
}
