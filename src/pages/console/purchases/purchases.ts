import { html } from 'hono/html'
import { formatAmount } from '../../../domain/money.ts'
import { type PurchaseState, purchaseStates } from '../../../domain/purchase.ts'
import { dueNow } from '../../../operations/purchases/purchase-deps.ts'
import { findMerchant } from '../../../storage/merchants.ts'
import { firstId } from '../../../storage/order-listings.ts'
import { findSignIn } from '../../../storage/parties.ts'
import { type PurchaseListing, searchPurchases } from '../../../storage/purchase-listings.ts'
import { type Column, emptyState, field, pageHeading, select } from '../../components.ts'
import { formatMoney, formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { ownParty } from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import { consoleList, filterOf, PAGE_ROWS, sendCsv } from '../list.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, EVERYONE } from '../route.ts'
import { choiceFilter, uuidFilter } from '../uuid-filter.ts'
import { purchaseWords as words } from './words.ts'

const MARKS = {
  created: 'plain',
  authorized: 'plain',
  completed: 'good',
  cancelled: 'bad',
  expired: 'bad',
  voided: 'bad',
} as const satisfies Record<PurchaseState, string>

export const purchaseMark = (state: PurchaseState, language: Language): Markup =>
  html`<span class="tag ${MARKS[state]}">${words(language, `state-${state}`)}</span>`

const NOBODY = '00000000-0000-0000-0000-000000000000'
const FILTERS = ['reference', 'merchant', 'state', 'person', 'from', 'until']

const DAY = 86_400_000

/** The beginning of a day in UTC, in ms; undefined for what is no day. */
function dayOf(query: URLSearchParams, name: string): number | undefined {
  const text = filterOf(query, name) ?? ''
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

async function personOf(deps: ConsoleDeps, query: URLSearchParams): Promise<string | undefined> {
  const text = filterOf(query, 'person')
  if (text === undefined) return undefined
  if (!text.includes('@')) return uuidFilter(query, 'person')
  return (await findSignIn(deps.db, text.toLowerCase()))?.party_id ?? NOBODY
}

async function merchantOf(deps: ConsoleDeps, query: URLSearchParams): Promise<string | undefined> {
  const text = filterOf(query, 'merchant')
  if (text === undefined) return undefined
  return (await findMerchant(deps.db, text.startsWith('mer_') ? { uid: text } : { id: text }))?.id ?? NOBODY
}

async function reader(deps: ConsoleDeps, call: ConsoleCall) {
  const { query, user } = call
  // Moments of purchases are of the due clock, which is never behind the clock of their ids.
  const ahead = await dueNow({ ...deps.purchases, clock: () => 0 })
  const [from, until] = [dayOf(query, 'from'), dayOf(query, 'until')]
  const [merchantId, person] = [await merchantOf(deps, query), await personOf(deps, query)]
  return (after: string | undefined, limit: number) =>
    searchPurchases(deps.db, {
      partyId: ownParty(call),
      merchantId,
      reference: filterOf(query, 'reference'),
      state: choiceFilter(query, 'state', purchaseStates),
      person: user.role === 'operator' ? person : undefined,
      from: from === undefined ? undefined : { at: new Date(from), id: firstId(new Date(from - ahead)) },
      until: until === undefined ? undefined : { at: new Date(until + DAY), id: firstId(new Date(until + DAY)) },
      after,
      limit,
    })
}

const columns = ({ language }: ConsoleCall): Column<PurchaseListing>[] => [
  {
    label: words(language, 'reference'),
    cell: ({ id, reference }) => html`<a href="/console/purchases/${id}">${reference}</a>`,
  },
  { label: words(language, 'state'), cell: ({ state }) => purchaseMark(state, language) },
  { label: words(language, 'amount'), numeric: true, cell: (row) => formatMoney(row.amount, row, language) },
  { label: words(language, 'title'), cell: ({ title }) => title },
  { label: words(language, 'merchant'), cell: ({ merchant_name: name }) => name },
  { label: words(language, 'plan'), cell: ({ plan }) => plan ?? '' },
  { label: words(language, 'created'), cell: ({ created_at: at }) => formatTime(at, language) },
]

async function showList(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, query, user } = call
  const read = await reader(deps, call)
  const title = words(language, 'purchases')
  const text = (name: 'reference' | 'merchant' | 'person', hint?: 'merchant-hint' | 'person-hint') =>
    field({
      name,
      label: words(language, name),
      required: false,
      value: query.get(name) ?? '',
      ...(hint !== undefined && { placeholder: words(language, hint) }),
    })
  const day = (name: 'from' | 'until') =>
    field({ name, type: 'date', label: words(language, name), required: false, value: query.get(name) ?? '' })
  const state = select({
    name: 'state',
    label: words(language, 'state'),
    value: query.get('state') ?? '',
    choices: [
      { value: '', label: words(language, 'any') },
      ...purchaseStates.map((value) => ({ value, label: words(language, `state-${value}`) })),
    ],
  })
  const list = consoleList(call, {
    path: '/purchases',
    caption: title,
    columns: columns(call),
    rows: await read(uuidFilter(query, 'after'), PAGE_ROWS + 1),
    cursor: ({ id }) => id,
    filters: {
      fields: html`${text('reference')}${text('merchant', 'merchant-hint')}${state}${
        user.role === 'operator' ? text('person', 'person-hint') : ''
      }${day('from')}${day('until')}`,
      names: FILTERS.filter((name) => name !== 'person' || user.role === 'operator'),
    },
    csv: true,
    empty: emptyState(words(language, 'none')),
  })
  const body = html`${pageHeading(title, { sub: words(language, 'sub') })}${list}`
  return sendConsole(deps, call, { title, place: 'purchases', body })
}

async function csv(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const read = await reader(deps, call)
  const amount = (minor: bigint | null, { exponent }: PurchaseListing) =>
    minor === null ? null : formatAmount(minor, exponent)
  return sendCsv(call, {
    name: 'purchases',
    header: [
      'uid',
      'merchant',
      'reference',
      'title',
      'state',
      'currency',
      'amount',
      'captured',
      'credited',
      'plan',
      'created_at',
      'decided_at',
    ],
    read: (after) => read(after, 1_000),
    cursor: ({ id }) => id,
    line: (row) => [
      row.uid,
      row.merchant_name,
      row.reference,
      row.title,
      row.state,
      row.code,
      amount(row.amount, row),
      amount(row.captured, row),
      amount(row.credited, row),
      row.plan,
      row.created_at.toISOString(),
      row.decided_at?.toISOString() ?? null,
    ],
  })
}

export const purchaseListRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/purchases', who: EVERYONE, handle: showList },
  { method: 'get', path: '/purchases.csv', who: EVERYONE, handle: csv },
]
