import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBuyUpstream } from '../../../src/operations/gift-cards/buy-upstream.ts'
import { fulfilOpenOrders } from '../../../src/operations/gift-cards/fulfil-order.ts'
import { placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { credentials, startUpstream } from '../../sdk/walleo/upstream.ts'
import { createGiftWorld } from '../../support/gift-world.ts'

async function scene(t: import('node:test').TestContext) {
  const upstream = await startUpstream(t)
  const world = await createGiftWorld()
  t.after(() => world.stop())
  const brand = await world.brand({
    slug: 'bought',
    supply: 'upstream',
    discountBp: 200,
    upstream: { protocol: 'walleo', url: upstream.url, ...credentials, code: 'IKEAFR' },
  })
  const wish = world.wish(brand, 5000n, 'bought-1')
  const status = async () => {
    const result = await placeOrder(world.deps, wish)
    assert.ok(!('refusal' in result))
    return { ...result.order, card: result.card }
  }
  return { upstream, world, brand, wish, status }
}

/** Time goes on by two minutes: what was begun and not ended is taken over. */
const later = <T extends { clock: () => number }>(deps: T): T => ({ ...deps, clock: () => Date.now() + 120_000 })

test('a card of an upstream brand is bought from it, once, and the float pays our price', async (t) => {
  const { upstream, world, status } = await scene(t)
  const buy = createBuyUpstream(world.deps)
  assert.equal((await status()).status, 'requested')
  await Promise.all([1, 2, 3, 4].map(() => fulfilOpenOrders(world.deps, buy)))
  const order = await status()
  assert.deepEqual([order.status, order.cost, order.card?.secrets.code], ['succeeded', 4900n, 'CODE-0'])
  assert.equal(upstream.cards.size, 1)
  assert.equal(order.card?.row.expires_at?.toISOString(), '2030-06-23T22:00:00.000Z')
  assert.deepEqual(await world.balance(world.float.id), { balance: 95_100n, held: 0n })
  await world.assertClean()
})

test('an answer that was lost is asked for again under the order’s id, and gets the same card', async (t) => {
  const { upstream, world, status } = await scene(t)
  let lost = 0
  // The upstream has sold the card; its answer never arrives.
  const buy = createBuyUpstream({
    ...world.deps,
    fetch: async (...args) => {
      const answer = await fetch(...args)
      if (lost++ < 5) throw new TypeError('fetch failed')
      return answer
    },
  })
  await status()
  await fulfilOpenOrders(world.deps, buy)
  assert.deepEqual([(await status()).status, upstream.cards.size], ['processing', 1])
  assert.equal((await world.balance(world.float.id)).held, 4900n)
  await fulfilOpenOrders(later(world.deps), buy)
  await fulfilOpenOrders(later(later(world.deps)), buy)
  assert.deepEqual([(await status()).status, upstream.cards.size], ['succeeded', 1])
  await world.assertClean()
})

test('what the upstream refuses gives the float its money back, and the order says why', async (t) => {
  const { upstream, world, status } = await scene(t)
  upstream.balance = 10
  await status()
  await fulfilOpenOrders(world.deps, createBuyUpstream(world.deps))
  const { status: ended, error } = await status()
  assert.deepEqual([ended, error], ['failed', 'upstream: not_enough_funds'])
  assert.deepEqual(await world.balance(world.float.id), { balance: 100_000n, held: 0n })
  await world.assertClean()
})

test('an upstream that is away leaves the order open until it is back', async (t) => {
  const { upstream, world, status } = await scene(t)
  const away = createBuyUpstream({ ...world.deps, fetch: async () => Promise.reject(new TypeError('refused')) })
  await status()
  await fulfilOpenOrders(world.deps, away)
  assert.equal((await status()).status, 'processing')
  await fulfilOpenOrders(later(world.deps), createBuyUpstream(world.deps))
  assert.deepEqual([(await status()).status, upstream.cards.size], ['succeeded', 1])
  await world.assertClean()
})
