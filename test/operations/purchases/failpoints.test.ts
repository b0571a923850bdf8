import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { acceptPurchase } from '../../../src/operations/purchases/accept-purchase.ts'
import { capturePurchase } from '../../../src/operations/purchases/capture-purchase.ts'
import { creditPurchase } from '../../../src/operations/purchases/credit-purchase.ts'
import { cancelPurchase } from '../../../src/operations/purchases/end-purchase.ts'
import { payEarly } from '../../../src/operations/purchases/pay-early.ts'
import type { PurchaseDeps } from '../../../src/operations/purchases/purchase-deps.ts'
import { releasePurchase } from '../../../src/operations/purchases/release-purchase.ts'
import type { Merchant } from '../../../src/storage/merchants.ts'
import { listParts, type Purchase } from '../../../src/storage/purchases.ts'
import type { Wallet } from '../../../src/storage/wallets.ts'
import { createPurchaseWorld, type PurchaseWorld } from '../../support/purchase-world.ts'

/** The process dies here: nothing that comes later happens. */
class Crash extends Error {}

/**
 * Everything that reaches outside the process, with a point before and one after each: the crash comes at point `at`, and from
 * then on nothing works any more, as in a process that is gone.
 */
function failing(deps: PurchaseDeps, at: number) {
  let point = 0
  let dead = false
  const pass = () => {
    if (dead || point++ === at) {
      dead = true
      throw new Crash()
    }
  }
  async function step<T>(work: () => Promise<T>): Promise<T> {
    pass()
    const result = await work()
    pass()
    return result
  }
  const failingDeps: PurchaseDeps = {
    ...deps,
    db: {
      ...deps.db,
      query: <Row>(text: string, values?: unknown[]) => step(() => deps.db.query<Row>(text, values)),
    },
    ledger: { ...deps.ledger, submit: (command) => step(() => deps.ledger.submit(command)) },
  }
  return { deps: failingDeps, reached: () => dead }
}

let world: PurchaseWorld
let capturing: Merchant
before(async () => {
  world = await createPurchaseWorld()
  capturing = await world.makeMerchant({ manualCapture: true })
})
after(() => world.assertClean().finally(world.stop))

type Case = {
  begin(wallet: Wallet): Promise<Purchase>
  work(deps: PurchaseDeps, purchase: Purchase, wallet: Wallet): Promise<unknown>
  /** what must be so once a process has done it again */
  ended(purchase: Purchase, balance: bigint, where: string): Promise<void>
}

/** Crashes at each point in turn; then a new process does the same again, as its caller does. */
async function enumerate(t: TestContext, { begin, work, ended }: Case): Promise<void> {
  let points = 0
  for (let at = 0; ; at++) {
    const wallet = await world.wallet(10_000n)
    const purchase = await begin(wallet)
    const process = failing(world.deps, at)
    await work(process.deps, purchase, wallet).catch((error) => assert.ok(process.reached(), String(error)))
    await work(world.deps, await world.again(purchase), wallet)
    await ended(await world.again(purchase), await world.balance(wallet), `crash at point ${at}`)
    if (!process.reached()) break
    points++
  }
  t.diagnostic(`${points} points`)
  assert.ok(points >= 4)
}

const merchant = () => world.merchant

for (const plan of ['now', '3x'] as const) {
  test(`a crash at any point of an acceptance, paid ${plan}, ends in one that is paid once`, async (t) => {
    await enumerate(t, {
      begin: () => world.purchase(9_000n),
      work: (deps, purchase, wallet) =>
        acceptPurchase(deps, {
          purchase,
          merchant: merchant(),
          partyId: wallet.partyId,
          wallet,
          plan,
          key: purchase.id,
        }),
      async ended({ state, id }, balance, where) {
        assert.equal(state, 'completed', where)
        assert.equal(balance, plan === 'now' ? 1_000n : 7_000n, where)
        assert.equal((await listParts(world.db, id)).length, plan === 'now' ? 1 : 3, where)
      },
    })
  })
}

test('a crash at any point of a collection ends in an instalment that is paid once', async (t) => {
  await enumerate(t, {
    async begin(wallet) {
      const purchase = await world.accepted(9_000n, wallet, '3x')
      await world.advance(32)
      return purchase
    },
    work: (deps) => world.collect(deps),
    async ended({ id }, balance, where) {
      assert.deepEqual(
        (await listParts(world.db, id)).map(({ state }) => state),
        ['paid', 'paid', 'scheduled'],
        where,
      )
      assert.equal(balance, 4_000n, where)
    },
  })
})

test('a crash at any point of a collection that fails ends in an attempt that is counted once', async (t) => {
  const drain = async (wallet: Wallet) => {
    await world.accept(await world.purchase(await world.balance(wallet)), wallet, 'now')
  }
  await enumerate(t, {
    async begin(wallet) {
      const purchase = await world.accepted(9_000n, wallet, '3x')
      await drain(wallet)
      await world.advance(32)
      return purchase
    },
    work: (deps) => world.collect(deps),
    async ended({ id }, balance, where) {
      const [, part] = await listParts(world.db, id)
      assert.deepEqual([part?.state, part?.attempts, balance], ['late', 1, 0n], where)
    },
  })
})

test('a crash at any point of an early payment ends in one', async (t) => {
  await enumerate(t, {
    begin: (wallet) => world.accepted(9_000n, wallet, '3x'),
    async work(deps, purchase) {
      const parts = (await listParts(world.db, purchase.id)).slice(1).map(({ id }) => id)
      return payEarly(deps, {
        purchase,
        merchant: merchant(),
        partyId: purchase.partyId as string,
        parts,
        key: 'early',
      })
    },
    async ended(_, balance, where) {
      assert.equal(balance, 1_000n, where)
    },
  })
})

test('a crash at any point of a credit ends in one credit', async (t) => {
  await enumerate(t, {
    begin: (wallet) => world.accepted(9_000n, wallet, '3x'),
    work: (deps, purchase) =>
      creditPurchase(deps, { purchase, merchant: merchant(), amount: 7_000n, actor: 'test', key: 'credit' }),
    async ended({ credited }, balance, where) {
      assert.equal(credited, 7_000n, where)
      assert.equal(balance, 8_000n, where)
    },
  })
})

test('a crash at any point of a capture or a release ends in one', async (t) => {
  for (const what of ['capture', 'release'] as const) {
    await enumerate(t, {
      begin: (wallet) => world.accepted(9_000n, wallet, '3x', capturing),
      work: (deps, purchase) =>
        (what === 'capture' ? capturePurchase : releasePurchase)(deps, {
          purchase,
          merchant: capturing,
          actor: 'test',
        }),
      async ended({ state }, balance, where) {
        assert.equal(state, what === 'capture' ? 'completed' : 'voided', where)
        assert.equal(balance, what === 'capture' ? 7_000n : 10_000n, where)
      },
    })
  }
})

test('a crash at any point of a refusal ends in one, of which the merchant hears once', async (t) => {
  await enumerate(t, {
    begin: () => world.purchase(9_000n),
    work: (deps, purchase) => cancelPurchase(deps, { purchase, merchant: merchant(), by: 'person', actor: 'test' }),
    async ended(purchase, balance, where) {
      assert.equal(purchase.state, 'cancelled', where)
      assert.equal(balance, 10_000n, where)
      assert.equal((await world.notices(purchase)).length, 1, where)
    },
  })
})
