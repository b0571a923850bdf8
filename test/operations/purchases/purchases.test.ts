import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { acceptPurchase } from '../../../src/operations/purchases/accept-purchase.ts'
import { capturePurchase } from '../../../src/operations/purchases/capture-purchase.ts'
import { createPurchase } from '../../../src/operations/purchases/create-purchase.ts'
import { creditPurchase } from '../../../src/operations/purchases/credit-purchase.ts'
import { cancelPurchase, expirePurchases } from '../../../src/operations/purchases/end-purchase.ts'
import { listOffers } from '../../../src/operations/purchases/list-offers.ts'
import { payEarly } from '../../../src/operations/purchases/pay-early.ts'
import { dueNow } from '../../../src/operations/purchases/purchase-deps.ts'
import { lapseAuthorizations, releasePurchase } from '../../../src/operations/purchases/release-purchase.ts'
import { listParts } from '../../../src/storage/purchases.ts'
import { createPurchaseWorld, type PurchaseWorld } from '../../support/purchase-world.ts'

let world: PurchaseWorld
before(async () => {
  world = await createPurchaseWorld()
})
after(() => world.assertClean().finally(world.stop))

const actor = 'test'
const states = async (id: string) => (await listParts(world.db, id)).map(({ state }) => state)

test('what is paid now goes from the wallet to the merchant, and the merchant is told', async () => {
  const wallet = await world.wallet(10_000n)
  const before = await world.balance(world.shop)
  const purchase = await world.accepted(10_000n, wallet, 'now')
  assert.equal(purchase.state, 'completed')
  assert.equal(await world.balance(wallet), 0n)
  assert.equal(await world.balance(world.shop), before + 10_000n)
  const [notice] = await world.notices(purchase)
  assert.equal(notice?.topic, 'transfer')
  assert.equal(notice?.body.amount_cents, 10_000)
  assert.equal(notice?.body.purchase_uid, purchase.uid)
})

test('three instalments: financing pays the merchant, the first part comes at once, the others month by month', async () => {
  const wallet = await world.wallet(10_000n)
  const lent = -(await world.balance(world.financing))
  const purchase = await world.accepted(10_000n, wallet, '3x')
  assert.equal(-(await world.balance(world.financing)) - lent, 6_666n)
  assert.equal(await world.balance(wallet), 6_666n)
  assert.equal(await world.collect(), 0)
  await world.advance(32)
  assert.equal(await world.collect(), 1)
  await world.advance(32)
  assert.equal(await world.collect(), 1)
  assert.deepEqual(await states(purchase.id), ['paid', 'paid', 'paid'])
  assert.equal(await world.balance(wallet), 0n)
  assert.equal(-(await world.balance(world.financing)), lent)
})

test('a wallet without funds changes nothing; the part is late, is tried again on later days, fails, and can still be paid', async () => {
  const wallet = await world.wallet(3_334n)
  const purchase = await world.accepted(10_000n, wallet, '3x')
  await world.advance(32)
  assert.equal(await world.collect(), 0)
  assert.deepEqual(await states(purchase.id), ['paid', 'late', 'scheduled'])
  assert.equal(await world.collect(), 0, 'not before the next day')
  assert.equal((await listParts(world.db, purchase.id))[1]?.attempts, 1)
  const overdue = await world.accept(await world.purchase(500n), wallet, 'deferred')
  assert.deepEqual(overdue, { accepted: false, refusal: 'overdue' })
  for (const days of [1, 2, 4, 7]) {
    await world.advance(days)
    await world.collect()
  }
  assert.equal((await states(purchase.id))[1], 'failed')
  await world.fund(wallet, 10_000n)
  await world.advance(60)
  await world.collect()
  assert.deepEqual(await states(purchase.id), ['paid', 'failed', 'paid'])
  const [, failed] = await listParts(world.db, purchase.id)
  const pay = () =>
    payEarly(world.deps, {
      purchase,
      merchant: world.merchant,
      partyId: wallet.partyId,
      parts: [failed?.id as string],
      key: 'k',
    })
  const paid = await pay()
  assert.ok(paid.done && !paid.replayed)
  const again = await pay()
  assert.ok(again.done && again.replayed && again.transaction === paid.transaction)
  assert.deepEqual(await states(purchase.id), ['paid', 'paid', 'paid'])
})

