import { html } from 'hono/html'
import type { CardSecrets } from '../../credentials/card-codes.ts'
import { isVendorsPage } from '../../operations/gift-cards/open-card.ts'
import type { LinkedCard } from '../../storage/card-links.ts'
import { button, buttonRow, type Content, definitionList, linkButton, notice, section } from '../components.ts'
import { formatMoney } from '../format.ts'
import { csrfField } from '../forms.ts'
import { layout, type Markup } from '../layout.ts'
import type { PageContext } from '../session.ts'
import { brandTexts, dayText, grouped, stateOf, TONES } from './card-facts.ts'
import type { CardPagesDeps } from './deps.ts'
import { publicUrl } from './public-url.ts'
import { cardWords as words } from './words.ts'

type CardPage = {
  card: LinkedCard
  link: string
  /** when they were asked for; an empty PIN: there is one, and it stays hidden */
  secrets?: CardSecrets
  done?: 'claimed' | 'given' | undefined
  /** the card has moved meanwhile */
  failed?: boolean
}

/** The page of one card. Nothing of the code is in its title or in any address. */
export async function cardPage(deps: CardPagesDeps, c: PageContext, page: CardPage): Promise<Response> {
  const { card, link, done } = page
  const language = c.get('language')
  const state = stateOf(card, deps.clock())
  const vendors = isVendorsPage(deps.gift, card)
  const usable = state === 'active' || state === 'spent'
  const money = (minor: bigint) => formatMoney(minor, { code: card.currency, exponent: card.exponent }, language)
  const { use, terms } = brandTexts(card.texts, language)
  const heading = words(language, 'heading', { brand: card.brand_name })
  const amount = card.balance ?? card.face
  const body = html`
${page.failed ? notice('bad', words(language, 'moved')) : ''}
${done === 'claimed' ? notice('good', words(language, 'claimed')) : ''}
${done === 'given' ? givenNotice(deps, c, link) : ''}
${state === 'blocked' || state === 'expired' || state === 'ended' ? notice('plain', words(language, `why:${state}`)) : ''}
<article class="gift">
<div class="gift-face">
<div class="gift-head"><h1>${heading}</h1><span class="status ${TONES[state]}">${words(language, `state:${state}`)}</span></div>
<p class="gift-amount"><span class="line-label">${words(language, card.balance === null ? 'value' : 'balance')}</span> ${money(amount)}</p>
${definitionList(facts(page, c, money, vendors))}
${shows(c, page, vendors)}
</div>
${
  usable && card.barcode !== 'none' && !vendors
    ? html`<div class="gift-code"><img src="/cards/${link}/barcode.svg" alt="${words(language, 'barcode')}"></div>`
    : ''
}
</article>
${
  usable
    ? html`<div class="buttons no-print">${linkButton(`/cards/${link}.pdf`, words(language, 'pdf'))}<button class="quiet" type="button" data-print hidden>${words(language, 'print')}</button></div>`
    : ''
}
${moves(c, page, state !== 'ended' && state !== 'expired')}
${use ? section('use', words(language, 'use'), html`<p class="text">${use}</p>`) : ''}
${terms ? section('terms', words(language, 'terms'), html`<p class="text">${terms}</p>`) : ''}`
  return c.html(
    layout(deps.assets, {
      title: words(language, 'title'),
      session: c.get('session'),
      language,
      style: 'cards/cards.css',
      script: 'cards/print.js',
      body,
    }),
    page.failed ? 409 : 200,
  )
}

function facts(
  { card, secrets }: CardPage,
  c: PageContext,
  money: (minor: bigint) => string,
  vendors: boolean,
): [Content, Content][] {
  const language = c.get('language')
  const masked = html`<span class="mask" aria-hidden="true">•••• •••• ${card.tail}</span><span class="heard">${words(language, 'ending', { tail: card.tail })}</span>`
  const list: [Content, Content][] = []
  if (!secrets)
    list.push(vendors ? [words(language, 'number'), words(language, 'hidden')] : [words(language, 'code'), masked])
  else {
    if (secrets.code) list.push([words(language, 'code'), html`<code class="code">${grouped(secrets.code)}</code>`])
    if (secrets.url) list.push([words(language, 'number'), vendorLink(secrets.url, c)])
    if (secrets.pin) list.push([words(language, 'pin'), html`<code class="code">${secrets.pin}</code>`])
    if (secrets.serial) list.push([words(language, 'serial'), html`<code>${secrets.serial}</code>`])
  }
  if (card.balance !== null && card.balance !== card.face) list.push([words(language, 'value'), money(card.face)])
  if (card.held) list.push([words(language, 'held'), money(card.held)])
  list.push([
    words(language, 'valid'),
    card.expires_at === null
      ? words(language, 'endless')
      : html`<time datetime="${card.expires_at.toISOString()}">${dayText(card.expires_at, language)}</time>`,
  ])
  return list
}

function vendorLink(url: string, c: PageContext): Content {
  const parsed = URL.parse(url)
  // Only what a browser opens as a page; anything else is text.
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return url
  const label = words(c.get('language'), 'vendor', { host: parsed.host })
  return html`<a href="${url}" rel="noreferrer noopener">${label}</a>`
}

/** A form, so that nothing that only follows links ever sees a code. */
function shows(c: PageContext, { link, secrets }: CardPage, vendors: boolean): Markup | string {
  const language = c.get('language')
  if (secrets && secrets.pin !== '') return ''
  const what = secrets ? 'pin' : 'code'
  const label = words(language, secrets ? 'showPin' : vendors ? 'showVendor' : 'showCode')
  return html`<form class="show no-print" method="post" action="/cards/${link}/show">${csrfField(c)}<input type="hidden" name="what" value="${what}">
${button({ label, kind: 'primary', describedBy: 'looked' })}<p class="hint" id="looked">${words(language, 'looked')}</p></form>`
}

function moves(c: PageContext, { card, link, done }: CardPage, lives: boolean): Markup | string {
  const language = c.get('language')
  const session = c.get('session')
  if (!lives || done === 'given') return ''
  const form = (what: 'claim' | 'give') =>
    html`<form method="post" action="/cards/${link}/${what}">${csrfField(c)}${buttonRow(
      button({ label: words(language, what), kind: 'quiet' }),
    )}</form>`
  if (card.wallet_party_id !== null)
    return html`<div class="no-print">${section('give', words(language, 'giveTitle'), form('give'), {
      sub: words(language, 'giveText'),
    })}<p class="pager"><a href="/wallet/cards">${words(language, 'allCards')}</a></p></div>`
  return html`<div class="no-print">${section(
    'keep',
    words(language, 'keep'),
    session
      ? form('claim')
      : html`<p class="buttons">${linkButton(
          `/sign-in?next=${encodeURIComponent(`/cards/${link}`)}`,
          words(language, 'keepSignIn'),
        )}</p>`,
    { sub: words(language, 'keepText') },
  )}</div>`
}

function givenNotice(deps: CardPagesDeps, c: PageContext, link: string): Markup {
  const language = c.get('language')
  const url = `${publicUrl(deps.config, c)}/cards/${link}`
  return html`${notice('good', words(language, 'given'))}
<p class="share-link no-print"><code id="link" tabindex="0" aria-label="${words(language, 'link')}">${url}</code>
<button class="quiet" type="button" data-copy="link" hidden>${words(language, 'copy')}</button></p>`
}
