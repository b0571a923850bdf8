import { html } from 'hono/html'
import { LedgerUnavailable } from '../../ledger/command.ts'
import { acceptPurchase } from '../../operations/purchases/accept-purchase.ts'
import { cancelPurchase } from '../../operations/purchases/end-purchase.ts'
import { listOffers } from '../../operations/purchases/list-offers.ts'
import { findWalletById } from '../../storage/wallets.ts'
import { readForm } from '../forms.ts'
import { layout, type Markup } from '../layout.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { makeKey, requireKey } from '../wallet/attempt.ts'
import { listChoices } from '../wallet/wallet-choices.ts'
import type { CheckoutDeps } from './deps.ts'
import { explainRefusal, type FailureCode } from './failure-words.ts'
import { type Checkout, requireCheckout } from './find-checkout.ts'
import { allowShop, goBack } from './go-back.ts'
import { failures, failureUrl, successUrl } from './results.ts'
import { termsField, termsOf } from './schedule-view.ts'
import { askView, type Draft, endView, type Problems, payView, strangerView } from './view.ts'
import { checkoutWords as words } from './words.ts'

/** `GET /checkout/:link` */
export async function showCheckout(deps: CheckoutDeps, c: PageContext): Promise<Response> {
  return show(deps, c, await requireCheckout(deps, c))
}

type Shown = { draft?: Draft; problems?: Problems; status?: 200 | 409 | 422 | 503 }

async function show(deps: CheckoutDeps, c: PageContext, checkout: Checkout, shown: Shown = {}): Promise<Response> {
  const { stage, merchant, details, purchase } = checkout
  const session = c.get('session')
  if (stage !== 'open') {
    const own = session !== null && purchase.partyId === session.partyId
    return frame(deps, c, checkout, endView(c, checkout, { own, back: backTo(deps, checkout) }), shown.status)
  }
  allowShop(c, details.redirectUrl, details.cancelUrl)
  if (session === null) return frame(deps, c, checkout, strangerView(c, checkout), shown.status)
  const offers = listOffers(merchant, purchase, checkout.now)
  const wallets = (await listChoices(deps.db, session.partyId)).filter(
    ({ currency, circle }) => currency === merchant.wallet.asset.code && circle === merchant.wallet.asset.circle,
  )
  const draft = shown.draft ?? {
    plan: offers[0]?.plan.name ?? '',
    wallet: wallets[0]?.explicit_id ?? '',
    key: makeKey(),
  }
  const body = payView(c, { checkout, session, offers, wallets, draft, problems: shown.problems ?? {} })
  return frame(deps, c, checkout, body, shown.status)
}

/** Without the frame's navigation: what is to be decided here is one thing. */
function frame(
  deps: CheckoutDeps,
  c: PageContext,
  checkout: Checkout,
  body: Markup,
  status: Shown['status'] = 200,
): Response | Promise<Response> {
  const language = c.get('language')
  const title = words(language, 'title', { merchant: checkout.merchant.name })
  return c.html(
    layout(deps.assets, {
      title,
      session: null,
      language,
      style: 'checkout/checkout.css',
      body: html`<div class="checkout">${askView(c, checkout, deps.purchases.sandbox)}${body}</div>`,
    }),
    status,
  )
}

/** `POST /checkout/:link`: accepts it, once, however often the form is sent. */
export async function confirmCheckout(deps: CheckoutDeps, c: PageContext): Promise<Response> {
  const { partyId } = sessionOf(c)
  const form = await readForm(c)
  const key = requireKey(form)
  const checkout = await requireCheckout(deps, c)
  const { purchase, merchant, details, path } = checkout
  const language = c.get('language')
  const draft = { plan: form.get('plan') ?? '', wallet: form.get('wallet') ?? '', key }
  const wallets = await listChoices(deps.db, partyId)
  const chosen = wallets.find(({ explicit_id: id }) => id === draft.wallet)
  const wallet = chosen && (await findWalletById(deps.db, chosen.id))
  const problems: Problems = {
    ...(merchant.plans.every(({ name }) => name !== draft.plan) && { plan: words(language, 'choosePlan') }),
    ...(!wallet && { wallet: words(language, 'chooseWallet') }),
  }
  const offer = listOffers(merchant, purchase, checkout.now).find(({ plan }) => plan.name === draft.plan)
  // Nobody agrees to what was not shown. One that has been decided says how, whatever its plan has become.
  if (checkout.stage === 'open' && offer && form.get(termsField(draft.plan)) !== termsOf(offer))
    problems.plan = words(language, 'planChanged')
  if (!wallet || problems.plan) return show(deps, c, checkout, { draft, problems, status: 422 })
  const failure = await attempt(() =>
    acceptPurchase(deps.purchases, { purchase, merchant, partyId, wallet, plan: draft.plan, key }),
  )
  if (failure === null) {
    return details.redirectUrl ? goBack(deps, c, successUrl(details.redirectUrl)) : c.redirect(path, 303)
  }
  // What it has become meanwhile says more than any reason.
  const now = await requireCheckout(deps, c)
  const open = failure === 'ledger-unavailable' || failure === 'outcome-unknown'
  const { place, text } = explainRefusal(failure, language)
  return show(deps, c, now, {
    // Only where there may be an outcome to learn, the same form goes again.
    draft: { ...draft, key: open ? key : makeKey() },
    problems: { [place]: text },
    status: now.stage !== 'open' ? 409 : open ? 503 : 422,
  })
}

/** `POST /checkout/:link/cancel`: also by somebody who has not signed in; whoever has the link may say that they will not pay. */
export async function cancelCheckout(deps: CheckoutDeps, c: PageContext): Promise<Response> {
  await readForm(c)
  const checkout = await requireCheckout(deps, c)
  const { purchase, merchant, details, path } = checkout
  const actor = `person:${c.get('session')?.partyId ?? 'unknown'}`
  if (checkout.stage === 'open') await cancelPurchase(deps.purchases, { purchase, merchant, by: 'person', actor })
  const { stage } = await requireCheckout(deps, c)
  const { cancelUrl } = details
  if (stage !== 'cancelled' || !cancelUrl) return c.redirect(path, 303)
  return goBack(deps, c, failureUrl(deps, merchant, cancelUrl, failures.cancelled))
}

/** Where the shop is told how it ended, for a link on the page; null: it named no address. */
function backTo(deps: CheckoutDeps, { stage, merchant, details }: Checkout): string | null {
  const { redirectUrl, cancelUrl } = details
  if (stage === 'completed' || stage === 'authorized') return redirectUrl ? successUrl(redirectUrl) : null
  return cancelUrl && stage !== 'open' ? failureUrl(deps, merchant, cancelUrl, failures[stage]) : null
}

/** @returns null when it is done, else why it is not */
export async function attempt(
  work: () => Promise<{ readonly refusal: FailureCode } | object>,
): Promise<FailureCode | null> {
  try {
    const result = await work()
    return 'refusal' in result ? result.refusal : null
  } catch (error) {
    if (error instanceof LedgerUnavailable) return error.unknown ? 'outcome-unknown' : 'ledger-unavailable'
    throw error
  }
}