test('a reference that was paid is never used again, neither by a new purchase nor by one that waits', async () => {
  const wallet = await world.wallet(10_000n)
  const first = await world.purchase(1_000n, { reference: 'order-1' })
  const second = await world.purchase(1_000n, { reference: 'order-1' })
  assert.ok((await world.accept(first, wallet, 'now')).accepted)
  assert.deepEqual(await world.accept(second, wallet, 'now'), { accepted: false, refusal: 'reference-used' })
  const wish = { reference: 'order-1', amount: 1n, title: 'x', details: {} }
  assert.deepEqual(await createPurchase(world.deps, { merchant: world.merchant, wish, via: 'link' }), {
    refusal: 'reference-used',
  })
  const other = await world.makeMerchant({ name: 'Another' })
  assert.ok('purchase' in (await createPurchase(world.deps, { merchant: other, wish, via: 'link' })))
})

test('who accepts again under the same key gets the same answer; under another one, none', async () => {
  const wallet = await world.wallet(10_000n)
  const purchase = await world.purchase(1_000n)
  const first = await world.accept(purchase, wallet, 'now', world.merchant, 'key')
  const again = await world.accept(await world.again(purchase), wallet, 'now', world.merchant, 'key')
  assert.ok(first.accepted && again.accepted && again.replayed && again.reference === first.reference)
  const changed = await world.accept(purchase, wallet, '3x', world.merchant, 'key')
  assert.deepEqual(changed, { accepted: false, refusal: 'key-conflict' })
  assert.deepEqual(await world.accept(purchase, wallet, 'now'), { accepted: false, refusal: 'purchase-ended' })
})

test('a credit cancels what is still owed, the last part first, and gives the rest back', async () => {
  const wallet = await world.wallet(10_000n)
  const purchase = await world.accepted(10_000n, wallet, '3x')
  const { merchant } = world
  const half = await creditPurchase(world.deps, { purchase, merchant, amount: 5_000n, actor, key: 'c' })
  assert.ok(half.done)
  assert.deepEqual([half.credit.toFinancing, half.credit.toWallet], [5_000n, 0n])
  assert.deepEqual(await states(purchase.id), ['paid', 'scheduled', 'cancelled'])
  const again = await creditPurchase(world.deps, { purchase, merchant, amount: 5_000n, actor, key: 'c' })
  assert.ok(again.done && again.replayed)
  const other = await creditPurchase(world.deps, { purchase, merchant, amount: 4_000n, actor, key: 'c' })
  assert.deepEqual(other, { done: false, refusal: 'key-conflict' })
  const above = await creditPurchase(world.deps, { purchase, merchant, amount: 5_001n, actor })
  assert.deepEqual(above, { done: false, refusal: 'credit-exceeds-purchase' })
  const rest = await creditPurchase(world.deps, { purchase, merchant, amount: 5_000n, actor })
  assert.ok(rest.done)
  assert.deepEqual([rest.credit.toFinancing, rest.credit.toWallet], [1_666n, 3_334n])
  assert.equal(await world.balance(wallet), 10_000n)
  const more = await creditPurchase(world.deps, { purchase, merchant, amount: 1n, actor })
  assert.deepEqual(more, { done: false, refusal: 'credit-exceeds-purchase' })
})

