import { html } from 'hono/html'
import { openDetails } from '../../../operations/purchases/purchase-details.ts'
import { requireMerchant } from '../../../operations/purchases/require-merchant.ts'
import { searchDeliveries } from '../../../storage/delivery-listings.ts'
import type { Merchant } from '../../../storage/merchants.ts'
import { listPurchaseEntries, type PurchaseEntry } from '../../../storage/purchase-listings.ts'
import {
  findPurchase,
  listCredits,
  listParts,
  type Purchase,
  type PurchaseCredit,
  type PurchasePart,
} from '../../../storage/purchases.ts'
import { definitionList, emptyState, linkButton, pageHeading, section, table } from '../../components.ts'
import { formatMoney, formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import { doneNotice, found, requireOwn } from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, EVERYONE, type Role } from '../route.ts'
import { deliveryColumns } from '../webhooks/deliveries.ts'
import { purchaseMark } from './purchases.ts'
import { purchaseWords as words } from './words.ts'

/** Who may decide about purchases: looking is for everyone. */
export const WORKERS: readonly Role[] = ['operator', 'owner', 'member']

export type OnePurchase = { readonly purchase: Purchase; readonly merchant: Merchant }

/** Another party's is not there. */
export async function onePurchase(deps: ConsoleDeps, call: ConsoleCall): Promise<OnePurchase> {
  const id = call.param('id')
  const purchase = await found(findPurchase(deps.db, id.startsWith('pur_') ? { uid: id } : { id }))
  const merchant = await requireMerchant(deps.db, purchase.merchantId)
  requireOwn(call, merchant.partyId)
  return { purchase, merchant }
}

/** What can be done with a purchase as it stands. */
function actsOf({ state, captured, credited }: Purchase): readonly ('capture' | 'release' | 'cancel' | 'credit')[] {
  if (state === 'created') return ['cancel']
  if (state === 'authorized') return ['capture', 'release']
  return state === 'completed' && credited < (captured ?? 0n) ? ['credit'] : []
}

async function show(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, user } = call
  const { purchase, merchant } = await onePurchase(deps, call)
  const { id } = purchase
  const [parts, credits, told] = await Promise.all([
    listParts(deps.db, id),
    listCredits(deps.db, id),
    searchDeliveries(deps.db, { receivers: [merchant.id], object: `purchase:${id}`, limit: 20 }),
  ])
  const transactions = [
    purchase.decidedBy,
    purchase.settledBy,
    ...parts.map((part) => part.paidBy),
    ...credits.map((credit) => credit.id),
  ]
  const entries = await listPurchaseEntries(deps.db, [...new Set(transactions.filter((it) => it !== null))])
  const acts = WORKERS.includes(user.role) ? actsOf(purchase) : []
  const buttons = html`<div class="buttons pager">${acts.map((act) => linkButton(`/console/purchases/${id}/${act}`, words(language, act)))}</div>`
  const body = html`${pageHeading(purchase.reference, { sub: purchaseMark(purchase.state, language) })}${doneNotice(
    call,
    {
      credited: words(language, 'done-credited'),
      captured: words(language, 'done-captured'),
      released: words(language, 'done-released'),
      cancelled: words(language, 'done-cancelled'),
    },
  )}${facts(deps, call, purchase, merchant)}${acts.length > 0 ? buttons : ''}
${section('schedule', words(language, 'schedule'), parts.length === 0 ? emptyState(words(language, 'no-schedule')) : schedule(call, parts, merchant))}
${section('entries', words(language, 'entries'), entries.length === 0 ? emptyState(words(language, 'no-entries')) : entryTable(call, entries, merchant))}
${section('credits', words(language, 'credits'), credits.length === 0 ? emptyState(words(language, 'no-credits')) : creditTable(call, credits, merchant))}
${section('told', words(language, 'told'), told.length === 0 ? emptyState(words(language, 'no-told')) : table(words(language, 'told'), deliveryColumns(call, { receiver: false }), told))}`
  return sendConsole(deps, call, { title: purchase.reference, place: 'purchases', body })
}

