import { html } from 'hono/html'
import { payEarly } from '../../operations/purchases/pay-early.ts'
import { listParts } from '../../storage/purchases.ts'
import { findWalletById } from '../../storage/wallets.ts'
import { button, buttonRow, type Content, definitionList, linkButton, notice, pageHeading } from '../components.ts'
import { formatMoney } from '../format.ts'
import { csrfField, readForm } from '../forms.ts'
import { PageProblem } from '../problem.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { makeKey, requireKey } from '../wallet/attempt.ts'
import { sendPage } from '../wallet/page.ts'
import { attempt } from './checkout.ts'
import type { CheckoutDeps } from './deps.ts'
import { explainRefusal } from './failure-words.ts'
import { owed, requireOwnPurchase } from './own-purchase.ts'
import { dayMark } from './schedule-view.ts'
import { checkoutWords as words } from './words.ts'

async function requirePart(deps: CheckoutDeps, c: PageContext) {
  const own = await requireOwnPurchase(deps, c)
  const part = (await listParts(deps.db, own.purchase.id)).find(
    ({ number }) => String(number) === c.req.param('number'),
  )
  if (!part) throw new PageProblem('not-found')
  return { ...own, part }
}

/** `GET /wallet/purchases/:uid/parts/:number`: what it means, and the button that does it. */
export async function askToPayPart(deps: CheckoutDeps, c: PageContext): Promise<Response> {
  const { part, path } = await requirePart(deps, c)
  return owed(part) === 0n ? c.redirect(path, 303) : show(deps, c, makeKey())
}

/** `POST` to the same: once, however often the form is sent. */
export async function payPart(deps: CheckoutDeps, c: PageContext): Promise<Response> {
  const { partyId } = sessionOf(c)
  const form = await readForm(c)
  const key = requireKey(form)
  const { purchase, merchant, part, path } = await requirePart(deps, c)
  const failure = await attempt(() => payEarly(deps.purchases, { purchase, merchant, partyId, parts: [part.id], key }))
  if (failure === null) return c.redirect(`${path}?done=paid`, 303)
  const open = failure === 'ledger-unavailable' || failure === 'outcome-unknown'
  const { text } = explainRefusal(failure, c.get('language'))
  return show(deps, c, open ? key : makeKey(), { text, status: open ? 503 : 422 })
}

async function show(
  deps: CheckoutDeps,
  c: PageContext,
  key: string,
  problem?: { text: string; status: 422 | 503 },
): Promise<Response> {
  const language = c.get('language')
  const { purchase, merchant, part, path } = await requirePart(deps, c)
  const amount = formatMoney(owed(part), merchant.wallet.asset, language)
  const wallet = purchase.walletId === null ? undefined : await findWalletById(deps.db, purchase.walletId)
  const facts: [Content, Content][] = [
    [words(language, 'merchant'), merchant.name],
    [words(language, 'due'), dayMark(part.dueOn, language)],
  ]
  if (wallet) facts.push([words(language, 'payWallet'), html`<code>${wallet.explicitId}</code>`])
  const title = words(language, 'payTitle')
  const submit = owed(part) === 0n ? [] : [button({ label: words(language, 'payNow', { amount }) })]
  const body = html`${pageHeading(title, { sub: words(language, 'paySub') })}
${problem ? notice('bad', problem.text) : ''}
<form class="form" method="post" action="${path}/parts/${part.number}">${csrfField(c)}<input type="hidden" name="key" value="${key}">
<div class="receipt"><p class="figure large">${amount}</p>${definitionList(facts)}</div>
${buttonRow(...submit, linkButton(path, words(language, 'cancelBack')))}</form>`
  return sendPage(deps, c, { title, place: 'purchases', body, ...(problem && { status: problem.status }) })
}
