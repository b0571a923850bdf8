import { html } from 'hono/html'
import type { FundingRefusal } from '../../../operations/funding/funding-refusal.ts'
import { limitFor, moveFunds } from '../../../operations/funding/move-funds.ts'
import { type ConsoleWallet, findConsoleWallet } from '../../../storage/console-wallets.ts'
import { listIssuingWallets } from '../../../storage/fundings.ts'
import { findWallet } from '../../../storage/wallets.ts'
import { button, field, linkButton, notice, pageHeading } from '../../components.ts'
import { formatMoney } from '../../format.ts'
import { readAmount } from '../../wallet/amount.ts'
import { makeKey, requireKey } from '../../wallet/attempt.ts'
import { goTo, textOf } from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import { choice, type FormState, freshForm, input, sendActForm, wrongInput } from '../gift-forms.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'
import { readWalletId, unitOf } from '../wallets/parts.ts'
import { tryFunding } from './try-funding.ts'
import { refusalWords, fundingText as text } from './words.ts'

const LONGEST_REASON = 500

/** `GET /funding/new?wallet=&direction=`: first which wallet, since its unit says which issuing accounts there are; then the rest. */
export async function showMove(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { query, form } = call
  const asked = form.get('wallet') ?? query.get('wallet') ?? ''
  const wallet = await walletOf(deps, asked)
  if (!wallet) return askWallet(deps, call, asked)
  const fresh = { wallet: wallet.explicit_id, direction: query.get('direction') ?? 'in', key: makeKey() }
  return moveForm(deps, call, wallet, freshForm(call, fresh))
}

async function walletOf({ db }: Pick<ConsoleDeps, 'db'>, asked: string): Promise<ConsoleWallet | undefined> {
  const id = readWalletId(asked)
  return id === null ? undefined : findConsoleWallet(db, id, null)
}

function askWallet(deps: ConsoleDeps, call: ConsoleCall, asked: string): Response | Promise<Response> {
  const { language } = call
  const title = text(language, 'new')
  const wrong = asked !== ''
  const wallet = field({
    name: 'wallet',
    label: text(language, 'wallet'),
    hint: text(language, 'wallet-hint'),
    value: asked,
    spellcheck: false,
    maxlength: 120,
    ...(wrong && { error: refusalWords('wallet-not-found', language) }),
  })
  const body = html`${pageHeading(title, { sub: text(language, 'new-sub') })}<form class="sheet act" method="get" action="/console/funding/new">${wallet}<div class="buttons">${button(
    { label: text(language, 'go') },
  )}${linkButton('/console/funding', text(language, 'title'))}</div></form>`
  return sendConsole(deps, call, { title, place: 'funding', body, ...(call.form.size > 0 && { status: 422 }) })
}

async function moveForm(
  deps: ConsoleDeps,
  call: ConsoleCall,
  wallet: ConsoleWallet,
  state: FormState,
): Promise<Response> {
  const { language } = call
  const banks = wallet.kept || wallet.upper === 0n ? [] : await listIssuingWallets(deps.db, wallet.asset_id)
  if (banks.length === 0) {
    const why = wallet.kept ? refusalWords('wallet-kept', language) : text(language, 'no-bank')
    const body = html`${pageHeading(text(language, 'new'))}${notice('bad', why)}<div class="buttons pager">${linkButton('/console/funding', text(language, 'title'))}</div>`
    return sendConsole(deps, call, {
      title: text(language, 'new'),
      place: 'funding',
      body,
      ...(call.form.size > 0 && { status: 422 }),
    })
  }
  const ways = (['in', 'out'] as const).map((value) => ({ value, label: text(language, `direction-${value}`) }))
  const limit = formatMoney(limitFor(deps.config, unitOf(wallet)), unitOf(wallet), language)
  return sendActForm(deps, call, {
    title: text(language, 'new'),
    sub: text(language, 'new-sub'),
    place: 'funding',
    path: '/funding/new',
    back: '/funding',
    facts: [
      [text(language, 'wallet'), html`<code>${wallet.explicit_id}</code>`],
      [text(language, 'owner'), wallet.owner],
      [text(language, 'balance'), formatMoney(wallet.balance, unitOf(wallet), language)],
      [text(language, 'limit'), text(language, 'limit-value', { limit })],
    ],
    effects: [text(language, 'effect-move')],
    fields: html`<input type="hidden" name="wallet" value="${wallet.explicit_id}"><input type="hidden" name="key" value="${state.values.get('key') ?? makeKey()}">${choice(
      state,
      { name: 'direction', label: text(language, 'direction'), choices: ways },
    )}${choice(state, {
      name: 'bank',
      label: text(language, 'bank'),
      choices: banks.map(({ explicit_id }) => ({ value: explicit_id, label: explicit_id })),
    })}${input(state, {
      name: 'amount',
      label: `${text(language, 'amount')} (${wallet.currency})`,
      inputmode: 'decimal',
      maxlength: 40,
    })}${input(state, { name: 'reason', label: text(language, 'reason'), hint: text(language, 'reason-hint'), maxlength: LONGEST_REASON })}`,
    names: ['direction', 'bank', 'amount', 'reason'],
    submit: text(language, 'move'),
    danger: true,
    password: true,
    state,
  })
}

/** `POST /funding/new`: moves the money, or asks for a second person. */
export async function move(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { form, language, user } = call
  const listed = await walletOf(deps, form.get('wallet') ?? '')
  if (!listed) return askWallet(deps, call, form.get('wallet') ?? '')
  const key = requireKey(form)
  // A refusal is the key's answer for ever; another try is another movement.
  const again = (name: string, problem: string, sameKey = false) =>
    moveForm(deps, call, listed, {
      values: new Map([...form, ...(sameKey ? [] : [['key', makeKey()] as const])]),
      problem: wrongInput(name, problem),
    })
  const direction = form.get('direction') === 'out' ? 'out' : 'in'
  const reason = (textOf(form, 'reason') ?? '').replaceAll(/\s+/g, ' ')
  if (reason === '') return again('reason', text(language, 'missing'))
  if (reason.length > LONGEST_REASON) return again('reason', text(language, 'long-reason'))
  const amount = readAmount(form.get('amount') ?? '', listed.exponent, language)
  if (typeof amount !== 'bigint')
    return again('amount', text(language, amount === 'missing' ? 'missing' : 'bad-amount'))
  const wallet = await findWallet(deps.db, listed.explicit_id)
  const bank = await findWallet(deps.db, readWalletId(form.get('bank') ?? '') ?? '')
  if (!wallet || !bank) return again('bank', refusalWords('bank-not-found', language))
  call.note({ wallet: wallet.explicitId, direction, amount: String(amount), currency: wallet.asset.code, reason })
  const ask = { actor: call.actor, key, by: { email: user.email, partyId: user.partyId } }
  const result = await tryFunding(
    () => moveFunds(deps, ask, { direction, wallet, bank: bank.id, amount, reason }),
    language,
  )
  if (!result.accepted) return again(placeOf(result.code), result.text, result.code === null)
  call.note({ funding: result.id, waiting: result.waiting })
  return goTo(call, `/funding/${result.id}?done=${result.waiting ? 'waiting' : 'made'}`)
}

function placeOf(code: FundingRefusal | null): string {
  if (code === 'bank-not-found' || code === 'same-account' || code === 'asset-mismatch') return 'bank'
  return code === 'unavailable-funds' || code === 'unreceivable-funds' || code === 'amount-out-of-range'
    ? 'amount'
    : 'form'
}
