import { html } from 'hono/html'
import { readStatement, type StatementLine } from '../../../ledger/reads.ts'
import { requireCard } from '../../../operations/gift-cards/find-card-by-code.ts'
import { type CardListing, findCardState, listCardEvents } from '../../../storage/card-listings.ts'
import { type Column, definitionList, emptyState, linkButton, pageHeading, section, table } from '../../components.ts'
import { formatMoney, formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import { doneNotice, found } from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import { link, statusTag } from '../gift-parts.ts'
import { giftText } from '../gift-words.ts'
import { type ConsoleCall, type ConsoleRoute, OPERATORS } from '../route.ts'
import { timeline } from '../timeline.ts'
import { type CardWord, cardText as text } from './words.ts'

const MOST_LINES = 50

function factsOf(card: CardListing, { language }: ConsoleCall): Markup {
  const money = (minor: bigint) => formatMoney(minor, { code: card.currency, exponent: card.exponent }, language)
  return definitionList([
    [giftText(language, 'status'), statusTag(card.status, language)],
    [giftText(language, 'brand'), link(`/brands/${card.brand}`, card.brand)],
    [giftText(language, 'value'), money(card.face)],
    [giftText(language, 'balance'), card.balance === null ? text(language, 'vendor-knows') : money(card.balance)],
    ...(card.held === null ? [] : [[giftText(language, 'held'), money(card.held)] as const]),
    [text(language, 'expires'), card.expires_at ? formatTime(card.expires_at, language) : text(language, 'never')],
    [text(language, 'issued'), formatTime(card.issued_at, language)],
    ...(card.order_id === null
      ? []
      : [
          [giftText(language, 'order'), link(`/orders/${card.order_id}`, html`<code>${card.order_id}</code>`)] as const,
        ]),
    ...(card.wallet_party_id === null
      ? []
      : [
          [
            text(language, 'holder'),
            link(`/parties/${card.wallet_party_id}`, html`<code>${card.wallet_party_id}</code>`),
          ] as const,
        ]),
    ...(card.end_how === null
      ? []
      : [
          [text(language, 'end-how'), text(language, `end-${card.end_how}` as CardWord)] as const,
          [text(language, 'left'), money(card.end_amount ?? 0n)] as const,
          [giftText(language, 'ended'), formatTime(card.end_at as Date, language)] as const,
        ]),
  ])
}

function movementsPart(card: CardListing, lines: readonly StatementLine[], { language }: ConsoleCall): Markup | string {
  if (lines.length === 0) return ''
  const money = (minor: bigint) => formatMoney(minor, { code: card.currency, exponent: card.exponent }, language)
  const columns: Column<StatementLine>[] = [
    { label: giftText(language, 'when'), cell: ({ at }) => formatTime(at, language) },
    { label: text(language, 'kind'), cell: ({ kind }) => kind },
    { label: text(language, 'with'), cell: ({ counterpartyId: other }) => html`<code>${other ?? ''}</code>` },
    { label: giftText(language, 'amount'), numeric: true, cell: ({ amount }) => money(amount) },
    { label: text(language, 'after'), numeric: true, cell: ({ balance }) => money(balance) },
  ]
  return section('movements', text(language, 'movements'), table(text(language, 'movements'), columns, lines), {
    sub: text(language, 'movements-sub'),
  })
}

function actsOf({ id, status, order_id: orderId }: CardListing, { language }: ConsoleCall): Markup {
  const to = (verb: 'block' | 'unblock' | 'cancel' | 'reveal') =>
    linkButton(`/console/cards/${id}/${verb}`, text(language, verb))
  return html`<div class="buttons pager">${status === 'active' ? to('block') : ''}${
    status === 'blocked' ? to('unblock') : ''
  }${status === 'active' && orderId !== null ? to('cancel') : ''}${to('reveal')}</div>`
}

export const cardDetailRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/cards/:id',
    who: OPERATORS,
    async handle(deps, call) {
      const { language } = call
      const card = await found(requireCard(deps.db, call.param('id')))
      const [events, state] = await Promise.all([listCardEvents(deps.db, card.id), findCardState(deps.db, card.id)])
      const account = state?.account_id ?? null
      const lines = account === null ? [] : await readStatement(deps.db, account, { limit: MOST_LINES })
      const told = doneNotice(call, {
        blocked: text(language, 'done-blocked'),
        unblocked: text(language, 'done-unblocked'),
        cancelled: text(language, 'done-cancelled'),
      })
      const happened =
        events.length === 0 ? emptyState(text(language, 'no-timeline')) : timeline(events, language, { names: true })
      const title = text(language, 'card-title', { tail: card.tail })
      const body = html`${pageHeading(title)}${told}<div class="side-by-side"><section class="part">${factsOf(card, call)}${actsOf(
        card,
        call,
      )}</section>${section('timeline', text(language, 'timeline'), happened)}</div>${movementsPart(card, lines, call)}`
      return sendConsole(deps, call, { title, place: 'cards', body })
    },
  },
]
