import { changeWallet } from '../../../src/operations/change-wallet.ts'
import { OperationRefusal } from '../../../src/operations/input.ts'
import { endRefillPolicy, setRefillPolicy } from '../../../src/operations/set-refill-policy.ts'
import type { Wallet } from '../../../src/storage/wallets.ts'
import { type Account, withAccount } from './books.ts'
import type { WalletAction, WalletScene } from './wallets-scene.ts'
import type { Policy, WalletState } from './wallets-state.ts'

type Choose = (state: WalletState) => WalletAction

/** What operators set while payments go on: limits, the parent of a wallet, its policy of refills. */
export function termActions(scene: WalletScene): Choose[] {
  const { wallets, pick } = scene
  const id = (name: string) => (wallets[name] as Wallet).explicitId
  const text = (value: number) => (value / 100).toFixed(2)
  const answer = async (work: () => Promise<unknown>) => {
    try {
      await work()
      return 'ok'
    } catch (error) {
      if (error instanceof OperationRefusal) return `no ${error.code}`
      throw error
    }
  }

  const limit: Choose = () => {
    const [name, which, value] = pick([
      ['ann', 'upper', 1500],
      ['ann', 'upper', 900],
      ['shop', 'upper', 600],
      ['shop', 'upper', 2000],
      ['bob', 'lower', 0],
      ['bob', 'lower', -300],
      ['kid', 'lower', 100],
      ['kid', 'lower', 0],
    ] as const)
    return {
      text: `the ${which} limit of ${name} is ${value}`,
      run: (deps) => answer(() => changeWallet(deps, 'simulator', id(name), { [which]: text(value) })),
      model(before) {
        const after = withAccount(before, name, { [which]: value })
        const { balance, held, incoming, lower, upper } = after.accounts[name] as Account
        const broken = (lower !== null && balance - held < lower) || (upper !== null && balance + incoming > upper)
        return [broken ? { state: before, answer: 'no conflict' } : { state: after, answer: 'ok' }]
      },
    }
  }

  const parent: Choose = () => {
    const name = pick(['ann', 'ann', 'bob', null])
    return {
      text: `the parent of kid is ${name ?? 'nobody'}`,
      run: (deps) =>
        answer(() => changeWallet(deps, 'simulator', id('kid'), { parent: name === null ? null : id(name) })),
      model: (before) => [{ state: { ...before, parent: name }, answer: 'ok' }],
    }
  }

  const policy: Choose = () => {
    const [most, period] = pick([
      [200, 450],
      [200, 450],
      [100, 250],
      [0, 0],
    ] as const)
    return {
      text: most === 0 ? 'kid gets no refills' : `kid gets refills of ${most}, ${period} in all`,
      run: (deps) =>
        answer(() =>
          most === 0
            ? endRefillPolicy(deps, 'simulator', id('kid'))
            : setRefillPolicy(deps, 'simulator', id('kid'), {
                ...{ perRefill: text(most), perPeriod: text(period), periodSeconds: 366 * 86_400 },
              }),
        ),
      model(before, { others }) {
        const made: Policy | null = most === 0 ? null : { parent: before.parent, most, period }
        const after = { state: { ...before, policy: made }, answer: 'ok' }
        // Of two who set it at once, one is told so.
        return others > 0 ? [after, { state: before, answer: 'no conflict' }] : [after]
      },
    }
  }

  return [limit, parent, policy]
}