test('a merchant that has not the money cannot credit, and nothing changes', async () => {
  const shop = await world.open(world.business.id, 'shop:poor:EUR')
  const merchant = await world.makeMerchant({ wallet: shop.explicitId })
  const wallet = await world.wallet(10_000n)
  const purchase = await world.accepted(1_000n, wallet, '3x', merchant)
  const elsewhere = await world.wallet(0n, world.business.id)
  const { outcome } = await world.deps.ledger.submit({
    principal: 'test',
    transaction: crypto.randomUUID(),
    kind: 'payments',
    legs: [{ type: 'transfer', source: shop.id, target: elsewhere.id, amount: 999n }],
    payload: '{}',
    answer: () => ({ status: 0, body: '' }),
  })
  assert.ok(outcome?.accepted)
  const refused = await creditPurchase(world.deps, { purchase, merchant, amount: 2n, actor })
  assert.deepEqual(refused, { done: false, refusal: 'merchant-funds' })
  assert.deepEqual(await states(purchase.id), ['paid', 'scheduled', 'scheduled'])
})

test('fees go to the wallet of fees with each part, and fall away with a part that is cancelled whole', async () => {
  const wallet = await world.wallet(20_000n)
  const before = await world.balance(world.fees)
  const purchase = await world.accepted(10_000n, wallet, '3x-fee')
  assert.deepEqual(
    (await listParts(world.db, purchase.id)).map(({ fee }) => fee),
    [34n, 33n, 33n],
  )
  const { merchant } = world
  assert.ok((await creditPurchase(world.deps, { purchase, merchant, amount: 3_333n, actor })).done)
  await world.advance(65)
  await world.collect()
  assert.deepEqual(await states(purchase.id), ['paid', 'paid', 'cancelled'])
  assert.equal((await world.balance(world.fees)) - before, 67n)
  assert.equal(await world.balance(wallet), 20_000n - 6_667n - 67n)
})

test('only an own wallet in the currency pays, by a plan that is offered', async () => {
  const wallet = await world.wallet(10_000n)
  const purchase = await world.purchase(1_000n)
  const { merchant, deps } = world
  const wish = { purchase, merchant, plan: 'now', key: 'e' }
  const refusalOf = async (more: Partial<Parameters<typeof acceptPurchase>[1]>) => {
    const result = await acceptPurchase(deps, { ...wish, wallet, partyId: wallet.partyId, ...more })
    return result.accepted ? 'accepted' : result.refusal
  }
  assert.equal(await refusalOf({ partyId: world.business.id }), 'wallet-not-yours')
  assert.equal(await refusalOf({ plan: '12x' }), 'plan-not-offered')
  const dollars = await world.open(wallet.partyId, 'us:8301234567:USD')
  assert.equal(await refusalOf({ wallet: dollars }), 'currency-differs')
  const circle = await world.open(wallet.partyId, 'be:999:EUR', { circle: 'corner' })
  assert.equal(await refusalOf({ wallet: circle }), 'currency-differs')
  assert.equal(await refusalOf({ wallet: world.financing, partyId: world.lender.id }), 'wallet-not-usable')
  assert.equal(await refusalOf({ wallet: world.shop, partyId: world.business.id }), 'wallet-not-usable')
  assert.equal(await refusalOf({ wallet: await world.wallet(999n, wallet.partyId) }), 'insufficient-funds')
  const limited = await world.makeMerchant({ plans: [{ name: 'now', kind: 'now', maxAmount: '9.99' }] })
  const dear = await world.purchase(1_000n, {}, limited)
  assert.equal(await refusalOf({ purchase: dear, merchant: limited }), 'plan-not-offered')
  assert.deepEqual(listOffers(limited, dear, Date.now()), [])
  assert.equal(await refusalOf({}), 'accepted')
})

