import { html } from 'hono/html'
import type { OwnCard, Redemption, TillWallet } from '../../storage/card-use.ts'
import { dayText } from '../cards/card-facts.ts'
import type { CardPagesDeps } from '../cards/deps.ts'
import {
  button,
  buttonRow,
  type Content,
  definitionList,
  emptyState,
  field,
  notice,
  pageHeading,
  section,
  select,
  table,
} from '../components.ts'
import { formatMoney, formatTime } from '../format.ts'
import { csrfField } from '../forms.ts'
import { layout, type Markup } from '../layout.ts'
import type { PageContext } from '../session.ts'
import { tillWords as words } from './words.ts'

/** What is in the form. */
export type Draft = { code: string; amount: string; wallet: string; key: string }
/** By field; `form` is about all of it. */
export type Problems = ReadonlyMap<string, string>

export type TillView = {
  draft: Draft
  /** that was found by its code */
  card?: OwnCard
  /** where there are several wallets in its currency */
  choices?: TillWallet[]
  problems?: Problems
  status?: 200 | 422 | 429 | 503
  redemptions: Redemption[]
  next: string | undefined
  paged: boolean
}

export function tillPage(deps: CardPagesDeps, c: PageContext, view: TillView): Response | Promise<Response> {
  const language = c.get('language')
  const body = html`${pageHeading(words(language, 'title'), { sub: words(language, 'sub') })}
<div class="till">${form(c, view)}${last(c, view)}</div>`
  return c.html(
    layout(deps.assets, {
      title: words(language, 'title'),
      session: c.get('session'),
      language,
      style: 'cards/cards.css',
      script: 'till/till.js',
      body,
    }),
    view.status ?? 200,
  )
}

function form(c: PageContext, { draft, card, choices, problems }: TillView): Markup {
  const language = c.get('language')
  const problem = (name: string) => problems?.get(name)
  return html`<form class="sheet" id="till" method="post" action="/till" autocomplete="off">${csrfField(c)}
<input type="hidden" name="key" value="${draft.key}">
${problem('form') ? notice('bad', problem('form') as string) : ''}
${card ? cardFacts(c, card) : ''}
${field({
  name: 'code',
  label: words(language, 'code'),
  hint: words(language, 'codeHint'),
  value: draft.code,
  error: problem('code'),
  autocomplete: 'off',
  spellcheck: false,
  maxlength: 100,
  autofocus: !card,
})}
<div class="scan" id="scan" hidden data-stop="${words(language, 'stop')}" data-failed="${words(language, 'noCamera')}">
<button class="quiet" type="button" id="scan-button">${words(language, 'scan')}</button>
<video id="scan-video" muted playsinline hidden aria-label="${words(language, 'camera')}"></video>
<p class="hint" id="scan-note" role="status"></p></div>
${field({
  name: 'amount',
  label: words(language, 'amount'),
  hint: words(language, 'amountHint'),
  value: draft.amount,
  error: problem('amount'),
  required: false,
  inputmode: 'decimal',
  autocomplete: 'off',
  maxlength: 40,
  autofocus: card !== undefined,
})}
${
  choices
    ? select({
        name: 'wallet',
        label: words(language, 'wallet'),
        value: draft.wallet,
        error: problem('wallet'),
        choices: choices.map(({ explicit_id: id }) => ({ value: id, label: id })),
      })
    : ''
}
${buttonRow(
  button({ label: words(language, 'redeem'), name: 'step', value: 'redeem' }),
  button({ label: words(language, 'look'), kind: 'quiet', name: 'step', value: 'look' }),
)}</form>`
}

function cardFacts(c: PageContext, card: OwnCard): Markup {
  const language = c.get('language')
  const money = (minor: bigint) => formatMoney(minor, { code: card.currency, exponent: card.exponent }, language)
  const facts: [Content, Content][] = []
  if (card.held > 0n) {
    facts.push([words(language, 'balance'), money(card.balance)], [words(language, 'held'), money(card.held)])
  }
  facts.push([
    words(language, 'valid'),
    card.expires_at === null ? words(language, 'endless') : dayText(card.expires_at, language),
  ])
  return html`<div role="status"><h2>${words(language, 'card-title', { brand: card.brand_name, mask: `•••• ${card.tail}` })}</h2>
<p class="gift-amount"><span class="line-label">${words(language, 'available')}</span> ${money(card.balance - card.held)}</p>
${definitionList(facts)}</div>`
}

function last(c: PageContext, { redemptions, next, paged }: TillView): Markup {
  const language = c.get('language')
  const money = (row: Redemption, minor: bigint) =>
    formatMoney(minor, { code: row.currency, exponent: row.exponent }, language)
  const list =
    redemptions.length === 0
      ? emptyState(words(language, 'none'))
      : table(
          words(language, 'last'),
          [
            {
              label: words(language, 'amount'),
              cell: (row) => html`<a href="/till/redemptions/${row.id}">${money(row, row.amount)}</a>`,
            },
            { label: words(language, 'card'), cell: (row) => `${row.brand_name} •••• ${row.tail}` },
            { label: words(language, 'when'), cell: (row) => formatTime(row.at, language) },
            {
              label: words(language, 'given'),
              numeric: true,
              cell: (row) => (row.refunded > 0n ? money(row, row.refunded) : ''),
            },
          ],
          redemptions,
        )
  return section(
    'last',
    words(language, 'last'),
    html`${list}<p class="pager">${paged ? html`<a href="/till">${words(language, 'newest')}</a>` : ''}${
      next ? html`<a href="/till?before=${next}">${words(language, 'older')}</a>` : ''
    }</p>`,
  )
}
