import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBuyUpstream } from '../../../src/operations/gift-cards/buy-upstream.ts'
import { fulfilOpenOrders } from '../../../src/operations/gift-cards/fulfil-order.ts'
import type { GiftDeps } from '../../../src/operations/gift-cards/gift-deps.ts'
import { createGiftLookUps } from '../../../src/operations/gift-cards/look-ups.ts'
import { type OrderWish, placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import type { Brand } from '../../../src/storage/brands.ts'
import { credentials, startUpstream } from '../../sdk/walleo/upstream.ts'
import { createGiftWorld, type GiftWorld } from '../../support/gift-world.ts'

/** The process dies here: nothing that comes later happens. */
class Crash extends Error {}

/**
 * Everything that reaches outside the process, with a point before and one after each: the crash comes at point `at`, and from
 * then on nothing works any more, as in a process that is gone.
 */
function failing(deps: GiftDeps, at: number) {
  let point = 0
  let dead = false
  async function step<T>(work: () => Promise<T>): Promise<T> {
    if (dead || point++ === at) {
      dead = true
      throw new Crash()
    }
    const result = await work()
    if (dead || point++ === at) {
      dead = true
      throw new Crash()
    }
    return result
  }
  const db = {
    ...deps.db,
    query: <Row>(text: string, values?: unknown[]) => step(() => deps.db.query<Row>(text, values)),
  }
  const failingDeps: GiftDeps = {
    ...deps,
    db,
    lookUps: createGiftLookUps(db),
    ledger: { ...deps.ledger, submit: (command) => step(() => deps.ledger.submit(command)) },
    shelf: { ...deps.shelf, take: (...args) => step(() => deps.shelf.take(...args)) },
  }
  const reach: typeof fetch = (...args) => step(() => fetch(...args))
  return { deps: failingDeps, fetch: reach, reached: () => dead }
}

type Kind = { brand(world: GiftWorld, slug: string): Promise<Brand>; later: boolean }

async function enumerate(t: import('node:test').TestContext, kind: Kind): Promise<number> {
  const world = await createGiftWorld({ float: '9000.00' })
  t.after(() => world.stop())
  let points = 0
  for (let at = 0; ; at++) {
    const brand = await kind.brand(world, `brand-${at}`)
    const { balance: before } = await world.balance(world.float.id)
    const wish = world.wish(brand, 1000n, `request-${at}`, { later: kind.later })
    const process = failing(world.deps, at)
    const run = async () => {
      await placeOrder(process.deps, wish)
      await fulfilOpenOrders(process.deps, createBuyUpstream({ ...process.deps, fetch: process.fetch }))
    }
    await run().catch((error) => assert.ok(process.reached(), String(error)))
    if (!process.reached()) break
    points++
    await afterRestart(world, wish, before, `crash at point ${at}`)
  }
  t.diagnostic(`${points} points`)
  assert.ok(points >= 8)
  await world.assertClean()
  return points
}

/** The caller repeats, a new process works off what is open: one card, paid for once, nothing held. */
async function afterRestart(world: GiftWorld, wish: OrderWish, before: bigint, where: string): Promise<void> {
  const restarted = { ...(await world.openDeps()), clock: () => Date.now() + 120_000 }
  await placeOrder(restarted, wish)
  const buy = createBuyUpstream(restarted)
  for (let i = 0; i < 3; i++) await fulfilOpenOrders({ ...restarted, clock: () => Date.now() + 120_000 * (i + 1) }, buy)
  const result = await placeOrder(restarted, wish)
  assert.ok(!('refusal' in result), where)
  assert.equal(result.order.status, 'succeeded', where)
  const cards = await world.db.query<{ account_id: bigint | null }>('select account_id from card where brand_id = $1', [
    wish.brand.id,
  ])
  assert.equal(cards.length, 1, where)
  assert.deepEqual(await world.balance(world.float.id), { balance: before - 1000n, held: 0n }, where)
  await restarted.ledger.close()
}

test('a crash at any point of an order for a card of our own ends in one card, paid for once', async (t) => {
  await enumerate(t, { later: false, brand: (world, slug) => world.brand({ slug }) })
})

test('a crash at any point of an order that is fulfilled later ends in one card, paid for once', async (t) => {
  await enumerate(t, { later: true, brand: (world, slug) => world.brand({ slug }) })
})

for (const later of [false, true]) {
  test(`a crash at any point of an order from stock${later ? ', fulfilled later,' : ''} sells one code once`, async (t) => {
    await enumerate(t, {
      later,
      async brand(world, slug) {
        const brand = await world.brand({ slug, supply: 'stock' })
        await world.stock(brand, 1000n, [`${slug}-A`, `${slug}-B`])
        return brand
      },
    })
  })
}

test('a crash at any point of an order that is bought upstream buys one card there', async (t) => {
  const upstream = await startUpstream(t)
  upstream.balance = 100_000
  const crashes = await enumerate(t, {
    later: false,
    brand: (world, slug) =>
      world.brand({
        slug,
        supply: 'upstream',
        upstream: { protocol: 'walleo', url: upstream.url, ...credentials, code: 'IKEAFR' },
      }),
  })
  // One for each order that a crash cut short, and one for the last, which none did.
  assert.equal(upstream.cards.size, crashes + 1)
})
