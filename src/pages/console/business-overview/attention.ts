import { html } from 'hono/html'
import type { listEndingCredentials, OwnFloat, PurchaseState } from '../../../storage/business-state.ts'
import { type Content, section } from '../../components.ts'
import { formatMoney, formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import { PROTOCOL_NAMES } from '../calls/explain.ts'
import type { ConsoleCall } from '../route.ts'
import { businessText as text } from './words.ts'

/** What of a business is looked at, to find what needs somebody. */
export type BusinessState = {
  readonly floats: readonly OwnFloat[]
  readonly failedOrders: number
  readonly failedDeliveries: readonly { receiver: string; name: string; form: string; count: number }[]
  readonly purchases: PurchaseState
  readonly ending: Awaited<ReturnType<typeof listEndingCredentials>>
}

/** What can be spent. */
export const availableOf = ({ balance, held, lower }: OwnFloat): bigint => balance - held - (lower ?? 0n)

export const isLow = (float: OwnFloat): boolean =>
  float.lower !== null && (availableOf(float) <= 0n || (float.below !== null && float.balance < float.below))

type Item = { text: Content; href: string | null; do: string }

/** What needs somebody, each with the way to it; one sentence when nothing does. */
export function attentionView(state: BusinessState, { language, user }: ConsoleCall): Markup {
  const items: Item[] = []
  for (const float of state.floats.filter(isLow)) {
    const asset = { code: float.currency, exponent: float.exponent }
    const low = float.below !== null && availableOf(float) > 0n
    items.push({
      text: text(language, low ? 'low-float' : 'empty-float', {
        wallet: float.wallet,
        mark: formatMoney(float.below ?? 0n, asset, language),
        balance: formatMoney(float.balance, asset, language),
      }),
      href: user.role === 'viewer' ? null : '/console/float-requests/new',
      do: text(language, 'ask-money'),
    })
  }
  if (state.failedOrders > 0)
    items.push({
      text: text(language, 'failed-orders', { count: state.failedOrders }),
      href: '/console/orders?status=failed',
      do: text(language, 'see-orders'),
    })
  for (const { name, count } of state.failedDeliveries)
    items.push({
      text: text(language, 'failed-deliveries', { name, count }),
      href: '/console/deliveries?status=failed',
      do: text(language, 'see-deliveries'),
    })
  const { late, authorized } = state.purchases
  if (late > 0)
    items.push({
      text: text(language, 'late-parts', { count: late }),
      href: '/console/purchases?late=yes',
      do: text(language, 'see-purchases'),
    })
  if (authorized > 0)
    items.push({
      text: text(language, 'authorized', { count: authorized }),
      href: '/console/purchases?state=authorized',
      do: text(language, 'see-purchases'),
    })
  for (const { protocol, partner, partnerId, endsAt, usedAt } of state.ending) {
    const used =
      usedAt === null
        ? text(language, 'key-unused')
        : html`${text(language, 'key-used')} ${formatTime(usedAt, language)}`
    items.push({
      text: html`${text(language, 'key-ends', { protocol: PROTOCOL_NAMES[protocol], partner })} ${formatTime(endsAt, language)} ${used}.`,
      href: user.role === 'owner' ? '/console/keys' : `/console/partners/${partnerId}`,
      do: text(language, 'key-do'),
    })
  }
  const body =
    items.length === 0
      ? html`<p>${text(language, 'nothing')}</p>`
      : html`<ul class="attention">${items.map(
          (item) =>
            html`<li><span>${item.text}</span>${item.href === null ? '' : html` <a href="${item.href}">${item.do}</a>`}</li>`,
        )}</ul>`
  return section('attention', text(language, 'attention'), body)
}
