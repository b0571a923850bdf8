import { html } from 'hono/html'
import { formatAmount } from '../../../domain/money.ts'
import { FLOAT_REQUEST_STATES, type FloatRequestRow, listFloatRequests } from '../../../storage/float-requests.ts'
import { type Column, emptyState, field, linkButton, pageHeading, select } from '../../components.ts'
import { formatMoney, formatTime } from '../../format.ts'
import { sendConsole } from '../frame.ts'
import { anyOf, link, oneOf, partnerFilter, partyOf, statusTag, uuidAfter } from '../gift-parts.ts'
import { giftText } from '../gift-words.ts'
import { consoleList, filterOf, PAGE_ROWS, sendCsv } from '../list.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, EVERYONE } from '../route.ts'
import { requestText as text } from './words.ts'

/** States that a request comes into; a partner does not take one back here. */
const STATES = FLOAT_REQUEST_STATES.filter((state) => state !== 'cancelled')

async function read(deps: ConsoleDeps, call: ConsoleCall, before: string | undefined, limit: number) {
  const partnerId = await partnerFilter(deps, call)
  if (partnerId === null) return []
  const filter = {
    partnerId,
    partyId: partyOf(call),
    status: oneOf(call.query, 'status', STATES),
    reference: filterOf(call.query, 'reference'),
  }
  return listFloatRequests(deps.db, filter, { before, limit })
}

export const requestListRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/float-requests',
    who: EVERYONE,
    async handle(deps, call) {
      const { language, query, user } = call
      const operator = user.role === 'operator'
      const rows = await read(deps, call, uuidAfter(query), PAGE_ROWS + 1)
      const money = (row: FloatRequestRow, minor: bigint | null) =>
        minor === null ? '' : formatMoney(minor, { code: row.currency, exponent: row.exponent }, language)
      const columns: Column<FloatRequestRow>[] = [
        { label: text(language, 'reference'), cell: ({ id, reference }) => link(`/float-requests/${id}`, reference) },
        { label: giftText(language, 'partner'), cell: ({ partner }) => partner },
        { label: text(language, 'asked'), numeric: true, cell: (row) => money(row, row.amount) },
        { label: text(language, 'approved'), numeric: true, cell: (row) => money(row, row.approved) },
        { label: giftText(language, 'status'), cell: ({ status }) => statusTag(status, language) },
        { label: giftText(language, 'when'), cell: ({ created_at: at }) => formatTime(at, language) },
      ]
      const fields = html`${field({
        name: 'reference',
        label: text(language, 'reference'),
        required: false,
        value: query.get('reference') ?? '',
      })}${field({
        name: 'partner',
        label: giftText(language, 'partner'),
        required: false,
        value: query.get('partner') ?? '',
      })}${select({
        name: 'status',
        label: giftText(language, 'status'),
        value: query.get('status') ?? '',
        choices: anyOf(language, STATES),
      })}`
      const asks = user.role === 'owner' || user.role === 'member'
      const ask = linkButton('/console/float-requests/new', text(language, 'ask'), 'primary')
      const list = consoleList(call, {
        path: '/float-requests',
        caption: text(language, 'title'),
        columns,
        rows,
        cursor: ({ id }) => id,
        filters: { fields, names: ['reference', 'partner', 'status'] },
        csv: true,
        empty: emptyState(text(language, operator ? 'empty' : 'empty-own'), ...(asks ? [ask] : [])),
      })
      const title = text(language, 'title')
      const heading = pageHeading(title, {
        sub: text(language, operator ? 'sub' : 'sub-own'),
        ...(asks && { actions: ask }),
      })
      return sendConsole(deps, call, { title, place: 'float-requests', body: html`${heading}${list}` })
    },
  },
  {
    method: 'get',
    path: '/float-requests.csv',
    who: EVERYONE,
    handle: async (deps, call) =>
      sendCsv(call, {
        name: 'float-requests',
        header: [
          'id',
          'partner',
          'currency',
          'amount',
          'approved',
          'reference',
          'status',
          'transaction',
          'created_at',
          'decided_at',
        ],
        read: (before) => read(deps, call, before, 1_000),
        cursor: ({ id }) => id,
        line: (row) => [
          row.id,
          row.partner,
          row.currency,
          formatAmount(row.amount, row.exponent),
          row.approved === null ? null : formatAmount(row.approved, row.exponent),
          row.reference,
          row.status,
          row.transaction_id,
          row.created_at.toISOString(),
          row.decided_at?.toISOString() ?? null,
        ],
      }),
  },
]
