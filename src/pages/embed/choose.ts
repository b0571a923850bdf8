import { html } from 'hono/html'
import { formatAmount } from '../../domain/money.ts'
import { isAdvantage } from '../../domain/offer.ts'
import { proposedVouchers } from '../../operations/jackpot/proposed-vouchers.ts'
import type { JackpotSession } from '../../storage/jackpot-sessions.ts'
import type { Store } from '../../storage/voucher-offers.ts'
import { brandTexts } from '../cards/card-facts.ts'
import { button, emptyState, field, notice, pageHeading } from '../components.ts'
import { formatMoney } from '../format.ts'
import type { Markup } from '../layout.ts'
import type { PageContext } from '../session.ts'
import { readAmount } from '../wallet/amount.ts'
import type { EmbedDeps } from './deps.ts'
import { framed } from './frame.ts'
import { byWorth, cardsOf, type Proposal } from './proposals.ts'
import type { Reader } from './reader.ts'
import { embedWords as words } from './words.ts'

/** A reader who can still choose. */
export type Chooser = Reader & { session: JackpotSession & { amount: bigint } }

/** Cards of one shop that are offered side by side. */
const CARDS = 12

/** `GET /embed/jackpot/:key` before anything is reserved: every shop with the best card that the whole amount buys. */
export async function showShops(deps: EmbedDeps, c: PageContext, reader: Chooser): Promise<Response> {
  const { session } = reader
  const language = c.get('language')
  const money = (minor: bigint) => formatMoney(minor, session.asset, language)
  const proposals = await proposedVouchers(deps.gift, session, { strict: false })
  const seen = new Set<string>()
  const shops = proposals
    .sort((a, b) => byWorth(a, b) || a.store.brand.name.localeCompare(b.store.brand.name, language))
    .filter(({ store }) => !seen.has(store.brand.id) && seen.add(store.brand.id))
  const list = shops.map(
    ({ store, ...best }) =>
      html`<li><a class="shop" href="/embed/jackpot/${reader.path}/stores/${store.brand.id}">
<span class="shop-name">${store.brand.name}</span>
<span class="shop-card"><span class="shop-value">${money(best.value)}</span> <span class="shop-price">${words(language, 'for', { price: money(best.price) })}</span></span>
${advantage(c, best, session)}</a></li>`,
  )
  const body = html`${pageHeading(words(language, 'choose', { amount: money(session.amount) }), {
    sub: words(language, 'choose-text'),
  })}
${shops.length === 0 ? emptyState(words(language, 'no-shops')) : html`<h2 class="heard">${words(language, 'shops')}</h2><ul class="shops">${list}</ul>`}`
  return c.html(framed(deps.assets, { language, telling: tellingOf(reader), body }))
}

/** The page is there; nothing is reserved. */
export const tellingOf = ({ key }: Reader) => (key.host === null ? null : { host: key.host, voucher: null })

function advantage(c: PageContext, proposal: Proposal, { asset }: JackpotSession): Markup | string {
  const { value, price } = proposal
  if (!isAdvantage(value, price)) return ''
  const difference = value - price
  const language = c.get('language')
  const text = words(language, proposal.offer.kind, { difference: formatMoney(difference, asset, language) })
  return html`<span class="tag good">${proposal.offer.kind === 'bonus' ? '+ ' : ''}${text}</span>`
}

export type StoreView = {
  store: Store
  /** as the reader wrote it */
  amount?: string | undefined
  problem?: string | undefined
  /** `OFFER:VALUE` */
  chosen?: string | undefined
  status?: 200 | 409 | 422 | 503
}

