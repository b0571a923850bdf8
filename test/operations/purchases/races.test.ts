import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { acceptPurchase } from '../../../src/operations/purchases/accept-purchase.ts'
import { capturePurchase } from '../../../src/operations/purchases/capture-purchase.ts'
import { collectInstalment } from '../../../src/operations/purchases/collect-instalment.ts'
import { creditPurchase } from '../../../src/operations/purchases/credit-purchase.ts'
import { cancelPurchase } from '../../../src/operations/purchases/end-purchase.ts'
import { payEarly } from '../../../src/operations/purchases/pay-early.ts'
import { dueNow, type PurchaseDeps } from '../../../src/operations/purchases/purchase-deps.ts'
import { releasePurchase } from '../../../src/operations/purchases/release-purchase.ts'
import { listCredits, listParts, type PurchasePart } from '../../../src/storage/purchases.ts'
import { createPurchaseWorld, type PurchaseWorld } from '../../support/purchase-world.ts'

const MANY = 64

let world: PurchaseWorld
let servers: PurchaseDeps[]
before(async () => {
  world = await createPurchaseWorld()
  servers = [world.deps, await world.openDeps()]
})
after(() => world.assertClean().finally(world.stop))

/** Two servers in turns. */
const many = <T>(work: (deps: PurchaseDeps, index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: MANY }, (_, index) => work(servers[index % 2] as PurchaseDeps, index)))

test('64 purchases of one reference accepted at once: one is paid', async () => {
  const wallet = await world.wallet(100_000n)
  const reference = randomUUID()
  const purchases = await Promise.all(Array.from({ length: MANY }, () => world.purchase(1_000n, { reference })))
  const { merchant } = world
  const results = await many((deps, i) => {
    const purchase = purchases[i] as (typeof purchases)[number]
    return acceptPurchase(deps, { purchase, merchant, partyId: wallet.partyId, wallet, plan: '3x', key: `key-${i}` })
  })
  assert.equal(results.filter(({ accepted }) => accepted).length, 1)
  for (const result of results) assert.ok(result.accepted || result.refusal === 'reference-used')
  assert.equal(await world.balance(wallet), 100_000n - 334n)
})

test('one purchase accepted by two people with their wallets, 64 times at once: one of them pays', async () => {
  const purchase = await world.purchase(1_000n)
  const other = await world.open(world.business.id, 'be:777:EUR')
  await world.fund(other, 50_000n)
  const wallets = [await world.wallet(50_000n), other]
  const results = await many((deps, i) => {
    const wallet = wallets[(i >> 1) % 2] as typeof other
    const wish = { purchase, merchant: world.merchant, partyId: wallet.partyId, wallet, plan: 'now', key: `key-${i}` }
    return acceptPurchase(deps, wish)
  })
  assert.equal(results.filter(({ accepted }) => accepted).length, 1)
  const balances = await Promise.all(wallets.map((wallet) => world.balance(wallet)))
  assert.deepEqual(
    balances.toSorted((a, b) => Number(a - b)),
    [49_000n, 50_000n],
  )
})

test('one request sent 64 times at once is accepted once, and everybody is told the same', async () => {
  const purchase = await world.purchase(1_000n)
  const wallet = await world.wallet(50_000n)
  const { merchant } = world
  const results = await many((deps) =>
    acceptPurchase(deps, { purchase, merchant, partyId: wallet.partyId, wallet, plan: 'now', key: 'one' }),
  )
  const told = new Set(results.map((result) => (result.accepted ? result.reference : result.refusal)))
  assert.equal(told.size, 1)
  assert.equal(await world.balance(wallet), 49_000n)
})

test('a purchase accepted and declined 64 times at once does one or the other', async () => {
  const purchase = await world.purchase(1_000n)
  const wallet = await world.wallet(50_000n)
  const { merchant } = world
  const results = await many(async (deps, i): Promise<boolean> => {
    if (i % 3 > 0) return (await cancelPurchase(deps, { purchase, merchant, by: 'person', actor: 'test' })).done
    return (
      await acceptPurchase(deps, { purchase, merchant, partyId: wallet.partyId, wallet, plan: 'now', key: `${i}` })
    ).accepted
  })
  assert.equal(results.filter(Boolean).length, 1)
  assert.equal((await world.notices(purchase)).length, 1)
})

