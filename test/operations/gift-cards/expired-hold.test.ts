import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fulfilOpenOrders } from '../../../src/operations/gift-cards/fulfil-order.ts'
import { fulfilPlastic } from '../../../src/operations/gift-cards/fulfil-plastic.ts'
import { placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { sellPlastic } from '../../../src/operations/gift-cards/sell-plastic.ts'
import type { Brand } from '../../../src/storage/brands.ts'
import { findSale, type SaleRow } from '../../../src/storage/gift-sales.ts'
import { sweepHolds } from '../../../src/worker/sweep-holds.ts'
import { createGiftWorld, type GiftWorld } from '../../support/gift-world.ts'

/** 36 days ago: what was held then is held no longer. */
const longAgo = <T extends { clock: () => number }>(deps: T): T => ({
  ...deps,
  clock: () => Date.now() - 36 * 86_400_000,
})

test('an order that was not fulfilled while its money was held fails, and nothing is held or paid', async (t) => {
  const world = await createGiftWorld()
  t.after(() => world.stop())
  const brand = await world.brand({ slug: 'late', asynchronous: true })
  const placed = await placeOrder(longAgo(world.deps), world.wish(brand, 1000n, 'late-1', { later: true }))
  assert.ok(!('refusal' in placed))
  await sweepHolds(world.deps)
  await fulfilOpenOrders(world.deps, async () => ({ status: 'pending' }))
  const order = (await findSale(world.db, placed.order.id)) as SaleRow
  assert.deepEqual([order.status, order.error], ['failed', 'too-late'])
  assert.deepEqual(await world.balance(world.float.id), { balance: 100_000n, held: 0n })
  await world.assertClean()
})

test('a plastic card that was sent too late gets no value, and its order fails', async (t) => {
  const world = await createGiftWorld()
  t.after(() => world.stop())
  const brand = await world.brand({ slug: 'plastic' })
  const { sale } = await ordered(world, brand)
  await sweepHolds(world.deps)
  const wish = { partner: world.partner, scope: 'tillo', requestId: 'fulfil-1', operation: 'fulfil', content: '' }
  const result = await fulfilPlastic(world.deps, { ...wish, brand, sale, secrets: { code: 'A'.repeat(20), pin: null } })
  assert.deepEqual(result, { refusal: 'too-late' })
  assert.equal((await findSale(world.db, sale.id))?.status, 'failed')
  assert.equal((await world.db.query('select from card')).length, 0)
  assert.deepEqual(await world.balance(world.float.id), { balance: 100_000n, held: 0n })
  await world.assertClean()
})

async function ordered(world: GiftWorld, brand: Brand): Promise<{ sale: SaleRow }> {
  const wish = { partner: world.partner, scope: 'tillo', requestId: 'order-1', operation: 'order', content: '' }
  const result = await sellPlastic(longAgo(world.deps), {
    ...wish,
    protocol: 'tillo',
    brand,
    face: 1000n,
    secrets: null,
  })
  assert.ok(!('refusal' in result))
  return { sale: (await findSale(world.db, result.request.order_id as string)) as SaleRow }
}
