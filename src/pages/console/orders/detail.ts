import { html } from 'hono/html'
import { resendOrder } from '../../../operations/gift-cards/resend-order.ts'
import { type ShownOrder, showOrder } from '../../../operations/gift-cards/show-order.ts'
import { takeBackOrder } from '../../../operations/gift-cards/take-back-order.ts'
import { type DeliveryRow, listDeliveriesOf } from '../../../storage/delivery-log.ts'
import { findPartnerListing } from '../../../storage/partners.ts'
import { type Column, definitionList, emptyState, linkButton, pageHeading, section, table } from '../../components.ts'
import { formatMoney, formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import { PageProblem } from '../../problem.ts'
import { doneNotice, found, goTo } from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import { attempt, type FormState, freshForm, sendActForm, sentForm } from '../gift-forms.ts'
import { link, masked, statusTag } from '../gift-parts.ts'
import { giftText } from '../gift-words.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, EVERYONE, OPERATORS, type Role } from '../route.ts'
import { timeline } from '../timeline.ts'
import { type OrderWord, orderText as text } from './words.ts'

/** Who works with orders; a viewer looks. */
const WORKERS: readonly Role[] = ['operator', 'owner', 'member']

/** An order that the reader may see; another business's is not there. */
async function visibleOrder(deps: ConsoleDeps, call: ConsoleCall): Promise<ShownOrder> {
  const shown = await found(showOrder(deps.db, call.param('id')))
  if (call.user.role === 'operator') return shown
  const { partner } = shown.order
  const owner = partner === null ? undefined : await findPartnerListing(deps.db, partner)
  if (owner?.partyId !== call.user.partyId) throw new PageProblem('not-found')
  return shown
}

const costOf = ({ order }: ShownOrder, { language }: ConsoleCall) =>
  formatMoney(order.cost, { code: order.currency, exponent: order.exponent }, language)

/** Whether the mail of an order can be asked for again. */
const isMailed = ({ order, card }: ShownOrder) =>
  order.delivery === 'email' && order.status === 'succeeded' && card?.status === 'active' && !card.moved

const isOpen = ({ order }: ShownOrder) => order.status === 'requested' || order.status === 'processing'
const canBeTakenBack = (shown: ShownOrder) =>
  shown.order.kind !== 'voucher' &&
  (isOpen(shown) || (shown.order.status === 'succeeded' && shown.card?.status !== 'ended'))

function factsOf({ order }: ShownOrder, call: ConsoleCall): Markup {
  const { language } = call
  const money = (minor: bigint) => formatMoney(minor, { code: order.currency, exponent: order.exponent }, language)
  return definitionList([
    [giftText(language, 'status'), statusTag(order.status, language)],
    ...(order.error === null ? [] : [[text(language, 'error'), html`<code>${order.error}</code>`] as const]),
    [text(language, 'request-id'), html`<code>${order.request_id}</code>`],
    [giftText(language, 'partner'), order.partner ?? giftText(language, 'nobody')],
    [giftText(language, 'protocol'), order.protocol],
    [giftText(language, 'brand'), order.brand],
    [giftText(language, 'kind'), text(language, `k-${order.kind}` as OrderWord)],
    [giftText(language, 'value'), money(order.face)],
    [giftText(language, 'cost'), money(order.cost)],
    [text(language, 'discount'), `${order.discount_bp / 100} %`],
    [text(language, 'delivery'), text(language, `d-${order.delivery}` as OrderWord)],
    ...(order.float_after === null ? [] : [[text(language, 'float-after'), money(order.float_after)] as const]),
    [text(language, 'transaction'), html`<code>${order.transaction_id}</code>`],
    [giftText(language, 'created'), formatTime(order.created_at, language)],
    ...(order.ended_at ? [[giftText(language, 'ended'), formatTime(order.ended_at, language)] as const] : []),
  ])
}

function cardPart({ card }: ShownOrder, { language, user }: ConsoleCall): Markup {
  if (card === null) return section('card', text(language, 'card'), emptyState(text(language, 'no-card')))
  const money = (minor: bigint) => formatMoney(minor, { code: card.currency, exponent: card.exponent }, language)
  const code = masked(card.tail)
  const facts = definitionList([
    [giftText(language, 'card'), user.role === 'operator' ? link(`/cards/${card.id}`, code) : code],
    [giftText(language, 'status'), statusTag(card.status, language)],
    ...(card.balance === null ? [] : [[giftText(language, 'balance'), money(card.balance)] as const]),
  ])
  return section('card', text(language, 'card'), facts)
}

function deliveriesPart(rows: readonly DeliveryRow[], { language }: ConsoleCall): Markup | string {
  if (rows.length === 0) return ''
  const columns: Column<DeliveryRow>[] = [
    { label: text(language, 'topic'), cell: ({ id, topic }) => link(`/deliveries/${id}`, topic) },
    { label: giftText(language, 'status'), cell: ({ status }) => statusTag(status, language) },
    { label: text(language, 'attempts'), numeric: true, cell: ({ attempts }) => String(attempts) },
    { label: giftText(language, 'when'), cell: ({ created_at: at }) => formatTime(at, language) },
  ]
  return section('deliveries', text(language, 'deliveries'), table(text(language, 'deliveries'), columns, rows), {
    sub: text(language, 'deliveries-sub'),
  })
}

async function resendPage(deps: ConsoleDeps, call: ConsoleCall, state: FormState) {
  const { language } = call
  const { order } = await visibleOrder(deps, call)
  return sendActForm(deps, call, {
    title: text(language, 'resend-title'),
    place: 'orders',
    path: `/orders/${order.id}/resend`,
    back: `/orders/${order.id}`,
    facts: [[text(language, 'request-id'), order.request_id]],
    effects: [text(language, 'resend-effect')],
    names: [],
    submit: text(language, 'resend-submit'),
    state,
  })
}

async function cancelPage(deps: ConsoleDeps, call: ConsoleCall, state: FormState) {
  const { language } = call
  const shown = await visibleOrder(deps, call)
  const { order } = shown
  const cost = costOf(shown, call)
  const partner = order.partner ?? giftText(language, 'nobody')
  return sendActForm(deps, call, {
    title: text(language, 'cancel-title'),
    place: 'orders',
    path: `/orders/${order.id}/cancel`,
    back: `/orders/${order.id}`,
    facts: [
      [text(language, 'request-id'), order.request_id],
      [giftText(language, 'brand'), order.brand],
    ],
    effects: isOpen(shown)
      ? [text(language, 'cancel-open', { cost })]
      : [text(language, 'cancel-done', { cost, partner }), text(language, 'cancel-unspent')],
    password: true,
    danger: true,
    names: [],
    submit: text(language, 'cancel-submit'),
    state,
  })
}

export const orderDetailRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/orders/:id',
    who: EVERYONE,
    async handle(deps, call) {
      const { language, user } = call
      const shown = await visibleOrder(deps, call)
      const { order } = shown
      const operator = user.role === 'operator'
      // Who else is told of it is not the partner's business.
      const deliveries = operator ? await listDeliveriesOf(deps.db, `order:${order.id}`, 50) : []
      const acts = [
        ...(WORKERS.includes(user.role) && isMailed(shown)
          ? [linkButton(`/console/orders/${order.id}/resend`, text(language, 'resend'))]
          : []),
        ...(operator && canBeTakenBack(shown)
          ? [linkButton(`/console/orders/${order.id}/cancel`, text(language, 'cancel'))]
          : []),
      ]
      const told = doneNotice(call, {
        resent: text(language, 'done-resent'),
        cancelled: text(language, 'done-cancelled'),
      })
      const title = text(language, 'order-title', { id: order.request_id.slice(0, 36) || order.id })
      const body = html`${pageHeading(title)}${told}<div class="side-by-side"><section class="part">${factsOf(shown, call)}<div class="buttons pager">${acts}</div></section><div>${section(
        'timeline',
        text(language, 'timeline'),
        timeline(shown.timeline, language, { names: operator }),
      )}${cardPart(shown, call)}</div></div>${deliveriesPart(deliveries, call)}`
      return sendConsole(deps, call, { title, place: 'orders', body })
    },
  },
  {
    method: 'get',
    path: '/orders/:id/resend',
    who: WORKERS,
    handle: async (deps, call) => resendPage(deps, call, freshForm(call)),
  },
  {
    method: 'post',
    path: '/orders/:id/resend',
    who: WORKERS,
    act: 'order.resend',
    async handle(deps, call) {
      const { order } = await visibleOrder(deps, call)
      const sent = await attempt(call, () =>
        deps.db.transaction((sql) => resendOrder({ db: sql, clock: deps.clock }, call.actor, order.id)),
      )
      if (!sent.done) return resendPage(deps, call, sentForm(call, sent.problem))
      return goTo(call, `/orders/${order.id}?done=resent`)
    },
  },
  {
    method: 'get',
    path: '/orders/:id/cancel',
    who: OPERATORS,
    handle: async (deps, call) => cancelPage(deps, call, freshForm(call)),
  },
  {
    method: 'post',
    path: '/orders/:id/cancel',
    who: OPERATORS,
    act: 'order.cancel',
    dangerous: true,
    async handle(deps, call) {
      const { order } = await visibleOrder(deps, call)
      call.note({ partner: order.partner, request: order.request_id.slice(0, 200) })
      const taken = await attempt(call, () => takeBackOrder(deps.gift, order.id))
      if (!taken.done) return cancelPage(deps, call, sentForm(call, taken.problem))
      return goTo(call, `/orders/${order.id}?done=cancelled`)
    },
  },
]