test('one instalment collected 64 times at once, and paid early at the same time, moves once', async () => {
  const wallet = await world.wallet(50_000n)
  const purchase = await world.accepted(9_000n, wallet, '3x')
  const { merchant } = world
  await world.advance(32)
  const now = await dueNow(world.deps)
  const part = (await listParts(world.db, purchase.id))[1] as PurchasePart
  const results = await many(async (deps, i): Promise<boolean> => {
    if (i % 4 > 0) return (await collectInstalment(deps, { purchase, merchant, part, now })) === 'paid'
    return (await payEarly(deps, { purchase, merchant, partyId: wallet.partyId, parts: [part.id], key: `${i}` })).done
  })
  assert.equal(results.filter(Boolean).length, 1)
  assert.equal(await world.balance(wallet), 44_000n)
})

test('64 attempts at an instalment that the wallet cannot pay count as one', async () => {
  const wallet = await world.wallet(3_000n)
  const purchase = await world.accepted(9_000n, wallet, '3x')
  await world.advance(32)
  const now = await dueNow(world.deps)
  const part = (await listParts(world.db, purchase.id))[1] as PurchasePart
  await many((deps) => collectInstalment(deps, { purchase, merchant: world.merchant, part, now }))
  const after = (await listParts(world.db, purchase.id))[1]
  assert.deepEqual([after?.state, after?.attempts], ['late', 1])
})

test('one credit sent 64 times under its key is given once; without keys never more than was paid', async () => {
  const wallet = await world.wallet(50_000n)
  const purchase = await world.accepted(9_000n, wallet, '3x')
  const { merchant } = world
  const same = await many((deps) =>
    creditPurchase(deps, { purchase, merchant, amount: 700n, actor: 'test', key: 'one' }),
  )
  assert.ok(same.every(({ done }) => done))
  assert.equal(new Set(same.map((result) => (result.done ? result.credit.id : ''))).size, 1)
  const others = await many((deps) => creditPurchase(deps, { purchase, merchant, amount: 700n, actor: 'test' }))
  assert.equal(others.filter(({ done }) => done).length, 11)
  const credits = await listCredits(world.db, purchase.id)
  assert.equal(
    credits.reduce((sum, { amount }) => sum + amount, 0n),
    8_400n,
  )
  assert.equal((await world.again(purchase)).credited, 8_400n)
  assert.equal(await world.balance(wallet), 50_000n - 3_000n + 2_400n)
})

test('credits, collections and early payments at once leave sums that agree', async () => {
  const wallet = await world.wallet(500_000n)
  const { merchant } = world
  const purchases = await Promise.all(Array.from({ length: 8 }, () => world.accepted(9_001n, wallet, '3x')))
  await world.advance(70)
  await Promise.all([
    ...purchases.flatMap((purchase) => [
      creditPurchase(world.deps, { purchase, merchant, amount: 4_000n, actor: 'test' }),
      creditPurchase(servers[1] as PurchaseDeps, { purchase, merchant, amount: 1_501n, actor: 'test' }),
    ]),
    ...servers.map((deps) => world.collect(deps)),
    ...purchases.map(async (purchase) => {
      const [, , last] = await listParts(world.db, purchase.id)
      return payEarly(world.deps, {
        purchase,
        merchant,
        partyId: wallet.partyId,
        parts: [last?.id as string],
        key: 'e',
      })
    }),
  ])
  await world.collect()
  for (const { id } of purchases) assert.equal((await world.again({ id } as never)).credited, 5_501n)
  assert.equal(await world.balance(wallet), 500_000n - 8n * 3_500n)
})

test('captured and released 64 times at once: one of them', async () => {
  const merchant = await world.makeMerchant({ manualCapture: true })
  const wallet = await world.wallet(50_000n)
  const purchase = await world.accepted(9_000n, wallet, '3x', merchant)
  const results = await many((deps, i) =>
    i % 2
      ? releasePurchase(deps, { purchase, merchant, actor: 'x' })
      : capturePurchase(deps, { purchase, merchant, actor: 'x' }),
  )
  assert.equal(results.filter(({ done }) => done).length, 1)
  assert.equal(await world.held(wallet), 0n)
})
