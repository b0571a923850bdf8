import { uuidV7 } from '../../../src/domain/uuid.ts'
import { createParty } from '../../../src/operations/create-party.ts'
import { openWallet } from '../../../src/operations/open-wallet.ts'
import { setRefillPolicy } from '../../../src/operations/set-refill-policy.ts'
import { submitForWallet } from '../../../src/operations/submit-for-wallet.ts'
import type { Wallet } from '../../../src/storage/wallets.ts'
import { type Account, transferred } from './books.ts'
import type { Family, Scene } from './life.ts'
import { fundingActions } from './wallets-fundings.ts'
import { invoiceActions } from './wallets-invoices.ts'
import { movementActions } from './wallets-movements.ts'
import type { WalletScene } from './wallets-scene.ts'
import { emptyWallets, LIMITS, REFILL, readWallets, showWallets, type WalletState } from './wallets-state.ts'
import { termActions } from './wallets-terms.ts'
import { tokenActions } from './wallets-tokens.ts'

/** What is there at the beginning. */
const BEGIN: Readonly<Record<string, number>> = { ann: 800, bob: 200, shop: 500, kid: 100 }
const PEOPLE = ['ann', 'kid', 'bob', 'shop'] as const

/** Payments, charges, refunds, refills, invoices, transaction tokens and money that operators move. */
export const wallets: Family = {
  name: 'wallets',
  async begin(stage): Promise<Scene<never>> {
    const { deps, random, tag } = stage
    const [people, business] = await Promise.all([
      createParty(deps, { kind: 'person', name: 'Ann' }),
      createParty(deps, { kind: 'business', name: 'Shop' }),
    ])
    const circle = `life-${tag}`
    const open = (name: string, parent?: string): Promise<Wallet> => {
      const { lower, upper } = LIMITS[name] as Pick<Account, 'lower' | 'upper'>
      const text = (value: number | null) => (value === null ? null : (value / 100).toFixed(2))
      return openWallet(deps, 'simulator', {
        id: `${name}:${tag}:EUR`,
        partyId: name === 'shop' || name === 'mint' ? business.id : people.id,
        circle,
        lower: text(lower),
        upper: text(upper),
        ...(parent === undefined ? {} : { parent }),
      })
    }
    const mint = await open('mint')
    const [ann, bob, shop] = await Promise.all([open('ann'), open('bob'), open('shop')])
    const kid = await open('kid', `ann:${tag}:EUR`)
    await setRefillPolicy(deps, 'simulator', kid.explicitId, {
      perRefill: (REFILL.most / 100).toFixed(2),
      perPeriod: (REFILL.period / 100).toFixed(2),
      periodSeconds: 366 * 86_400,
    })
    const all: Record<string, Wallet> = { mint, ann, bob, shop, kid }
    const accounts = new Map(Object.entries(all).map(([name, { id }]) => [id, name]))
    await submitForWallet(deps.ledger, {
      principal: 'simulator',
      transaction: uuidV7(Date.now()),
      kind: 'funds',
      payload: '{}',
      legs: Object.entries(BEGIN).map(([name, amount]) => ({
        type: 'transfer',
        source: mint.id,
        target: (all[name] as Wallet).id,
        amount: BigInt(amount),
      })),
    })
    const references = new Map<string, string>()
    const names = new Map<string, string>()
    const keys: string[] = []
    let count = 0
    const scene: WalletScene = {
      stage,
      actor: (kind) => `${kind}:life-${tag}`,
      wallets: all,
      key() {
        if (keys.length > 0 && random.chance(0.06)) return random.pick(keys)
        const key = `k${++count}`
        keys.push(key)
        return key
      },
      amount(state, source, target) {
        const from = state.accounts[source] as Account
        const to = state.accounts[target] as Account
        const most = from.balance - from.held - (from.lower ?? -5000)
        const room = to.upper === null ? 1000 : to.upper - to.balance - to.incoming
        const usual = 1 + random.int(Math.max(1, Math.min(most, room)))
        return random.pick([usual, usual, usual, usual, 1, most, most + 1, room, room + 1, random.pick([0, -1, 5000])])
      },
      pick: random.pick,
      reference: (name) => references.get(name) ?? '00000000-0000-7000-8000-000000000000',
      remember(name, reference) {
        const known = references.get(name)
        if (known !== undefined && known !== reference) return 'ok with another reference'
        references.set(name, reference)
        names.set(reference, name)
        return 'ok'
      },
    }
    const kinds = [
      ...movementActions(scene, PEOPLE),
      ...invoiceActions(scene),
      ...tokenActions(scene),
      ...fundingActions(scene),
      ...termActions(scene),
    ]
    return {
      start: Object.entries(BEGIN).reduce(
        (state, [target, amount]) => transferred(state, { source: 'mint', target, amount }),
        emptyWallets(),
      ),
      choose: (state: WalletState) => random.pick(kinds)(state),
      observe: () => readWallets(stage, accounts, names),
      show: showWallets,
      // Which day it is decides what operators may still move alone.
      jump: () => stage.advance(random.pick([86_400_000, 3_600_000])),
    } as Scene<WalletState> as unknown as Scene<never>
  },
}
