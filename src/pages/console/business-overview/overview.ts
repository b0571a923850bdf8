import { html } from 'hono/html'
import { sumRefusals } from '../../../storage/api-calls.ts'
import { readBusinessDays } from '../../../storage/business-days.ts'
import {
  countFailedDeliveries,
  type FailedOrder,
  listEndingCredentials,
  listFailedOrders,
  listOwnFloats,
  type OwnFloat,
  readBusinessKinds,
  readPurchaseState,
} from '../../../storage/business-state.ts'
import { type Column, definitionList, linkButton, pageHeading, section, table } from '../../components.ts'
import { formatMoney, formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { PROTOCOL_NAMES, reasonOf } from '../calls/explain.ts'
import { sendConsole } from '../frame.ts'
import { link } from '../gift-parts.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'
import { attentionView, availableOf, isLow } from './attention.ts'
import { beginView, isSetUp } from './begin.ts'
import { SALES_DAYS, salesView } from './sales.ts'
import { businessText as text } from './words.ts'

const DAY = 86_400_000
const FAILED_SHOWN = 5
const MANY = 100
/** Days before its end at which a key is told of. */
const KEY_NOTICE = 14

/** The first page of a business: what needs it, where its money is, what it sells, what was refused. */
export async function showBusinessOverview(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { db, clock } = deps
  const { language, user } = call
  const { partyId } = user
  const now = clock()
  const yesterday = new Date(now - DAY)
  const [kinds, floats, days, failed, refusals, failedDeliveries, purchases, ending] = await Promise.all([
    readBusinessKinds(db, partyId),
    listOwnFloats(db, partyId),
    readBusinessDays(db, partyId, { days: SALES_DAYS, now }),
    listFailedOrders(db, partyId, yesterday, MANY),
    sumRefusals(db, partyId, yesterday),
    countFailedDeliveries(db, partyId, new Date(now - 7 * DAY)),
    readPurchaseState(db, partyId, new Date(now + 7 * DAY)),
    listEndingCredentials(db, partyId, new Date(now + KEY_NOTICE * DAY)),
  ])
  const title = text(language, 'title')
  const state = { floats, failedOrders: failed.length, failedDeliveries, purchases, ending }
  const begun = isSetUp(kinds)
  const body = html`${pageHeading(title, { sub: text(language, 'sub') })}${
    begun ? attentionView(state, call) : ''
  }${beginView(kinds, floats, call)}${floats.length > 0 ? section('floats', text(language, 'floats'), floatsView(floats, call)) : ''}${
    kinds.partner || kinds.merchant || days.length > 0
      ? section('sales', text(language, 'sales'), salesView(days, now, language), { sub: text(language, 'sales-sub') })
      : ''
  }${failed.length > 0 ? section('failed', text(language, 'failed'), failedView(failed.slice(0, FAILED_SHOWN), language)) : ''}${
    kinds.merchant ? section('purchases', text(language, 'purchases'), purchasesView(purchases, language)) : ''
  }${kinds.called ? section('refused', text(language, 'refused-calls'), refusalsView(refusals, language)) : ''}`
  return sendConsole(deps, call, { title, place: 'overview', body, charts: days.length > 0 })
}

function floatsView(floats: readonly OwnFloat[], { language, user }: ConsoleCall): Markup {
  const asset = ({ currency, exponent }: OwnFloat) => ({ code: currency, exponent })
  const columns: Column<OwnFloat>[] = [
    {
      label: text(language, 'account'),
      cell: ({ wallet }) => link(`/statements/${encodeURIComponent(wallet)}`, html`<code>${wallet}</code>`),
    },
    { label: text(language, 'partner'), cell: ({ partner }) => partner },
    {
      label: text(language, 'mark'),
      numeric: true,
      cell: (float) => (float.below === null ? '–' : formatMoney(float.below, asset(float), language)),
    },
    {
      label: text(language, 'available'),
      numeric: true,
      cell: (float) => {
        const amount = formatMoney(availableOf(float), asset(float), language)
        return isLow(float) ? html`<strong class="low">${amount}</strong>` : amount
      },
    },
    {
      label: text(language, 'balance'),
      numeric: true,
      cell: (float) => formatMoney(float.balance, asset(float), language),
    },
  ]
  return html`${table(text(language, 'floats'), columns, floats)}<div class="buttons pager">${
    user.role === 'viewer' ? '' : linkButton('/console/float-requests/new', text(language, 'ask-money'))
  }${linkButton('/console/statements', text(language, 'statements'))}</div>`
}

function failedView(orders: readonly FailedOrder[], language: Language): Markup {
  const columns: Column<FailedOrder>[] = [
    { label: text(language, 'when'), cell: ({ id, at }) => link(`/orders/${id}`, formatTime(at, language)) },
    { label: text(language, 'brand'), cell: ({ brand }) => brand },
    { label: text(language, 'why'), cell: ({ error }) => html`<code>${error}</code>` },
  ]
  return table(text(language, 'failed'), columns, orders)
}

function purchasesView(
  { open, authorized, due, late }: Awaited<ReturnType<typeof readPurchaseState>>,
  language: Language,
): Markup {
  const count = (value: number, search: string) =>
    value === 0 ? '0' : html`<a href="/console/purchases?${search}">${value}</a>`
  return definitionList([
    [text(language, 'purchases-open'), count(open, 'state=created')],
    [text(language, 'purchases-authorized'), count(authorized, 'state=authorized')],
    [text(language, 'parts-due'), String(due)],
    [text(language, 'parts-late'), count(late, 'late=yes')],
  ])
}

type Refusal = Awaited<ReturnType<typeof sumRefusals>>[number]

function refusalsView(refusals: readonly Refusal[], language: Language): Markup {
  const all = html`<div class="buttons pager">${linkButton('/console/calls', text(language, 'see-calls'))}</div>`
  if (refusals.length === 0) return html`<p>${text(language, 'refused-none')}</p>${all}`
  const columns: Column<Refusal>[] = [
    { label: text(language, 'protocol'), cell: ({ protocol }) => PROTOCOL_NAMES[protocol] },
    {
      label: text(language, 'reason'),
      cell: (row) =>
        html`${row.code === null ? '' : html`<code>${row.code}</code> `}${reasonOf({ ...row, facts: null }, language)}`,
    },
    {
      label: text(language, 'calls'),
      numeric: true,
      cell: ({ protocol, calls }) => link(`/calls?status=refused&protocol=${protocol}`, String(calls)),
    },
  ]
  return html`${table(text(language, 'refused-calls'), columns, refusals)}${all}`
}
