import { html } from 'hono/html'
import { formatAmount } from '../../domain/money.ts'
import { findBrand } from '../../storage/brands.ts'
import type { VoucherRow } from '../../storage/vouchers.ts'
import { dayText } from '../cards/card-facts.ts'
import { button, type Content, definitionList, pageHeading } from '../components.ts'
import { formatMoney, formatTime } from '../format.ts'
import type { Markup } from '../layout.ts'
import type { PageContext } from '../session.ts'
import type { EmbedDeps } from './deps.ts'
import { framed } from './frame.ts'
import { cardLinkOf, type Reader } from './reader.ts'
import { embedWords as words } from './words.ts'

/** States that end by themselves or by somebody else's doing soon: the page looks again. */
const WAITING: ReadonlySet<string> = new Set(['reserved', 'confirmed', 'refunding'])

/** `GET /embed/jackpot/:key` once a card is reserved: how far it is, and the card when it is there. */
export async function showVoucher(
  deps: EmbedDeps,
  c: PageContext,
  reader: Reader,
  voucher: VoucherRow,
): Promise<Response> {
  const language = c.get('language')
  const { state } = voucher
  const brand = await findBrand(deps.db, { id: voucher.brand_id })
  const money = (minor: bigint) => formatMoney(minor, { code: voucher.currency, exponent: voucher.exponent }, language)
  const link = state === 'ready' || state === 'refund_rejected' ? await cardLinkOf(deps, voucher) : null
  const moved = state === 'ready' && link === null
  const path = `/embed/jackpot/${reader.path}`
  const waits = WAITING.has(state)
  const heading = words(language, `heading-${state}`)
  const facts: [Content, Content][] = [
    [words(language, 'shop'), brand?.name ?? ''],
    [words(language, 'value'), money(voucher.face)],
    [words(language, 'price'), money(voucher.cost)],
  ]
  if (state === 'reserved') facts.push([words(language, 'held'), formatTime(voucher.expires_at, language)])
  if (link !== null) facts.push([words(language, 'valid'), validity(c, voucher)])
  facts.push([words(language, 'coupon'), html`<code>${voucher.coupon_id}</code>`])
  const body = html`<div class="voucher"${
    waits ? html` data-poll="${path}/state" data-state="${state}"` : ''
  }>${pageHeading(heading, { sub: words(language, moved ? 'text-moved' : `text-${state}`) })}
${link === null ? '' : opens(c, link)}
${waits ? html`<form class="again" method="get" action="${path}">${button({ label: words(language, 'look-again'), kind: 'quiet' })}</form>` : ''}
${definitionList(facts)}</div>`
  const told = key(voucher)
  const telling = reader.key.host === null ? null : { host: reader.key.host, voucher: JSON.stringify(told) }
  return c.html(framed(deps.assets, { language, title: `${heading} · ${brand?.name ?? ''}`, telling, body }))
}

/** What the page around the frame is told: what the partner's server is told by a notification, but for the card. */
const key = (voucher: VoucherRow) => ({
  id: voucher.id,
  couponId: voucher.coupon_id,
  state: voucher.state.toUpperCase(),
  value: formatAmount(voucher.face, voucher.exponent),
  price: formatAmount(voucher.cost, voucher.exponent),
  currency: voucher.currency,
})

function opens(c: PageContext, link: string): Markup {
  const language = c.get('language')
  // A page of its own: it may not be framed, and its address is the key to the card.
  const away = html` target="_blank" rel="noopener noreferrer"`
  const heard = html`<span class="heard"> (${words(language, 'new-page')})</span>`
  return html`<div class="buttons"><a class="button primary" href="/cards/${link}"${away}>${words(language, 'open')}${heard}</a>
<a class="button quiet" href="/cards/${link}.pdf"${away}>${words(language, 'pdf')}${heard}</a></div>`
}

function validity(c: PageContext, { valid_until: until }: VoucherRow): Content {
  const language = c.get('language')
  return until === null
    ? words(language, 'endless')
    : html`<time datetime="${until.toISOString()}">${dayText(until, language)}</time>`
}
