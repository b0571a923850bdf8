import { html } from 'hono/html'
import { formatAmount } from '../../../domain/money.ts'
import { type Funding, listFundings } from '../../../storage/fundings.ts'
import { buttonRow, emptyState, linkButton, pageHeading, select } from '../../components.ts'
import { formatMoney, formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { sendConsole } from '../frame.ts'
import { consoleList, PAGE_ROWS, sendCsv } from '../list.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'
import { uuidFilter } from '../uuid-filter.ts'
import { link } from '../wallets/parts.ts'
import { fundingText as text } from './words.ts'

/** The wallet of the two that is not the issuing account. */
export const walletOf = ({ direction, source_id, target_id }: Funding): string =>
  direction === 'in' ? target_id : source_id

export const moneyOf = ({ amount, currency, exponent }: Funding, language: Language): string =>
  formatMoney(amount, { code: currency, exponent }, language)

export function stateTag({ state }: Funding, language: Language): Markup {
  const tone = state === 'made' ? 'good' : state === 'waiting' ? 'bad' : 'plain'
  return html`<span class="tag ${tone}">${text(language, state)}</span>`
}

export async function showFundings(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, query } = call
  const waiting = query.get('waiting') === 'yes'
  const rows = await listFundings(deps.db, { waiting, before: uuidFilter(query, 'after'), limit: PAGE_ROWS + 1 })
  const move = linkButton('/console/funding/new', text(language, 'new'), 'primary')
  const list = consoleList(call, {
    path: '/funding',
    caption: text(language, 'title'),
    columns: [
      {
        label: text(language, 'when'),
        cell: ({ id, created_at }) => link(`/funding/${id}`, formatTime(created_at, language)),
      },
      { label: text(language, 'way'), cell: ({ direction }) => text(language, direction) },
      { label: text(language, 'wallet'), cell: (row) => html`<code>${walletOf(row)}</code>` },
      { label: text(language, 'reason'), cell: ({ reason }) => reason },
      { label: text(language, 'by'), cell: ({ asked_by }) => asked_by },
      { label: text(language, 'state'), cell: (row) => stateTag(row, language) },
      { label: text(language, 'amount'), numeric: true, cell: (row) => moneyOf(row, language) },
    ],
    rows,
    cursor: ({ id }) => id,
    filters: {
      fields: select({
        name: 'waiting',
        label: text(language, 'only-waiting'),
        value: waiting ? 'yes' : '',
        choices: [
          { value: '', label: text(language, 'any') },
          { value: 'yes', label: text(language, 'waiting') },
        ],
      }),
      names: ['waiting'],
    },
    csv: true,
    empty: emptyState(text(language, 'empty'), move),
  })
  const heading = pageHeading(text(language, 'title'), { sub: text(language, 'sub'), actions: buttonRow(move) })
  return sendConsole(deps, call, { title: text(language, 'title'), place: 'funding', body: html`${heading}${list}` })
}

export async function downloadFundings(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  return sendCsv(call, {
    name: 'funding',
    header: [
      'id',
      'at',
      'direction',
      'source',
      'target',
      'amount',
      'currency',
      'circle',
      'reason',
      'asked_by',
      'state',
      'decided_by',
      'decided_at',
      'transaction',
    ],
    read: (before) => listFundings(deps.db, { waiting: call.query.get('waiting') === 'yes', before, limit: 1_000 }),
    cursor: ({ id }) => id,
    line: (row) => [
      row.id,
      row.created_at.toISOString(),
      row.direction,
      row.source_id,
      row.target_id,
      formatAmount(row.amount, row.exponent),
      row.currency,
      row.circle,
      row.reason,
      row.asked_by,
      row.state,
      row.decided_by,
      row.decided_at?.toISOString() ?? null,
      row.state === 'made' ? row.decided_in : null,
    ],
  })
}