/** `GET /embed/jackpot/:key/stores/:store?amount=`: the cards of one shop, or the ones that another amount buys. */
export async function showStore(deps: EmbedDeps, c: PageContext, reader: Chooser, view: StoreView): Promise<Response> {
  const { session } = reader
  const { store } = view
  const language = c.get('language')
  const { brand } = store
  const asked = view.amount === undefined ? session.amount : readOwnAmount(c, session, view.amount)
  const amount = typeof asked === 'bigint' ? asked : session.amount
  const single = view.amount !== undefined && typeof asked === 'bigint'
  const cards = cardsOf(store, amount, single ? 1 : CARDS)
  const { use, terms } = brandTexts(brand.texts, language)
  const back = html`<p><a href="/embed/jackpot/${reader.path}">← ${words(language, 'back')}</a></p>`
  const body = html`${back}${pageHeading(brand.name)}
${view.problem ? notice('bad', view.problem) : ''}
${cards.length === 0 ? emptyState(words(language, 'no-cards')) : choice(c, reader, cards, view)}
${brand.values.type === 'range' ? otherAmount(c, reader, view, typeof asked === 'bigint' ? undefined : asked) : ''}
${use ? html`<details class="more"><summary>${words(language, 'use')}</summary><p class="text">${use}</p></details>` : ''}
${terms ? html`<details class="more"><summary>${words(language, 'terms')}</summary><p class="text">${terms}</p></details>` : ''}`
  const status = view.status ?? (typeof asked === 'bigint' ? 200 : 422)
  const title = `${brand.name} · ${words(language, 'title')}`
  return c.html(framed(deps.assets, { language, title, telling: tellingOf(reader), body }), status)
}

function choice(c: PageContext, reader: Chooser, cards: Proposal[], { store, chosen }: StoreView): Markup {
  const language = c.get('language')
  const { asset } = reader.session
  const money = (minor: bigint) => formatMoney(minor, asset, language)
  const nameOf = ({ offer, value }: Proposal) => `${offer.id}:${value}`
  const first = cards.some((card) => nameOf(card) === chosen) ? chosen : nameOf(cards[0] as Proposal)
  const tiles = cards.map((card, index) => {
    const name = nameOf(card)
    return html`<div class="tile"><input type="radio" id="card-${index}" name="card" value="${name}" required${
      name === first ? html` checked` : ''
    }><label for="card-${index}"><span class="tile-value">${money(card.value)}</span> <span class="tile-price">${words(language, 'for', { price: money(card.price) })}</span> ${advantage(c, card, reader.session)}</label></div>`
  })
  return html`<form class="cards-form" method="post" action="/embed/jackpot/${reader.path}/reserve">
<input type="hidden" name="store" value="${store.brand.id}">
<fieldset><legend>${words(language, 'which')}</legend><div class="tiles">${tiles}</div></fieldset>
<div class="buttons">${button({ label: words(language, 'reserve'), describedBy: 'reserve-hint' })}</div>
<p class="hint" id="reserve-hint">${words(language, 'reserve-hint')}</p></form>`
}

function otherAmount(c: PageContext, reader: Chooser, view: StoreView, error: string | undefined): Markup {
  const language = c.get('language')
  const { asset, amount } = reader.session
  const values = { most: formatMoney(amount, asset, language), example: exampleOf(reader.session) }
  return html`<form class="other" method="get" action="/embed/jackpot/${reader.path}/stores/${view.store.brand.id}">
<h2>${words(language, 'other')}</h2>
${field({
  name: 'amount',
  label: words(language, 'amount'),
  hint: words(language, 'amount-hint', values),
  value: view.amount,
  error,
  inputmode: 'decimal',
  autocomplete: 'off',
  maxlength: 40,
})}
<div class="buttons">${button({ label: words(language, 'show-card'), kind: 'quiet' })}</div></form>`
}

const exampleOf = ({ amount, asset }: Chooser['session']) => formatAmount(amount / 2n, asset.exponent)

/** Minor units of what the reader wrote, or what is wrong with it. */
function readOwnAmount(c: PageContext, session: Chooser['session'], text: string): bigint | string {
  const language = c.get('language')
  const { amount, asset } = session
  const read = readAmount(text, asset.exponent, language)
  const values = {
    most: formatMoney(amount, asset, language),
    example: exampleOf(session),
    digits: asset.exponent,
  }
  if (typeof read === 'string') return words(language, `amount-${read}`, values)
  return read > amount ? words(language, 'amount-large', values) : read
}