test('a frozen wallet accepts nothing, and its instalments wait', async () => {
  const wallet = await world.wallet(10_000n)
  const purchase = await world.accepted(3_000n, wallet, '3x')
  const freeze = (status: 'frozen' | 'open') =>
    world.deps.ledger.submit({
      principal: 'test',
      transaction: crypto.randomUUID(),
      kind: 'wallet-change',
      legs: [{ type: 'change-account', account: wallet.id, status }],
      payload: '{}',
      answer: () => ({ status: 0, body: '' }),
    })
  await freeze('frozen')
  assert.deepEqual(await world.accept(await world.purchase(1n), wallet, 'now'), {
    accepted: false,
    refusal: 'wallet-not-usable',
  })
  await world.advance(32)
  await world.collect()
  assert.deepEqual(await states(purchase.id), ['paid', 'late', 'scheduled'])
  await freeze('open')
  await world.advance(1)
  await world.collect()
  assert.deepEqual(await states(purchase.id), ['paid', 'paid', 'scheduled'])
})

test('a purchase ends once: cancelled, expired or accepted, and the merchant hears why', async () => {
  const wallet = await world.wallet(10_000n)
  const { merchant } = world
  const declined = await world.purchase(1_000n)
  assert.ok((await cancelPurchase(world.deps, { purchase: declined, merchant, by: 'person', actor })).done)
  assert.deepEqual(await world.accept(declined, wallet, 'now'), { accepted: false, refusal: 'purchase-ended' })
  assert.deepEqual(
    (await world.notices(declined)).map(({ topic, body }) => [topic, body.purchase_state]),
    [['error', 'ABANDONED']],
  )
  const late = await world.purchase(1_000n, { reference: 'late' })
  const paid = await world.purchase(1_000n, { reference: 'twice' })
  const twin = await world.purchase(1_000n, { reference: 'twice' })
  assert.ok((await world.accept(paid, wallet, 'now')).accepted)
  await world.advance(1)
  assert.deepEqual(await world.accept(late, wallet, 'now'), { accepted: false, refusal: 'purchase-expired' })
  assert.ok((await expirePurchases(world.deps)) >= 2)
  assert.equal((await world.again(late)).state, 'expired')
  assert.equal((await world.notices(late)).length, 1)
  assert.deepEqual(await world.notices(twin), [], 'nobody hears that a paid reference failed')
})

test('where the merchant captures, the amount is held until then; less can be captured', async () => {
  const merchant = await world.makeMerchant({ manualCapture: true })
  const wallet = await world.wallet(10_000n)
  const lent = await world.balance(world.financing)
  const purchase = await world.accepted(9_000n, wallet, '3x', merchant)
  assert.equal(purchase.state, 'authorized')
  assert.equal(await world.held(wallet), 3_000n)
  assert.equal(await world.balance(world.financing), lent)
  const credit = await creditPurchase(world.deps, { purchase, merchant, amount: 1n, actor })
  assert.deepEqual(credit, { done: false, refusal: 'not-paid-out' })
  const above = await capturePurchase(world.deps, { purchase, merchant, amount: 9_001n, actor })
  assert.deepEqual(above, { done: false, refusal: 'capture-exceeds-authorization' })
  assert.ok((await capturePurchase(world.deps, { purchase, merchant, amount: 6_000n, actor })).done)
  assert.equal(await world.held(wallet), 0n)
  assert.equal(await world.balance(wallet), 8_000n)
  assert.equal(await world.balance(world.financing), lent - 4_000n)
  const done = await world.again(purchase)
  assert.deepEqual([done.state, done.captured], ['completed', 6_000n])
  const again = await capturePurchase(world.deps, { purchase: done, merchant, actor })
  assert.deepEqual(again, { done: false, refusal: 'not-authorized' })
  const stale = await capturePurchase(world.deps, { purchase, merchant, actor })
  assert.deepEqual(stale, { done: false, refusal: 'not-authorized' })
  assert.deepEqual(
    (await world.notices(purchase)).map(({ topic, body }) => [topic, body.status]),
    [
      ['back', 'authorized'],
      ['back', 'completed'],
    ],
  )
})

