import { html } from 'hono/html'
import { createThrottle } from '../../credentials/throttle.ts'
import { checkBalance } from '../../operations/gift-cards/check-balance.ts'
import type { OwnCard } from '../../storage/card-use.ts'
import { button, buttonRow, definitionList, field, linkButton, notice, pageHeading } from '../components.ts'
import { formatMoney } from '../format.ts'
import { csrfField, readForm } from '../forms.ts'
import { layout, type Markup } from '../layout.ts'
import type { PageContext } from '../session.ts'
import { dayText, stateOf, TONES } from './card-facts.ts'
import type { CardPagesDeps } from './deps.ts'
import { cardWords as words } from './words.ts'

/** `GET /cards/balance` */
export async function showBalanceForm(deps: CardPagesDeps, c: PageContext): Promise<Response> {
  return page(deps, c, form(c), 200)
}

/** `POST /cards/balance`: the answer is the page itself, so that neither code nor balance has an address. */
export async function checkBalanceOnPage(deps: CardPagesDeps, c: PageContext): Promise<Response> {
  const language = c.get('language')
  const fields = await readForm(c)
  const code = (fields.get('code') ?? '').slice(0, 100)
  const pin = (fields.get('pin') ?? '').slice(0, 100)
  const result = await checkBalance(
    { ...deps.gift, throttle: createThrottle(deps.keyring) },
    { code, pin, address: c.get('address') },
  )
  if (result.status === 'found') return page(deps, c, found(deps, c, result.card), 200)
  if (result.status === 'unknown') return page(deps, c, form(c, words(language, 'unknown'), code), 422)
  c.header('retry-after', String(result.seconds))
  return page(deps, c, form(c, words(language, 'wait', { seconds: result.seconds }), code), 429)
}

function page(
  deps: CardPagesDeps,
  c: PageContext,
  body: Markup,
  status: 200 | 422 | 429,
): Response | Promise<Response> {
  const language = c.get('language')
  const heading = pageHeading(words(language, 'checkTitle'), { sub: words(language, 'checkSub') })
  return c.html(
    layout(deps.assets, {
      title: words(language, 'checkTitle'),
      session: c.get('session'),
      language,
      style: 'cards/cards.css',
      body: html`<div class="narrow">${heading}${body}</div>`,
    }),
    status,
  )
}

function form(c: PageContext, problem?: string, code?: string): Markup {
  const language = c.get('language')
  return html`<form class="sheet" method="post" action="/cards/balance">${csrfField(c)}
${problem === undefined ? '' : notice('bad', problem)}
${field({
  name: 'code',
  label: words(language, 'code'),
  hint: words(language, 'codeHint'),
  value: code,
  autocomplete: 'off',
  spellcheck: false,
  maxlength: 40,
})}
${field({
  name: 'pin',
  label: words(language, 'pin'),
  hint: words(language, 'pinHint'),
  inputmode: 'numeric',
  autocomplete: 'off',
  maxlength: 12,
})}
${buttonRow(button({ label: words(language, 'check') }))}</form>`
}

function found({ clock }: CardPagesDeps, c: PageContext, card: OwnCard): Markup {
  const language = c.get('language')
  const state = stateOf(card, clock())
  const money = (minor: bigint) => formatMoney(minor, { code: card.currency, exponent: card.exponent }, language)
  return html`<div class="sheet"><div class="gift-head"><h2>${words(language, 'heading', { brand: card.brand_name })}</h2>
<span class="status ${TONES[state]}">${words(language, `state:${state}`)}</span></div>
<p class="gift-amount"><span class="line-label">${words(language, 'balance')}</span> ${money(card.balance)}</p>
${definitionList([
  [words(language, 'number'), html`<span class="mask">•••• ${card.tail}</span>`],
  ...(card.held > 0n ? ([[words(language, 'held'), money(card.held)]] as const) : []),
  [
    words(language, 'valid'),
    card.expires_at === null ? words(language, 'endless') : dayText(card.expires_at, language),
  ],
])}
${buttonRow(linkButton('/cards/balance', words(language, 'another')))}</div>`
}
