import { html } from 'hono/html'
import { refundToCard } from '../../operations/gift-cards/refund-to-card.ts'
import { findOwnCard, findRedemption, type Redemption } from '../../storage/card-use.ts'
import type { CardPagesDeps } from '../cards/deps.ts'
import {
  button,
  buttonRow,
  type Content,
  definitionList,
  field,
  linkButton,
  notice,
  pageHeading,
  section,
} from '../components.ts'
import { formatMoney, formatTime } from '../format.ts'
import { csrfField, readForm } from '../forms.ts'
import { layout } from '../layout.ts'
import { PageProblem } from '../problem.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { readAmount } from '../wallet/amount.ts'
import { makeKey, requireKey } from '../wallet/attempt.ts'
import { isUuid } from '../wallet/uuid.ts'
import { attempt, requireTill } from './till.ts'
import { tillWords as words } from './words.ts'

async function requireRedemption(deps: CardPagesDeps, c: PageContext): Promise<Redemption> {
  await requireTill(deps, c)
  const id = c.req.param('id') ?? ''
  const found = isUuid(id) ? await findRedemption(deps.db, id, sessionOf(c).partyId) : undefined
  if (!found) throw new PageProblem('not-found')
  return found
}

/** `GET /till/redemptions/:id` */
export async function showReceipt(deps: CardPagesDeps, c: PageContext): Promise<Response> {
  return receiptPage(deps, c, await requireRedemption(deps, c), { key: makeKey() })
}

/** `POST /till/redemptions/:id/refund` */
export async function refundAtTill(deps: CardPagesDeps, c: PageContext): Promise<Response> {
  const language = c.get('language')
  const form = await readForm(c)
  const redemption = await requireRedemption(deps, c)
  const key = requireKey(form)
  const text = form.get('amount') ?? ''
  const amount = readAmount(text, redemption.exponent, language)
  const refuse = (problem: string, next: string, status: 422 | 503) =>
    receiptPage(deps, c, redemption, { key: next, text, problem, status })
  if (typeof amount === 'string') return refuse(words(language, amount), key, 422)
  const ask = { actor: `person:${sessionOf(c).partyId}`, key, redemption, amount }
  const result = await attempt(() => refundToCard(deps.gift, ask))
  if (result === 'unavailable' || result === 'outcome-unknown') return refuse(words(language, result), key, 503)
  if (result.accepted) return c.redirect(`/till/redemptions/${redemption.id}?done=refunded`, 303)
  const money = (minor: bigint) =>
    formatMoney(minor, { code: redemption.currency, exponent: redemption.exponent }, language)
  const values = { amount: money(redemption.amount - redemption.refunded), available: '', brand: redemption.brand_name }
  return refuse(words(language, result.code, values), makeKey(), 422)
}

type Refund = { key: string; text?: string; problem?: string; status?: 200 | 422 | 503 }

async function receiptPage(
  deps: CardPagesDeps,
  c: PageContext,
  redemption: Redemption,
  { key, text, problem, status = 200 }: Refund,
): Promise<Response> {
  const language = c.get('language')
  const card = await findOwnCard(deps.db, { id: redemption.card_id })
  const money = (minor: bigint) =>
    formatMoney(minor, { code: redemption.currency, exponent: redemption.exponent }, language)
  const left = redemption.amount - redemption.refunded
  const done = c.req.query('done')
  const facts: [Content, Content][] = [
    [words(language, 'card'), `${redemption.brand_name} •••• ${redemption.tail}`],
    [words(language, 'left'), money(redemption.balance)],
    [words(language, 'into'), html`<code>${redemption.wallet}</code>`],
    [words(language, 'when'), formatTime(redemption.at, language)],
    [words(language, 'reference'), html`<code>${redemption.id}</code>`],
  ]
  if (redemption.refunded > 0n) {
    facts.push([words(language, 'given'), money(redemption.refunded)])
    if (card) facts.push([words(language, 'left2'), money(card.balance)])
  }
  const body = html`${pageHeading(words(language, 'receipt'))}
${status === 200 && (done === 'redeemed' || done === 'refunded') ? notice('good', words(language, done)) : ''}
<div class="receipt"><p class="gift-amount">${money(redemption.amount)}</p>${definitionList(facts)}</div>
<div class="buttons no-print">${linkButton('/till', words(language, 'next'), 'primary')}<button class="quiet" type="button" data-print hidden>${words(language, 'print')}</button></div>
${
  left > 0n
    ? html`<div class="no-print">${section(
        'refund',
        words(language, 'refundTitle'),
        html`<form class="sheet" method="post" action="/till/redemptions/${redemption.id}/refund">${csrfField(c)}
<input type="hidden" name="key" value="${key}">
${field({
  name: 'amount',
  label: words(language, 'amount'),
  value: text,
  error: problem,
  inputmode: 'decimal',
  autocomplete: 'off',
  maxlength: 40,
})}${buttonRow(button({ label: words(language, 'refund'), kind: 'quiet' }))}</form>`,
        { sub: words(language, 'refundSub', { amount: money(left) }) },
      )}</div>`
    : ''
}`
  return c.html(
    layout(deps.assets, {
      title: words(language, 'receipt'),
      session: c.get('session'),
      language,
      style: 'cards/cards.css',
      script: 'cards/print.js',
      body,
    }),
    status,
  )
}
