import { uuidV7 } from '../../../src/domain/uuid.ts'
import { createParty } from '../../../src/operations/create-party.ts'
import { openWallet } from '../../../src/operations/open-wallet.ts'
import { createMerchant } from '../../../src/operations/purchases/create-merchant.ts'
import { submitForWallet } from '../../../src/operations/submit-for-wallet.ts'
import type { Wallet } from '../../../src/storage/wallets.ts'
import { transferred } from './books.ts'
import type { Family, Scene } from './life.ts'
import { type Choose, type PurchaseScene, purchaseActions, released } from './purchases-actions.ts'
import { laterActions } from './purchases-later.ts'
import {
  DAY,
  emptyPurchases,
  LIMITS,
  LINK_DAYS,
  PLANS,
  type Purchase,
  type PurchaseState,
  readPurchases,
  showPurchases,
} from './purchases-state.ts'

/** Purchases of the Pledg protocol: at once, later and in parts, captured, released, credited, collected. */
export const purchases: Family = {
  name: 'purchases',
  async begin(stage): Promise<Scene<never>> {
    const { deps, random, tag } = stage
    const [person, business] = await Promise.all([
      createParty(deps, { kind: 'person', name: 'Ada' }),
      createParty(deps, { kind: 'business', name: 'Shop' }),
    ])
    const text = (value: number | null) => (value === null ? null : (value / 100).toFixed(2))
    const open = async (name: string): Promise<[string, Wallet]> => [
      name,
      await openWallet(deps, 'simulator', {
        id: `${name === 'wallet' ? 'purse' : name}:${tag}:EUR`,
        partyId: name === 'wallet' ? person.id : business.id,
        circle: `life-${tag}`,
        lower: text(LIMITS[name]?.lower ?? null),
        upper: text(LIMITS[name]?.upper ?? null),
      }),
    ]
    const wallets = Object.fromEntries([
      await open('mint'),
      ...(await Promise.all(['wallet', 'shop', 'financing', 'fees'].map(open))),
    ])
    const merchant = (manualCapture: boolean) =>
      createMerchant(deps, {
        partyId: business.id,
        name: 'Shop',
        wallet: (wallets.shop as Wallet).explicitId,
        financing: (wallets.financing as Wallet).explicitId,
        fees: (wallets.fees as Wallet).explicitId,
        manualCapture,
        linkSeconds: (LINK_DAYS * DAY) / 1000,
        plans: Object.entries(PLANS).map(([name, { kind, parts, bp }]) => ({
          ...{ name, kind, feeBp: bp },
          ...(kind === 'instalments' && { parts }),
          ...(kind === 'deferred' && { days: 30 }),
        })),
      })
    const [direct, capturing] = await Promise.all([merchant(false), merchant(true)])
    const amount = random.pick([400, 3_000, 9_000])
    await submitForWallet(deps.ledger, {
      principal: 'simulator',
      transaction: uuidV7(Date.now()),
      kind: 'funds',
      payload: '{}',
      legs: [
        {
          type: 'transfer',
          source: (wallets.mint as Wallet).id,
          target: (wallets.wallet as Wallet).id,
          amount: BigInt(amount),
        },
      ],
    })
    const accounts = new Map(Object.entries(wallets).map(([name, { id }]) => [id, name]))
    const keys: string[] = []
    const scene: PurchaseScene = {
      stage,
      wallets,
      merchants: { direct: direct.merchant, capturing: capturing.merchant },
      ids: new Map(),
      pick: random.pick,
      key() {
        if (keys.length > 0 && random.chance(0.08)) return random.pick(keys)
        keys.push(`k${keys.length + 1}`)
        return keys.at(-1) as string
      },
      released,
    }
    const first = purchaseActions(scene)
    const later = laterActions(scene, first[0] as Choose)
    const [capture, collect] = [first[4], later[0]] as Choose[]
    const kinds = [...first, ...later]
    // What has lapsed or is due is rare, and worth a look.
    const late = ({ state: is, authorizedUntil, parts }: Purchase): Choose[] => [
      ...(is === 'authorized' && authorizedUntil <= stage.clock() ? [capture as Choose] : []),
      ...(parts.some(({ next }) => next !== null && next <= stage.clock()) ? [collect as Choose] : []),
    ]
    return {
      start: transferred(emptyPurchases(), { source: 'mint', target: 'wallet', amount }),
      choose(state: PurchaseState) {
        // Months pass until the next instalment.
        const terms = Object.values(state.purchases).flatMap(({ parts }) => parts.flatMap(({ next }) => next ?? []))
        const wait = Math.min(...terms) - stage.clock()
        if (terms.length > 0 && wait > 0 && random.chance(0.25)) stage.advance(wait + 0.3 * DAY)
        const worth = Object.values(state.purchases).flatMap(late)
        return random.pick(worth.length > 0 && random.chance(0.6) ? worth : kinds)(state)
      },
      observe: () =>
        readPurchases(stage, accounts, [direct.merchant.id, capturing.merchant.id], new Set(scene.ids.values())),
      show: showPurchases,
      // No sum of jumps meets a term of whole days to the millisecond.
      jump: () => stage.advance(random.pick([1.3, 2.3, 8.3, 31.3]) * DAY),
    } as Scene<PurchaseState> as unknown as Scene<never>
  },
}