function facts(deps: ConsoleDeps, { language }: ConsoleCall, purchase: Purchase, merchant: Merchant): Markup {
  const money = (minor: bigint) => formatMoney(minor, merchant.wallet.asset, language)
  const time = (at: Date | null) => (at ? formatTime(at, language) : '—')
  const { firstName, lastName, email } = openDetails(deps.keyring, purchase)
  return definitionList([
    [words(language, 'amount'), money(purchase.amount)],
    [words(language, 'captured'), purchase.captured === null ? '—' : money(purchase.captured)],
    [words(language, 'credited'), money(purchase.credited)],
    [words(language, 'title'), purchase.title],
    [words(language, 'merchant'), html`<a href="/console/merchants/${merchant.id}">${merchant.name}</a>`],
    [
      words(language, 'asked'),
      [`${firstName ?? ''} ${lastName ?? ''}`.trim(), email].filter(Boolean).join(' · ') || '—',
    ],
    [words(language, 'plan'), purchase.plan?.name ?? '—'],
    [words(language, 'created'), time(purchase.createdAt)],
    [words(language, 'expires'), time(purchase.expiresAt)],
    [words(language, 'decided'), time(purchase.decidedAt)],
    ...(purchase.state === 'authorized'
      ? [[words(language, 'authorized-until'), time(purchase.authorizedUntil)] as const]
      : []),
    [words(language, 'settled'), time(purchase.settledAt)],
    ['Id', html`<code>${purchase.uid}</code>`],
  ])
}

function schedule({ language }: ConsoleCall, parts: readonly PurchasePart[], { wallet }: Merchant): Markup {
  const money = (minor: bigint) => formatMoney(minor, wallet.asset, language)
  return table<PurchasePart>(
    words(language, 'schedule'),
    [
      { label: words(language, 'part'), cell: ({ number }) => String(number) },
      { label: words(language, 'due'), cell: ({ dueOn }) => html`<time datetime="${dueOn}">${dueOn}</time>` },
      { label: words(language, 'state'), cell: ({ state }) => words(language, `part-${state}`) },
      { label: words(language, 'amount'), numeric: true, cell: ({ amount }) => money(amount) },
      { label: words(language, 'fee'), numeric: true, cell: ({ fee }) => money(fee) },
      { label: words(language, 'paid'), numeric: true, cell: ({ paid }) => money(paid) },
      { label: words(language, 'reduced'), numeric: true, cell: ({ reduced }) => money(reduced) },
      { label: words(language, 'attempts'), numeric: true, cell: ({ attempts }) => String(attempts) },
    ],
    parts,
  )
}

function entryTable({ language, user }: ConsoleCall, entries: readonly PurchaseEntry[], { wallet }: Merchant): Markup {
  // Which wallet a person pays from is the person's affair.
  const name = (id: string | null) =>
    user.role === 'operator' || id === wallet.explicitId ? html`<code>${id ?? ''}</code>` : '—'
  return table<PurchaseEntry>(
    words(language, 'entries'),
    [
      { label: words(language, 'kind'), cell: ({ kind }) => html`<code>${kind}</code>` },
      {
        label: words(language, 'amount'),
        numeric: true,
        cell: ({ amount }) => formatMoney(amount, wallet.asset, language),
      },
      { label: words(language, 'from-wallet'), cell: ({ source }) => name(source) },
      { label: words(language, 'to-wallet'), cell: ({ target }) => name(target) },
      { label: words(language, 'when'), cell: ({ at }) => formatTime(at, language) },
    ],
    entries,
  )
}

function creditTable({ language }: ConsoleCall, credits: readonly PurchaseCredit[], { wallet }: Merchant): Markup {
  const money = (minor: bigint) => formatMoney(minor, wallet.asset, language)
  return table<PurchaseCredit>(
    words(language, 'credits'),
    [
      { label: words(language, 'when'), cell: ({ at }) => formatTime(at, language) },
      { label: words(language, 'amount'), numeric: true, cell: ({ amount }) => money(amount) },
      { label: words(language, 'to-financing'), numeric: true, cell: ({ toFinancing }) => money(toFinancing) },
      { label: words(language, 'to-person'), numeric: true, cell: ({ toWallet }) => money(toWallet) },
    ],
    credits,
  )
}

export const onePurchaseRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/purchases/:id', who: EVERYONE, handle: show },
]
