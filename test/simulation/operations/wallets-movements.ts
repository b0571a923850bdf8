import { changeWallet } from '../../../src/operations/change-wallet.ts'
import { submitPrepared } from '../../../src/operations/money.ts'
import { prepareRefill } from '../../../src/operations/refill-wallet.ts'
import { prepareRefund } from '../../../src/operations/refund-payment.ts'
import { prepareMovement, sendPayment } from '../../../src/operations/send-payment.ts'
import type { Wallet } from '../../../src/storage/wallets.ts'
import { type Account, decided, underKey, withAccount } from './books.ts'
import { moneyAnswer, type WalletAction, type WalletScene } from './wallets-scene.ts'
import { type Paid, REFILL, type WalletState } from './wallets-state.ts'

type Choose = (state: WalletState) => WalletAction

/** Payments, charges, refunds, refills, freezing. */
export function movementActions(scene: WalletScene, people: readonly string[]): Choose[] {
  const { wallets, pick } = scene
  const wallet = (name: string) => wallets[name] as Wallet
  const actor = scene.actor('client')

  const pay: Choose = (state) => {
    const [source, target] = [pick(people), pick(people)]
    const key = scene.key()
    const amount = scene.amount(state, source, target)
    const charge = pick([true, false])
    const kind = charge ? 'charges' : 'payments'
    const content = `${kind} ${source} ${target} ${amount}`
    const name = `${key}-${content}`
    return {
      text: `${kind} of ${amount} from ${source} to ${target} (${key})`,
      run: (deps) =>
        moneyAnswer(
          async () => {
            const ask = { actor, key }
            const movement = { source: wallet(source), target: wallet(target), amount: BigInt(amount) }
            if (!charge) return sendPayment(deps, { ...ask, ...movement })
            const prepared = await prepareMovement(deps, { kind, ...movement, remarks: {} })
            return submitPrepared(deps, ask, prepared, { source, target, amount: String(amount) })
          },
          (reference) => scene.remember(name, reference),
        ),
      model: (before) =>
        underKey(before, { key, content, faulty: amount <= 0 }, () =>
          decided(before, [{ source, target, amount }], [], (after) => ({
            ...after,
            paid: { ...after.paid, [name]: { source, target, amount, refunded: 0 } },
          })),
        ),
    }
  }

  const refund: Choose = (state) => {
    const payments = Object.keys(state.paid)
    if (payments.length === 0) return pay(state)
    const name = pick(payments)
    const first = state.paid[name] as Paid
    const left = first.amount - first.refunded
    const amount = pick([left, left, left, left + 1, 1, 1 + Math.floor(left / 2), first.amount, 0])
    const key = scene.key()
    const target = pick([first.source, first.source, first.source, first.source, 'mint'])
    return {
      text: `refund of ${amount} of ${name} to ${target} (${key})`,
      run: (deps) =>
        moneyAnswer(
          async () => {
            const original = scene.reference(name)
            const asked = { original, target: wallet(target), amount: BigInt(amount), reaches: () => true }
            const prepared = await prepareRefund(deps, asked)
            return submitPrepared(deps, { actor, key }, prepared, { original, amount: String(amount) })
          },
          (reference) => scene.remember(`refund ${key} ${name}`, reference),
        ),
      model(before) {
        const original = before.paid[name]
        if (!original) return [{ state: before, answer: 'no transaction-not-found' }]
        if (target !== original.source) return [{ state: before, answer: 'no refund-target-differs' }]
        const rules = original.refunded + amount > original.amount ? ['refund-exceeds-original'] : []
        return underKey(before, { key, content: `refund ${name} ${amount}`, faulty: amount <= 0 }, () =>
          decided(before, [{ source: original.target, target: original.source, amount }], rules, (after) => ({
            ...after,
            paid: { ...after.paid, [name]: { ...original, refunded: original.refunded + amount } },
          })),
        )
      },
    }
  }

  const refill: Choose = (state) => {
    const left = Math.max(1, REFILL.period - state.drawn)
    const amount = pick([Math.min(left, REFILL.most), REFILL.most, REFILL.most + 1, left, 1, 0, 150])
    const key = scene.key()
    return {
      text: `refill of ${amount} (${key})`,
      run: (deps) =>
        moneyAnswer(
          async () => {
            const prepared = await prepareRefill(deps, { target: wallet('kid'), amount: BigInt(amount) })
            return submitPrepared(deps, { actor, key }, prepared, { amount: String(amount) })
          },
          (reference) => scene.remember(`refill ${key}`, reference),
        ),
      model(before, { others }) {
        const { parent, policy } = before
        const rules: string[] = []
        if (parent === null) rules.push('parent-missing')
        else if (policy?.parent !== parent) rules.push('refill-policy-missing')
        else {
          if (amount > policy.most) rules.push('refill-cap-exceeded')
          if (before.drawn + amount > policy.period) rules.push('refill-cap-reached')
        }
        const faulty = amount <= 0
        return underKey(before, { key, content: `refill ${amount}`, faulty }, () => [
          ...decided(before, parent === null ? [] : [{ source: parent, target: 'kid', amount }], rules, (after) => ({
            ...after,
            drawn: after.drawn + amount,
          })),
          // The parent may be another one by now than that which was asked to pay.
          ...(others > 0 ? ['parent-missing', 'refill-policy-missing'] : []).map((code) => ({
            ...{ state: before, answer: `no ${code}`, stored: null },
          })),
        ])
      },
    }
  }

  const freeze: Choose = (state) => {
    const name = pick(people)
    const { status: now } = state.accounts[name] as Account
    const status = now === 'open' ? 'frozen' : 'open'
    return {
      text: `${name} becomes ${status}`,
      async run(deps) {
        await changeWallet(deps, 'simulator', wallet(name).explicitId, { status })
        return 'ok'
      },
      model: (before) => [{ state: withAccount(before, name, { status }), answer: 'ok' }],
    }
  }

  return [pay, pay, pay, refund, refund, refill, freeze]
}
