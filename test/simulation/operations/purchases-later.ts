import { collectInstalments } from '../../../src/operations/purchases/collect-instalment.ts'
import { creditPurchase } from '../../../src/operations/purchases/credit-purchase.ts'
import { expirePurchases } from '../../../src/operations/purchases/end-purchase.ts'
import { payEarly } from '../../../src/operations/purchases/pay-early.ts'
import { lapseAuthorizations } from '../../../src/operations/purchases/release-purchase.ts'
import { listParts } from '../../../src/storage/purchases.ts'
import type { Wallet } from '../../../src/storage/wallets.ts'
import { type Move, moved } from './books.ts'
import { type Choose, merchantOf, no, type PurchaseScene, rowOf, withPurchase, wordFor } from './purchases-actions.ts'
import { DAY, openOf, type Part, type Purchase, type PurchaseState } from './purchases-state.ts'
import { scoped } from './scoped.ts'
import type { Next } from './search.ts'

/** After the n-th failed attempt to collect. */
const PAUSES = [1, 2, 4, 7]

const withParts = (state: PurchaseState, name: string, change: (part: Part, i: number) => Part): PurchaseState =>
  withPurchase(state, name, { parts: (state.purchases[name] as Purchase).parts.map(change) })

const paidPart = (part: Part, paidBy: string | null): Part => ({
  ...part,
  paid: openOf(part),
  feePaid: part.fee,
  state: 'paid',
  next: null,
  paidBy,
})

const movesOf = (part: Part): Move[] => [
  { source: 'wallet', target: 'financing', amount: openOf(part) },
  { source: 'wallet', target: 'fees', amount: part.fee },
]

