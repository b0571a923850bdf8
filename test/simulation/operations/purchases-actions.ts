import { changeWallet } from '../../../src/operations/change-wallet.ts'
import { acceptPurchase } from '../../../src/operations/purchases/accept-purchase.ts'
import { capturePurchase } from '../../../src/operations/purchases/capture-purchase.ts'
import { createPurchase } from '../../../src/operations/purchases/create-purchase.ts'
import { cancelPurchase } from '../../../src/operations/purchases/end-purchase.ts'
import { releasePurchase } from '../../../src/operations/purchases/release-purchase.ts'
import type { Merchant } from '../../../src/storage/merchants.ts'
import { findPurchase, type Purchase as Row } from '../../../src/storage/purchases.ts'
import type { Wallet } from '../../../src/storage/wallets.ts'
import { type Account, type Move, moved, reasonAgainst, reserved, transferred, withAccount } from './books.ts'
import type { Deps } from './installation.ts'
import type { Action, Stage } from './life.ts'
import { dueAtOnce, partsOf, scheduleOf, withinHeld } from './purchases-schedule.ts'
import {
  AUTHORIZED_DAYS,
  DAY,
  LINK_DAYS,
  PLANS,
  type Plan,
  type Purchase,
  type PurchaseState,
} from './purchases-state.ts'
import type { Next } from './search.ts'

export type PurchaseScene = {
  readonly stage: Stage
  readonly wallets: Readonly<Record<string, Wallet>>
  /** that are paid at once, and that capture */
  readonly merchants: { readonly direct: Merchant; readonly capturing: Merchant }
  readonly ids: Map<string, string>
  pick<T>(of: readonly T[]): T
  key(): string
  /** a purchase that was accepted and is given up */
  released(state: PurchaseState, name: string): Next<PurchaseState>[]
}

export type PurchaseAction = Action<PurchaseState>
export type Choose = (state: PurchaseState) => PurchaseAction

export const dayOf = (ms: number): number => Math.floor(ms / DAY) * DAY

export const withPurchase = (state: PurchaseState, name: string, change: Partial<Purchase>): PurchaseState => ({
  ...state,
  purchases: { ...state.purchases, [name]: { ...(state.purchases[name] as Purchase), ...change } },
})

/** Whose funds a reason is about, in the words of purchases. */
export function wordFor({ code, account }: { code: string; account: string }): string {
  if (account === 'financing') return 'financing-exhausted'
  if (account === 'shop') return code === 'unavailable-funds' ? 'merchant-funds' : 'merchant-not-payable'
  return code === 'unavailable-funds' ? 'insufficient-funds' : 'wallet-not-usable'
}

export const no = <S>(state: S, reasons: readonly string[]): Next<S>[] =>
  reasons.map((reason) => ({ state, answer: `no ${reason}` }))

/** The purchase as it stands when the attempt begins. */
export async function rowOf(scene: PurchaseScene, deps: Deps, name: string): Promise<Row> {
  const row = await findPurchase(deps.db, { id: scene.ids.get(name) as string })
  if (!row) throw new Error(`the purchase ${name} is gone`)
  return row
}

export const merchantOf = ({ merchants }: PurchaseScene, { captures }: Pick<Purchase, 'captures'>): Merchant =>
  captures ? merchants.capturing : merchants.direct

/** What is paid when a purchase is accepted: what moves, or is held. */
function payOut(plan: Plan, amount: number, at: { first: number; fee: number }): Move[] {
  if (PLANS[plan].kind === 'now') return [{ source: 'wallet', target: 'shop', amount }]
  const moves = [
    { source: 'financing', target: 'shop', amount },
    { source: 'wallet', target: 'financing', amount: at.first },
    { source: 'wallet', target: 'fees', amount: at.fee },
  ]
  return moves.filter((move) => move.amount > 0)
}

/** What was held is free again. */
const freed = (state: PurchaseState, it: Purchase): PurchaseState =>
  payOut(it.plan as Plan, it.held.amount, it.held).reduce(
    (after, move) => reserved(after, { ...move, amount: -move.amount }),
    state,
  )

/** Given up by the merchant, or by nobody's capturing it in time. */
export const released = (state: PurchaseState, name: string): Next<PurchaseState>[] => [
  { state: withPurchase(freed(state, state.purchases[name] as Purchase), name, { state: 'voided' }), answer: 'ok' },
]

