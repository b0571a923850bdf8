import { html } from 'hono/html'
import { dayAt } from '../../domain/schedule.ts'
import type { Offer } from '../../operations/purchases/list-offers.ts'
import type { WalletListing } from '../../storage/directory-listings.ts'
import { button, buttonRow, definitionList, linkButton, notice, select } from '../components.ts'
import { formatMoney, formatTime } from '../format.ts'
import { csrfField } from '../forms.ts'
import type { Markup } from '../layout.ts'
import type { PageContext, PageSession } from '../session.ts'
import { walletChoice } from '../wallet/wallet-choices.ts'
import type { Checkout } from './find-checkout.ts'
import { hostOf } from './go-back.ts'
import { planName, scheduleView, termsField, termsOf } from './schedule-view.ts'
import { checkoutWords as words } from './words.ts'

/** What is in the form. */
export type Draft = { plan: string; wallet: string; key: string }
/** What is wrong with it, in the reader's words. */
export type Problems = { plan?: string; wallet?: string; form?: string }

/** Who asks for what: the top of every checkout page. */
export function askView(c: PageContext, { purchase, merchant, details, stage }: Checkout, sandbox: boolean): Markup {
  const language = c.get('language')
  const { asset } = merchant.wallet
  const facts: [string, Markup | string][] = [[words(language, 'reference'), html`<code>${purchase.reference}</code>`]]
  if (stage === 'open') facts.push([words(language, 'payUntil'), formatTime(purchase.expiresAt, language)])
  return html`<div class="ask"><h1><span class="asks">${words(language, stage === 'open' ? 'payTo' : 'purchaseOf', { merchant: merchant.name })}</span>
<span class="price">${formatMoney(purchase.amount, asset, language)}</span></h1>
<p class="what">${purchase.title}${details.subtitle ? html`<span class="hint">${details.subtitle}</span>` : ''}</p>
${definitionList(facts)}${sandbox ? html`<p class="hint">${words(language, 'test')}</p>` : ''}</div>`
}

/** For somebody who is not signed in. */
export function strangerView(c: PageContext, checkout: Checkout): Markup {
  const language = c.get('language')
  const next = encodeURIComponent(checkout.path)
  return html`<div class="sheet"><p>${words(language, 'signInHint')}</p>
${buttonRow(linkButton(`/sign-in?next=${next}`, words(language, 'signIn'), 'primary'))}</div>
${cancelForm(c, checkout)}`
}

export type PayView = {
  checkout: Checkout
  session: PageSession
  offers: readonly Offer[]
  wallets: readonly WalletListing[]
  draft: Draft
  problems: Problems
}

/** The choice of plan and wallet, and the button that does it. */
export function payView(c: PageContext, view: PayView): Markup {
  const language = c.get('language')
  const { checkout, offers, wallets, draft, problems, session } = view
  const { merchant, purchase, details, path, now } = checkout
  const { asset } = merchant.wallet
  const amount = formatMoney(purchase.amount, asset, language)
  const [only] = offers
  const atOnce = offers.length === 1 && only?.plan.terms.kind === 'now'
  const again = `/sign-in?again=1&next=${encodeURIComponent(path)}`
  const form = html`<form class="sheet" method="post" action="${path}">${csrfField(c)}
<input type="hidden" name="key" value="${draft.key}">${offers.map(
    (offer) => html`<input type="hidden" name="${termsField(offer.plan.name)}" value="${termsOf(offer)}">`,
  )}
${plans(offers, draft.plan, problems.plan, (offer, id) => scheduleView(id, offer, dayAt(now), asset, language), c)}
${select({
  name: 'wallet',
  label: words(language, 'wallet'),
  error: problems.wallet,
  value: draft.wallet,
  choices: wallets.map((wallet) => walletChoice(wallet, language)),
})}
${offers.some(({ plan }) => plan.terms.kind !== 'now') ? html`<p class="hint">${words(language, 'later')}</p>` : ''}
<p class="hint" id="confirm-hint">${words(language, 'confirmHint', { merchant: merchant.name })}${
    details.redirectUrl ? ` ${words(language, 'goesTo', { host: hostOf(details.redirectUrl) })}` : ''
  }</p>
${buttonRow(
  button({
    label: atOnce ? words(language, 'payNow', { amount }) : words(language, 'confirm'),
    describedBy: 'confirm-hint',
  }),
)}</form>`
  return html`${problems.form ? notice('bad', problems.form) : ''}
${wallets.length === 0 ? notice('bad', words(language, 'noWallet', { currency: asset.code })) : form}
${cancelForm(c, checkout)}
<p class="hint">${words(language, 'signedInAs', { name: session.name })}. <a href="${again}">${words(language, 'notYou')}</a></p>`
}

function plans(
  offers: readonly Offer[],
  chosen: string,
  error: string | undefined,
  schedule: (offer: Offer, id: string) => Markup,
  c: PageContext,
): Markup {
  const language = c.get('language')
  const boxes = offers.map((offer) => {
    const id = `plan-${offer.plan.name}`
    return html`<div class="plan"><input type="radio" id="${id}" name="plan" value="${offer.plan.name}" required aria-describedby="${id}-parts"${
      offer.plan.name === chosen ? html` checked` : ''
    }><label for="${id}">${planName(offer, language)}</label>
${schedule(offer, `${id}-parts`)}</div>`
  })
  return html`<fieldset class="plans"${error === undefined ? '' : html` aria-describedby="plan-error"`}><legend>${words(language, 'plan')}</legend>
${error === undefined ? '' : html`<p class="error" id="plan-error">${error}</p>`}${boxes}</fieldset>`
}

/** The way out, also for those who do not sign in. */
function cancelForm(c: PageContext, { path, details }: Checkout): Markup {
  const language = c.get('language')
  const label = details.cancelUrl
    ? words(language, 'back', { host: hostOf(details.cancelUrl) })
    : words(language, 'cancel')
  return html`<form class="way-out" method="post" action="${path}/cancel">${csrfField(c)}${button({ label, kind: 'quiet' })}</form>`
}

/** What stands there once it is decided. @param own whether the reader has accepted it. @param back to the shop */
export function endView(
  c: PageContext,
  { stage, purchase, merchant }: Checkout,
  { own, back }: { own: boolean; back: string | null },
): Markup {
  const language = c.get('language')
  const paid = stage === 'completed' && purchase.plan?.terms.kind === 'now'
  const key = stage === 'completed' || stage === 'authorized' ? (paid ? 'paid' : 'accepted') : stage
  if (key === 'open') return html``
  const good = key === 'paid' || key === 'accepted'
  const links: Markup[] = []
  if (back !== null) links.push(linkButton(back, words(language, 'backToShop', { host: hostOf(back) }), 'primary'))
  if (own) links.push(linkButton(`/wallet/purchases/${purchase.uid}`, words(language, 'seePurchase')))
  return html`<div class="sheet"><h2>${words(language, key)}</h2>
${notice(good ? 'good' : 'plain', words(language, `${key}Text`, { merchant: merchant.name }))}
${links.length > 0 ? buttonRow(...links) : ''}</div>`
}