test('less can be captured also where more would fall to the first part than was held for it', async () => {
  const merchant = await world.makeMerchant({ manualCapture: true })
  const wallet = await world.wallet(10_000n)
  const start = await world.balance(wallet)
  // 99.99 are three times 33.33; of 99.98 the first part would be 33.34.
  const purchase = await world.accepted(9_999n, wallet, '3x', merchant)
  assert.equal(await world.held(wallet), 3_333n)
  const result = await capturePurchase(world.deps, { purchase, merchant, amount: 9_998n, actor })
  assert.deepEqual('refusal' in result ? result.refusal : 'done', 'done')
  assert.equal(await world.held(wallet), 0n)
  assert.equal(await world.balance(wallet), start - 3_333n)
  const parts = await listParts(world.db, purchase.id)
  assert.deepEqual(
    parts.map(({ amount, paid }) => [amount, paid]),
    [
      [3_333n, 3_333n],
      [3_333n, 0n],
      [3_332n, 0n],
    ],
  )
  // Fees of 0.06 are three times 0.02; of 0.05 the first would be 0.03.
  const dear = await world.accepted(600n, wallet, '3x-fee', merchant)
  assert.ok((await capturePurchase(world.deps, { purchase: dear, merchant, amount: 500n, actor })).done)
  const fees = (await listParts(world.db, dear.id)).map(({ fee, feePaid }) => [fee, feePaid])
  assert.deepEqual(fees, [
    [2n, 2n],
    [2n, 0n],
    [1n, 0n],
  ])
  await world.assertClean()
})

test('whatever is captured of a small purchase is captured, and its parts sum up to it', async () => {
  const plans = [
    { name: '4x', kind: 'instalments', parts: 4, feeBp: 5_000 },
    { name: '48x', kind: 'instalments', parts: 48, feeBp: 9_999 },
  ] as const
  const merchant = await world.makeMerchant({ manualCapture: true, plans })
  const wallet = await world.wallet(100_000n)
  for (const [plan, whole, amounts] of [
    ['4x', 12n, [4n, 5n, 6n, 7n, 8n, 9n, 10n, 11n, 12n]],
    ['48x', 96n, [48n, 49n, 94n, 95n, 96n]],
  ] as const) {
    for (const amount of amounts) {
      const purchase = await world.accepted(whole, wallet, plan, merchant)
      const result = await capturePurchase(world.deps, { purchase, merchant, amount, actor })
      assert.ok(result.done, `${plan} ${amount}: ${'refusal' in result ? result.refusal : ''}`)
      const parts = await listParts(world.db, purchase.id)
      assert.equal(
        parts.reduce((sum, part) => sum + part.amount, 0n),
        amount,
      )
    }
  }
  assert.equal(await world.held(wallet), 0n)
  await world.assertClean()
})

test('what is released, or never captured, is free again, and its reference stays used', async () => {
  const merchant = await world.makeMerchant({ manualCapture: true })
  const wallet = await world.wallet(10_000n)
  const released = await world.accepted(9_000n, wallet, 'now', merchant)
  assert.equal(await world.held(wallet), 9_000n)
  assert.ok((await releasePurchase(world.deps, { purchase: released, merchant, actor })).done)
  assert.equal(await world.held(wallet), 0n)
  const again = await releasePurchase(world.deps, { purchase: released, merchant, actor })
  assert.deepEqual(again, { done: false, refusal: 'not-authorized' })
  const forgotten = await world.accepted(9_000n, wallet, 'now', merchant)
  await world.advance(8)
  const late = await capturePurchase(world.deps, { purchase: forgotten, merchant, actor })
  assert.deepEqual(late, { done: false, refusal: 'authorization-over' })
  assert.equal(await lapseAuthorizations(world.deps), 1)
  assert.equal((await world.again(forgotten)).state, 'voided')
  assert.equal(await world.held(wallet), 0n)
})

test('outside the sandbox the due clock is the real one, wherever it was put', async () => {
  await world.advance(1)
  assert.ok((await dueNow({ ...world.deps, sandbox: false })) <= Date.now())
  assert.ok((await dueNow(world.deps)) > Date.now() + 86_000_000)
})