/** From the wish of a shop to its payment. */
export function purchaseActions(scene: PurchaseScene): Choose[] {
  const { pick, stage, wallets } = scene
  let count = 0

  const create: Choose = () => {
    const captures = pick([true, false])
    const amount = pick([1, 2, 3, 100, 999, 1000, 1000, 2500, 2500, 0])
    const reference = pick(['r1', 'r2', 'r3', 'r4', 'r5', 'r6'])
    const name = `p${++count}`
    let expires = 0
    return {
      text: `${name} of ${amount} under ${reference}${captures ? ', to capture' : ''}`,
      once: true,
      async run(deps) {
        expires = stage.clock() + LINK_DAYS * DAY
        const wish = { reference, amount: BigInt(amount), title: name, details: {} }
        const made = await createPurchase(deps, { merchant: merchantOf(scene, { captures }), wish, via: 'link' })
        if ('refusal' in made) return `no ${made.refusal}`
        scene.ids.set(name, made.purchase.id)
        return 'ok'
      },
      model(before) {
        const reasons: string[] = []
        if (amount === 0) reasons.push('amount-out-of-range')
        if (before.references[`${captures} ${reference}`] !== undefined) reasons.push('reference-used')
        if (reasons.length > 0) return no(before, reasons)
        const held = { amount: 0, first: 0, fee: 0 }
        const made: Purchase = {
          ...{
            reference,
            amount,
            captures,
            state: 'created',
            expires,
            plan: null,
            key: null,
            authorizedUntil: 0,
            day: 0,
          },
          ...{ held, captured: 0, credits: {}, credited: 0, parts: [] },
        }
        return [{ state: { ...before, purchases: { ...before.purchases, [name]: made } }, answer: 'ok' }]
      },
    }
  }

  const one = (state: PurchaseState, want: Purchase['state'][]): string | null => {
    const all = Object.entries(state.purchases)
    const fit = all.filter(([, { state: is }]) => want.includes(is))
    const from = fit.length > 0 && pick([true, true, true, true, false]) ? fit : all
    return from.length === 0 ? null : pick(from)[0]
  }

  const accept: Choose = (state) => {
    const name = one(state, ['created'])
    if (name === null) return create(state)
    const plan = pick(Object.keys(PLANS) as Plan[])
    const key = scene.key()
    let now = 0
    return {
      text: `${name} is accepted, paid ${plan} (${key})`,
      async run(deps) {
        now = stage.clock()
        const purchase = await rowOf(scene, deps, name)
        const wallet = wallets.wallet as Wallet
        const { captures } = state.purchases[name] as Purchase
        const wish = { purchase, merchant: merchantOf(scene, { captures }), partyId: wallet.partyId, wallet, plan, key }
        const result = await acceptPurchase(deps, wish)
        return result.accepted ? 'ok' : `no ${result.refusal}`
      },
      model(before) {
        const it = before.purchases[name] as Purchase
        if (it.key === key && it.plan !== null && it.state !== 'created') {
          if (it.plan !== plan) return no(before, ['key-conflict'])
          return [{ state: before, answer: 'ok' }]
        }
        const reference = `${it.captures} ${it.reference}`
        const day = dayOf(now)
        const shares = scheduleOf(plan, it.amount, day)
        const reasons: string[] = []
        if (it.state !== 'created') reasons.push('purchase-ended')
        if (it.state === 'created' && it.expires <= now) reasons.push('purchase-expired')
        if (![undefined, name].includes(before.references[reference])) reasons.push('reference-used')
        if (shares === null) reasons.push('plan-not-offered')
        const owes = Object.values(before.purchases).some(({ parts }) =>
          parts.some(({ state: is }) => is === 'late' || is === 'failed'),
        )
        if (PLANS[plan].kind !== 'now' && owes) reasons.push('overdue')
        if (shares === null) return no(before, reasons)
        const at = dueAtOnce(shares, day)
        const moves = payOut(plan, it.amount, at)
        const used = { ...before, references: { ...before.references, [reference]: name } }
        const common = { plan, key, day }
        if (!it.captures) {
          const after = moved(used, moves)
          if ('code' in after) return no(before, [...reasons, wordFor(after)])
          if (reasons.length > 0) return no(before, reasons)
          const paid = { ...common, state: 'completed' as const, captured: it.amount, parts: partsOf(shares, day) }
          return [{ state: withPurchase(after.state, name, paid), answer: 'ok' }]
        }
        let now2: PurchaseState = used
        for (const move of moves) {
          const reason = reasonAgainst(now2, move)
          if (reason) return no(before, [...reasons, wordFor(reason)])
          now2 = reserved(now2, move)
        }
        if (reasons.length > 0) return no(before, reasons)
        const held = PLANS[plan].kind === 'now' ? { amount: it.amount, first: 0, fee: 0 } : { amount: it.amount, ...at }
        const change = { ...common, state: 'authorized' as const, authorizedUntil: now + AUTHORIZED_DAYS * DAY, held }
        return [{ state: withPurchase(now2, name, change), answer: 'ok' }]
      },
    }
  }

  const capture: Choose = (state) => {
    const name = one(state, ['authorized'])
    if (name === null) return create(state)
    const all = (state.purchases[name] as Purchase).amount
    const amount = pick([all, all, all, all - 1, Math.ceil(all / 2), 1, all + 1, 0])
    let now = 0
    return {
      text: `${amount} of ${name} is captured`,
      async run(deps) {
        now = stage.clock()
        const purchase = await rowOf(scene, deps, name)
        const merchant = merchantOf(scene, state.purchases[name] as Purchase)
        const result = await capturePurchase(deps, { purchase, merchant, amount: BigInt(amount), actor: 'simulator' })
        return result.done ? 'ok' : `no ${result.refusal}`
      },
      model(before) {
        const it = before.purchases[name] as Purchase
        const reasons: string[] = []
        if (it.state !== 'authorized') return no(before, ['not-authorized'])
        if (amount <= 0) reasons.push('amount-out-of-range')
        if (amount > it.amount) reasons.push('capture-exceeds-authorization')
        if (it.authorizedUntil <= now) reasons.push('authorization-over')
        const plan = it.plan as Plan
        const shares = amount > 0 ? scheduleOf(plan, amount, it.day) : null
        if (amount > 0 && shares === null) reasons.push('amount-out-of-range')
        if (reasons.length > 0 || shares === null) return no(before, reasons)
        const financed = PLANS[plan].kind !== 'now'
        const within = financed ? withinHeld(shares, it.held, it.day) : shares
        const moves = payOut(plan, amount, dueAtOnce(within, it.day))
        const after = moves.reduce((now2, move) => transferred(now2, move), freed(before, it))
        const change = { state: 'completed' as const, captured: amount, parts: partsOf(within, it.day) }
        return [{ state: withPurchase(after, name, change), answer: 'ok' }]
      },
    }
  }

  const release: Choose = (state) => {
    const name = one(state, ['authorized'])
    if (name === null) return create(state)
    return {
      text: `${name} is released`,
      async run(deps) {
        const purchase = await rowOf(scene, deps, name)
        const merchant = merchantOf(scene, state.purchases[name] as Purchase)
        const result = await releasePurchase(deps, { purchase, merchant, actor: 'simulator' })
        return result.done ? 'ok' : `no ${result.refusal}`
      },
      model(before) {
        const it = before.purchases[name] as Purchase
        if (it.state !== 'authorized') return no(before, ['not-authorized'])
        return released(before, name)
      },
    }
  }

  const cancel: Choose = (state) => {
    const name = one(state, ['created'])
    if (name === null) return create(state)
    return {
      text: `${name} is declined`,
      async run(deps) {
        const purchase = await rowOf(scene, deps, name)
        const merchant = merchantOf(scene, state.purchases[name] as Purchase)
        const result = await cancelPurchase(deps, { purchase, merchant, by: 'person', actor: 'simulator' })
        return result.done ? 'ok' : `no ${result.refusal}`
      },
      model(before) {
        const it = before.purchases[name] as Purchase
        if (it.state !== 'created') return no(before, ['purchase-ended'])
        return [{ state: withPurchase(before, name, { state: 'cancelled' }), answer: 'ok' }]
      },
    }
  }

  const freeze: Choose = (state) => {
    const status = (state.accounts.wallet as Account).status === 'open' ? 'frozen' : 'open'
    return {
      text: `the wallet becomes ${status}`,
      async run(deps) {
        await changeWallet(deps, 'simulator', (wallets.wallet as Wallet).explicitId, { status })
        return 'ok'
      },
      model: (before) => [{ state: withAccount(before, 'wallet', { status }), answer: 'ok' }],
    }
  }

  return [create, accept, accept, accept, capture, capture, release, cancel, freeze]
}
