import { html } from 'hono/html'
import type { ReadToken } from '../../operations/redeem-transaction-token.ts'
import { findHolders } from '../../storage/holders.ts'
import {
  button,
  buttonRow,
  type Content,
  definitionList,
  field,
  linkButton,
  notice,
  pageHeading,
  select,
} from '../components.ts'
import { formatMoney, formatTime } from '../format.ts'
import { csrfField } from '../forms.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { assetName } from './asset-name.ts'
import { handoverWords as words } from './handover-words.ts'
import { sendPage, type WalletPagesDeps } from './page.ts'
import { fixedWallet } from './presenter.ts'
import { listChoices, walletChoice } from './wallet-choices.ts'
import { words as common } from './words.ts'

/** For who is not signed in: where to do that. The script keeps the fragment meanwhile. */
export async function redeemSignedOut(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  const language = c.get('language')
  const title = words(language, 'redeemTitle')
  const body = html`${pageHeading(title, { sub: words(language, 'redeemSignedOut') })}
${buttonRow(linkButton('/sign-in?next=%2Fwallet%2Fredeem', words(language, 'signIn'), 'primary'))}`
  return sendPage(deps, c, { title, place: 'handovers', body, script: 'wallet/redeem.js' })
}

/** The field for a link. With a problem the script leaves it alone. */
export async function redeemForm(
  deps: WalletPagesDeps,
  c: PageContext,
  { token, problem }: { token?: string; problem?: string },
): Promise<Response> {
  const language = c.get('language')
  const title = words(language, 'redeemTitle')
  const body = html`${pageHeading(title, { sub: words(language, 'redeemSub') })}
<form class="form" id="redeem" method="post" action="/wallet/redeem">${csrfField(c)}<input type="hidden" name="step" value="look">
${field({ name: 'token', label: words(language, 'paste'), value: token, error: problem, rows: 4, spellcheck: false, autocomplete: 'off', maxlength: 20_000, autofocus: true })}
${buttonRow(button({ label: words(language, 'look') }))}
</form>`
  return sendPage(deps, c, { title, place: 'handovers', body, status: problem ? 422 : 200, script: 'wallet/redeem.js' })
}

type Review = { token: string; read: ReadToken; key: string; problem?: string; status?: 422 | 503 }

/** Who gives what, and which wallet of the reader's takes part. */
export async function redeemReview(deps: WalletPagesDeps, c: PageContext, review: Review): Promise<Response> {
  const { token, read, key, problem, status } = review
  const language = c.get('language')
  const { subject, claims } = read
  const gives = claims.endpoint === 'charges'
  const [holders, wallets] = await Promise.all([
    findHolders(deps.db, [subject.explicitId]),
    listChoices(deps.db, sessionOf(c).partyId),
  ])
  const fixed = fixedWallet(read)
  const fitting = wallets.filter(
    ({ currency, circle }) => currency === subject.asset.code && circle === subject.asset.circle,
  )
  const name = holders.get(subject.explicitId)?.name ?? subject.explicitId
  const amount = formatMoney(read.amount, subject.asset, language)
  const side = words(language, gives ? 'into' : 'outOf')
  const facts: [Content, Content][] = [
    [words(language, gives ? 'from' : 'to'), html`<strong>${name}</strong> <code>${subject.explicitId}</code>`],
  ]
  if (claims.description) facts.push([common(language, 'description'), claims.description])
  if (fixed) facts.push([side, html`${common(language, 'yourWallet')} <code>${fixed.explicitId}</code>`])
  facts.push([words(language, 'acceptBefore'), formatTime(new Date(read.expiresAt), language)])
  const possible = fixed !== null || fitting.length > 0
  const lacking = possible ? null : words(language, 'noFitting', { unit: assetName(subject.asset, language) })
  const warning = problem ?? lacking
  const choices = fitting.map((wallet) => walletChoice(wallet, language))
  const title = words(language, 'lookTitle')
  const body = html`${pageHeading(title, { sub: words(language, gives ? 'lookSubGives' : 'lookSubAsks', { name }) })}
${warning ? notice('bad', warning) : ''}
<form class="form" method="post" action="/wallet/redeem">${csrfField(c)}
<input type="hidden" name="token" value="${token}"><input type="hidden" name="key" value="${key}">
<div class="receipt"><p class="figure large">${amount}</p>${definitionList(facts)}</div>
${fixed || !possible ? '' : select({ name: 'wallet', label: side, choices })}
${buttonRow(
  ...(possible
    ? [button({ label: words(language, gives ? 'accept' : 'pay', { amount }), name: 'step', value: 'accept' })]
    : []),
  linkButton('/wallet', common(language, 'cancel')),
)}
</form>`
  return sendPage(deps, c, { title, place: 'handovers', body, ...(status && { status }) })
}