/** What comes after the payment: instalments, what is paid early, what is given back, what nobody did in time. */
export function laterActions(scene: PurchaseScene, create: Choose): Choose[] {
  const { pick, stage, wallets } = scene
  const log = {
    error(fields: object) {
      throw (fields as { err: unknown }).err
    },
  }
  const paidOut = (state: PurchaseState): [string, Purchase] | null => {
    const all = Object.entries(state.purchases)
    const fit = all.filter(([, { state: is }]) => is === 'completed')
    const from = fit.length > 0 && pick([true, true, true, false]) ? fit : all
    return from.length === 0 ? null : pick(from)
  }

  const collect: Choose = (state) => {
    const found = paidOut(state)
    if (!found || found[1].parts.length === 0) return create(state)
    const [name, { parts }] = found
    const index = parts.findIndex((part) => part.next !== null)
    const at = index < 0 ? 0 : index
    let now = 0
    return {
      text: `part ${at + 1} of ${name} is collected`,
      several: true,
      async run(deps) {
        now = stage.clock()
        const condition = `s.purchase_id = '${scene.ids.get(name)}' and s.number = ${at + 1}`
        await collectInstalments({ ...scoped(deps, 'from purchase_part s\n     where', condition), log })
        return 'ok'
      },
      model(before, { others }) {
        const part = (before.purchases[name] as Purchase).parts[at]
        const stays = { state: before, answer: 'ok' }
        if (!part || part.next === null || part.next > now) return [stays]
        const after = moved(before, movesOf(part))
        const outcomes: Next<PurchaseState>[] = []
        if (!('code' in after)) {
          outcomes.push({
            state: withParts(after.state, name, (it, i) => (i === at ? paidPart(it, null) : it)),
            answer: 'ok',
          })
        } else {
          const pause = PAUSES[part.attempts]
          const late: Part = {
            ...part,
            attempts: part.attempts + 1,
            state: pause === undefined ? 'failed' : 'late',
            next: pause === undefined ? null : now + pause * DAY,
          }
          outcomes.push({ state: withParts(before, name, (it, i) => (i === at ? late : it)), answer: 'ok' })
        }
        // Where something else changes it meanwhile, it is left for the next round.
        return others > 0 ? [...outcomes, stays] : outcomes
      },
    }
  }

  const early: Choose = (state) => {
    const found = paidOut(state)
    if (!found || found[1].parts.length === 0) return create(state)
    const [name, { parts }] = found
    const open = parts.map((_, i) => i).filter((i) => openOf(parts[i] as Part) > 0)
    const some = open.length > 0 ? pick([open, open.slice(0, 1), open.slice(-1)]) : [0]
    const wanted = pick([some, some, some, [0, ...some.filter((i) => i > 0)]])
    const key = scene.key()
    const by = `${key} ${wanted.join()}`
    return {
      text: `parts ${wanted.map((i) => i + 1).join(' and ')} of ${name} are paid early (${key})`,
      async run(deps) {
        const purchase = await rowOf(scene, deps, name)
        const rows = await listParts(deps.db, purchase.id)
        const ids = wanted.map((i) => rows[i]?.id ?? 'none')
        const { partyId } = wallets.wallet as Wallet
        const input = {
          purchase,
          merchant: merchantOf(scene, state.purchases[name] as Purchase),
          partyId,
          parts: ids,
          key,
        }
        const result = await payEarly(deps, input)
        return result.done ? 'ok' : `no ${result.refusal}`
      },
      model(before) {
        const it = before.purchases[name] as Purchase
        const chosen = wanted.map((i) => it.parts[i])
        if (it.plan === null) return no(before, ['wallet-not-yours'])
        if (it.state !== 'completed' || chosen.some((part) => part === undefined)) return no(before, ['part-not-open'])
        const them = chosen as Part[]
        if (them.every(({ paidBy }) => paidBy === by)) return [{ state: before, answer: 'ok' }]
        if (them.some((part) => openOf(part) === 0)) return no(before, ['part-not-open'])
        const after = moved(before, them.flatMap(movesOf))
        if ('code' in after) return no(before, [wordFor(after)])
        const paid = withParts(after.state, name, (part, i) => (wanted.includes(i) ? paidPart(part, by) : part))
        return [{ state: paid, answer: 'ok' }]
      },
    }
  }

  const credit: Choose = (state) => {
    const found = paidOut(state)
    if (!found) return create(state)
    const [name, it] = found
    const left = it.captured - it.credited
    const amount = pick([left, left, Math.ceil(left / 2), Math.ceil(left / 3), 1, left + 1, 0])
    const key = scene.key()
    return {
      text: `${amount} of ${name} is given back (${key})`,
      async run(deps) {
        const purchase = await rowOf(scene, deps, name)
        const wish = { purchase, merchant: merchantOf(scene, it), amount: BigInt(amount), actor: 'simulator', key }
        const result = await creditPurchase(deps, wish)
        return result.done ? 'ok' : `no ${result.refusal}`
      },
      model(before) {
        const now = before.purchases[name] as Purchase
        const reasons: string[] = []
        if (amount <= 0) reasons.push('amount-out-of-range')
        if (now.state !== 'completed') reasons.push('not-paid-out')
        if (reasons.length > 0) return no(before, reasons)
        const earlier = now.credits[key]
        if (earlier !== undefined)
          return earlier === amount ? [{ state: before, answer: 'ok' }] : no(before, ['key-conflict'])
        // What is still owed is cancelled first, the last part first; the rest was paid.
        let rest = amount
        const parts = now.parts.toReversed().map((part) => {
          const off = Math.min(rest, openOf(part))
          rest -= off
          if (off === 0) return part
          const reduced = part.reduced + off
          return reduced === part.amount
            ? { ...part, reduced, state: 'cancelled' as const, next: null }
            : { ...part, reduced }
        })
        const after = moved(before, [
          { source: 'shop', target: 'financing', amount: amount - rest },
          { source: 'shop', target: 'wallet', amount: rest },
        ])
        if (now.credited + amount > now.captured) reasons.push('credit-exceeds-purchase')
        if ('code' in after) return no(before, [...reasons, wordFor(after)])
        if (reasons.length > 0) return no(before, reasons)
        const credits = { ...now.credits, [key]: amount }
        const change = { parts: parts.toReversed(), credits, credited: now.credited + amount }
        return [{ state: withPurchase(after.state, name, change), answer: 'ok' }]
      },
    }
  }

  /** What the worker ends, of one purchase. */
  const overdue: Choose = (state) => {
    const open = Object.entries(state.purchases).filter(([, { state: is }]) => is === 'created' || is === 'authorized')
    if (open.length === 0) return create(state)
    const [name, it] = pick(open)
    const lapses = it.state === 'authorized'
    let now = 0
    return {
      text: `the worker looks whether ${name} is overdue, ${it.state}`,
      async run(deps) {
        now = stage.clock()
        const mine = scoped(deps, 'from purchase p\n     where', `p.id = '${scene.ids.get(name)}'`)
        await (lapses ? lapseAuthorizations(mine) : expirePurchases(mine))
        return 'ok'
      },
      model(before) {
        const is = before.purchases[name] as Purchase
        const stays = [{ state: before, answer: 'ok' }]
        if (lapses) {
          if (is.state !== 'authorized' || is.authorizedUntil > now) return stays
          return scene.released(before, name)
        }
        if (is.state !== 'created' || is.expires > now) return stays
        return [{ state: withPurchase(before, name, { state: 'expired' }), answer: 'ok' }]
      },
    }
  }

  return [collect, collect, collect, early, credit, credit, credit, overdue]
}
