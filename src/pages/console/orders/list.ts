import { html } from 'hono/html'
import { ORDER_STATUSES } from '../../../domain/gift-card.ts'
import { formatAmount } from '../../../domain/money.ts'
import { isUuid } from '../../../operations/input.ts'
import { findBrand } from '../../../storage/brands.ts'
import { findOrderListing, listOrders, type OrderListing } from '../../../storage/order-listings.ts'
import { findPartnerListing } from '../../../storage/partners.ts'
import { type Column, emptyState, field, pageHeading, select } from '../../components.ts'
import { formatMoney, formatTime } from '../../format.ts'
import { sendConsole } from '../frame.ts'
import { anyOf, dayOf, link, oneOf, partnerFilter, partyOf, statusTag, uuidAfter } from '../gift-parts.ts'
import { giftText } from '../gift-words.ts'
import { consoleList, filterOf, PAGE_ROWS, sendCsv } from '../list.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, EVERYONE } from '../route.ts'
import { type OrderWord, orderText as text } from './words.ts'

const FILTERS = ['request', 'partner', 'brand', 'status', 'from', 'to']

async function read(
  deps: ConsoleDeps,
  call: ConsoleCall,
  before: string | undefined,
  limit: number,
): Promise<OrderListing[]> {
  const { query } = call
  const slug = filterOf(query, 'brand')?.toLowerCase()
  const brand = slug === undefined ? undefined : await findBrand(deps.db, { slug })
  const partnerId = await partnerFilter(deps, call)
  if (partnerId === null || (slug !== undefined && !brand)) return []
  const filter = {
    partnerId,
    partyId: partyOf(call),
    brandId: brand?.id,
    status: oneOf(query, 'status', ORDER_STATUSES),
    requestId: filterOf(query, 'request'),
    from: dayOf(query, 'from'),
    to: dayOf(query, 'to', 1),
  }
  const rows = await listOrders(deps.db, filter, { before, limit })
  const id = filter.requestId
  if (rows.length > 0 || before !== undefined || id === undefined || !isUuid(id)) return rows
  // Nobody's request: perhaps it is the order's own id.
  const order = await findOrderListing(deps.db, id)
  const partner = order?.partner == null ? undefined : await findPartnerListing(deps.db, order.partner)
  return order && (filter.partyId === undefined || partner?.partyId === filter.partyId) ? [order] : []
}

export const orderListRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/orders',
    who: EVERYONE,
    async handle(deps, call) {
      const { language, query, user } = call
      const operator = user.role === 'operator'
      const rows = await read(deps, call, uuidAfter(query), PAGE_ROWS + 1)
      const money = (row: OrderListing, minor: bigint) =>
        formatMoney(minor, { code: row.currency, exponent: row.exponent }, language)
      const columns: Column<OrderListing>[] = [
        {
          label: text(language, 'request-id'),
          cell: ({ id, request_id: request }) => link(`/orders/${id}`, request || text(language, 'no-request')),
        },
        ...(operator
          ? [
              {
                label: giftText(language, 'partner'),
                cell: (row: OrderListing) => row.partner ?? giftText(language, 'nobody'),
              },
            ]
          : []),
        {
          label: giftText(language, 'brand'),
          // Nearly all orders are for a card.
          cell: ({ brand, kind }) =>
            kind === 'card'
              ? brand
              : html`${brand} <span class="soft">${text(language, `k-${kind}` as OrderWord)}</span>`,
        },
        { label: giftText(language, 'value'), numeric: true, cell: (row) => money(row, row.face) },
        { label: giftText(language, 'cost'), numeric: true, cell: (row) => money(row, row.cost) },
        { label: giftText(language, 'status'), cell: ({ status }) => statusTag(status, language) },
        { label: giftText(language, 'when'), cell: ({ created_at: at }) => formatTime(at, language) },
      ]
      const value = (name: string) => ({ required: false, value: query.get(name) ?? '', id: `filter-${name}`, name })
      const fields = html`${field({
        ...value('request'),
        label: text(language, 'request-or-order'),
      })}${operator ? field({ ...value('partner'), label: giftText(language, 'partner') }) : ''}${field({
        ...value('brand'),
        label: giftText(language, 'brand'),
      })}${select({
        ...value('status'),
        label: giftText(language, 'status'),
        choices: anyOf(language, ORDER_STATUSES),
      })}${field({ ...value('from'), label: giftText(language, 'from'), type: 'date' })}${field({
        ...value('to'),
        label: giftText(language, 'to'),
        type: 'date',
      })}`
      const list = consoleList(call, {
        path: '/orders',
        caption: text(language, 'title'),
        columns,
        rows,
        cursor: ({ id }) => id,
        filters: { fields, names: FILTERS },
        csv: true,
        empty: emptyState(text(language, operator ? 'empty' : 'empty-own')),
      })
      const title = text(language, 'title')
      const body = html`${pageHeading(title, { sub: text(language, operator ? 'sub' : 'sub-own') })}${list}`
      return sendConsole(deps, call, { title, place: 'orders', body })
    },
  },
  {
    method: 'get',
    path: '/orders.csv',
    who: EVERYONE,
    handle: async (deps, call) =>
      sendCsv(call, {
        name: 'orders',
        header: [
          ...['id', 'partner', 'protocol', 'kind', 'request_id', 'brand', 'currency', 'value', 'cost', 'discount'],
          ...['delivery', 'status', 'error', 'transaction', 'created_at', 'ended_at'],
        ],
        read: (before) => read(deps, call, before, 1_000),
        cursor: ({ id }) => id,
        line: (row) => [
          row.id,
          row.partner,
          row.protocol,
          row.kind,
          row.request_id,
          row.brand,
          row.currency,
          formatAmount(row.face, row.exponent),
          formatAmount(row.cost, row.exponent),
          String(row.discount_bp / 100),
          row.delivery,
          row.status,
          row.error,
          row.transaction_id,
          row.created_at.toISOString(),
          row.ended_at?.toISOString() ?? null,
        ],
      }),
  },
]
