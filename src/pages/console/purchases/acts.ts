import { randomUUID } from 'node:crypto'
import { html } from 'hono/html'
import { formatAmount } from '../../../domain/money.ts'
import type { PurchaseRefusal } from '../../../domain/purchase.ts'
import { isUuid } from '../../../operations/input.ts'
import { capturePurchase } from '../../../operations/purchases/capture-purchase.ts'
import { creditPurchase } from '../../../operations/purchases/credit-purchase.ts'
import { cancelPurchase } from '../../../operations/purchases/end-purchase.ts'
import { releasePurchase } from '../../../operations/purchases/release-purchase.ts'
import { type Content, field } from '../../components.ts'
import { formatMoney } from '../../format.ts'
import { readAmount } from '../../wallet/amount.ts'
import { goTo, type Refused, sendForm } from '../act-form.ts'
import type { ConsoleCall, ConsoleDeps, ConsoleRoute } from '../route.ts'
import { type OnePurchase, onePurchase, WORKERS } from './one-purchase.ts'
import { purchaseRefusalText, purchaseWords as words } from './words.ts'

type Key = Parameters<typeof words>[1]
type Name = 'credit' | 'capture' | 'release' | 'cancel'

/** What was wrong with the form before. */
type Problem = { readonly whole?: Refused; readonly amount?: string }

/** The most that one of them may be about. */
const mostOf = (name: Name, { purchase }: OnePurchase): bigint =>
  name === 'credit' ? (purchase.captured ?? 0n) - purchase.credited : purchase.amount

const EFFECTS: Record<Name, readonly Key[]> = {
  credit: ['credit-effect', 'credit-moves'],
  capture: ['capture-effect'],
  release: ['release-effect'],
  cancel: ['cancel-effect'],
}

/** The page of an act: as the purchase stands now, whatever stood on the page before. */
const ask =
  (name: Name) =>
  async (deps: ConsoleDeps, call: ConsoleCall, problem: Problem = {}): Promise<Response> => {
    const { language, form } = call
    const one = await onePurchase(deps, call)
    const { purchase, merchant } = one
    const { asset } = merchant.wallet
    const most = mostOf(name, one)
    const sent = form.get('key')
    const amount = field({
      name: 'amount',
      label: words(language, 'amount'),
      hint: words(language, 'credit-most', { amount: formatMoney(most, asset, language) }),
      inputmode: 'decimal',
      value: form.get('amount') ?? formatAmount(most, asset.exponent),
      error: problem.amount,
    })
    const key = html`<input type="hidden" name="key" value="${sent && isUuid(sent) ? sent : randomUUID()}">`
    const withAmount = name === 'credit' || name === 'capture'
    const facts: [Content, Content][] = [
      [words(language, 'merchant'), merchant.name],
      [words(language, 'title'), purchase.title],
      [words(language, 'amount'), formatMoney(purchase.amount, asset, language)],
    ]
    const answer = await sendForm(deps, call, {
      title: words(language, `${name}-title`, { reference: purchase.reference }),
      place: 'purchases',
      path: `/purchases/${purchase.id}/${name}`,
      back: `/purchases/${purchase.id}`,
      facts,
      effects: EFFECTS[name].map((effect) => words(language, effect)),
      ...(withAmount && { fields: html`${amount}${name === 'credit' ? key : ''}` }),
      submit: words(language, name),
      danger: name !== 'capture',
      password: name !== 'cancel',
      refusal: problem.whole ?? null,
    })
    return problem.amount === undefined ? answer : new Response(answer.body, { status: 422, headers: answer.headers })
  }

/** What was written into the field; a text says what is wrong with it. */
function amountOf({ form, language }: ConsoleCall, { merchant }: OnePurchase): bigint | string {
  const amount = readAmount(form.get('amount') ?? '', merchant.wallet.asset.exponent, language)
  return typeof amount === 'bigint' ? amount : words(language, amount)
}

type Result = { readonly done: true } | { readonly done: false; readonly refusal: PurchaseRefusal }

const act =
  (
    name: Name,
    done: string,
    work: (deps: ConsoleDeps, call: ConsoleCall, one: OnePurchase) => Promise<Result | string>,
  ) =>
  async (deps: ConsoleDeps, call: ConsoleCall): Promise<Response> => {
    const one = await onePurchase(deps, call)
    const result = await work(deps, call, one)
    if (typeof result === 'string') return ask(name)(deps, call, { amount: result })
    if (!result.done) {
      call.note({ refusal: result.refusal })
      return ask(name)(deps, call, { whole: purchaseRefusalText(call.language, result.refusal) })
    }
    return goTo(call, `/purchases/${one.purchase.id}?done=${done}`)
  }

const credit = act('credit', 'credited', async (deps, call, one) => {
  const amount = amountOf(call, one)
  if (typeof amount === 'string') return amount
  const sent = call.form.get('key') ?? ''
  call.note({ amount: String(amount) })
  // A form that is sent twice gives back once.
  const key = `console:${isUuid(sent) ? sent : randomUUID()}`
  return creditPurchase(deps.purchases, { ...one, amount, actor: call.actor, key })
})

const capture = act('capture', 'captured', async (deps, call, one) => {
  const amount = amountOf(call, one)
  if (typeof amount === 'string') return amount
  call.note({ amount: String(amount) })
  return capturePurchase(deps.purchases, { ...one, amount, actor: call.actor })
})

const release = act('release', 'released', (deps, { actor }, one) => releasePurchase(deps.purchases, { ...one, actor }))

const cancel = act('cancel', 'cancelled', (deps, { actor }, one) =>
  cancelPurchase(deps.purchases, { ...one, by: 'merchant', actor }),
)

const path = '/purchases/:id'
export const purchaseActRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: `${path}/credit`, who: WORKERS, handle: (deps, call) => ask('credit')(deps, call) },
  { method: 'post', path: `${path}/credit`, who: WORKERS, act: 'purchase.credit', dangerous: true, handle: credit },
  { method: 'get', path: `${path}/capture`, who: WORKERS, handle: (deps, call) => ask('capture')(deps, call) },
  { method: 'post', path: `${path}/capture`, who: WORKERS, act: 'purchase.capture', dangerous: true, handle: capture },
  { method: 'get', path: `${path}/release`, who: WORKERS, handle: (deps, call) => ask('release')(deps, call) },
  { method: 'post', path: `${path}/release`, who: WORKERS, act: 'purchase.release', dangerous: true, handle: release },
  { method: 'get', path: `${path}/cancel`, who: WORKERS, handle: (deps, call) => ask('cancel')(deps, call) },
  { method: 'post', path: `${path}/cancel`, who: WORKERS, act: 'purchase.cancel', handle: cancel },
]
