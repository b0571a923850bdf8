import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cancelOrder } from '../../../src/operations/gift-cards/cancel-order.ts'
import { loadCard } from '../../../src/operations/gift-cards/load-card.ts'
import { placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { creditPurchase } from '../../../src/operations/purchases/credit-purchase.ts'
import { createGiftWorld } from '../../support/gift-world.ts'
import { createPurchaseWorld } from '../../support/purchase-world.ts'

test('a credit that comes twice at once under one key is told twice that it was made, also when it takes all that the merchant has', async (t) => {
  const world = await createPurchaseWorld()
  t.after(() => world.stop())
  const purchase = await world.accepted(9_000n, await world.wallet(9_000n), 'now')
  const credit = () =>
    creditPurchase(world.deps, { purchase, merchant: world.merchant, amount: 9_000n, actor: 'test', key: 'once' })
  const results = await Promise.all([credit(), credit()])
  assert.deepEqual(
    results.map((result) => result.done || result.refusal),
    [true, true],
  )
  assert.equal(await world.balance(world.shop), 0n)
  await world.assertClean()
})

test('a cancellation that comes twice at once under one request id is told twice that it was done', async (t) => {
  const world = await createGiftWorld()
  t.after(() => world.stop())
  const brand = await world.brand({ slug: 'twice', cancellable: true })
  const placed = await placeOrder(world.deps, world.wish(brand, 1000n, 'order'))
  assert.ok(!('refusal' in placed) && placed.card)
  const { order, card } = placed
  const request = { scope: 'tillo', requestId: 'cancel', operation: 'cancel', content: 'order' }
  const cancel = () =>
    cancelOrder(world.deps, { ...request, partner: world.partner, order, card: card.row, brand, how: 'cancelled' })
  const results = await Promise.all([cancel(), cancel()])
  assert.deepEqual(
    results.map((result) => ('refusal' in result ? result.refusal : 'done')),
    ['done', 'done'],
  )
  assert.deepEqual(await world.balance(world.float.id), { balance: 100_000n, held: 0n })
  await world.assertClean()
})

test('an order and a top-up that come twice at once get one answer, also when they take the last code and all of the float', async (t) => {
  const world = await createGiftWorld({ float: '30.00', repeatsFollow: 0 })
  t.after(() => world.stop())
  const stocked = await world.brand({ slug: 'last', supply: 'stock' })
  await world.stock(stocked, 1000n, ['LAST'])
  const own = await world.brand({ slug: 'own' })
  const twice = <T>(make: () => Promise<T>) => Promise.all([make(), make()])
  const cards = []
  for (const brand of [stocked, own]) {
    const results = await twice(() => placeOrder(world.deps, world.wish(brand, 1000n, brand.slug)))
    assert.deepEqual(
      results.map((result) => ('refusal' in result ? result.refusal : result.repeated)).sort(),
      [false, true],
      brand.slug,
    )
    cards.push(...results.flatMap((result) => ('refusal' in result || !result.card ? [] : [result.card.row])))
  }
  const card = cards.at(-1) as (typeof cards)[number]
  const wish = { ...world.wish(own, 1000n, 'load'), operation: 'top-up', protocol: 'tillo' as const, card }
  const loaded = await twice(() => loadCard(world.deps, wish))
  assert.deepEqual(loaded.map((result) => ('refusal' in result ? result.refusal : result.repeated)).sort(), [
    false,
    true,
  ])
  assert.deepEqual(await world.balance(world.float.id), { balance: 0n, held: 0n })
  await world.assertClean()
})
