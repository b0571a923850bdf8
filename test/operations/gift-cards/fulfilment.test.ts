import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createBuyUpstream } from '../../../src/operations/gift-cards/buy-upstream.ts'
import type { BuyUpstream } from '../../../src/operations/gift-cards/fulfil-order.ts'
import { createFulfilment } from '../../../src/operations/gift-cards/fulfilment.ts'
import { createOrderBell } from '../../../src/operations/gift-cards/order-bell.ts'
import { placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import type { Brand } from '../../../src/storage/brands.ts'
import { giftJobs } from '../../../src/worker/gift-jobs.ts'
import { runJobs } from '../../../src/worker/worker.ts'
import { eventually } from '../../support/eventually.ts'
import { createGiftWorld, type GiftWorld } from '../../support/gift-world.ts'

const log = { error: (fields: object) => assert.fail(JSON.stringify(fields)), warn: () => {} }

/** Takes connections and never answers. */
async function startHanging() {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}/partners/v1`,
    sockets,
    async stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

describe('open orders are worked off', () => {
  let world: GiftWorld
  let orders = 0
  before(async () => {
    world = await createGiftWorld({ float: '9000.00' })
  })
  after(async () => {
    await world.assertClean()
    await world.stop()
  })

  const place = (brand: Brand, count: number) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const wish = world.wish(brand, 500n, `open-${orders++}`, { later: true })
        assert.ok(!('refusal' in (await placeOrder(world.deps, wish))))
      }),
    )
  const count = async (brand: Brand, status: string) =>
    Number(
      (
        await world.db.query<{ n: bigint }>(
          'select count(*) as n from gift_order where brand_id = $1 and status = $2',
          [brand.id, status],
        )
      )[0]?.n,
    )
  test('although an upstream hangs: its own orders wait, eight at once, and those of all other brands do not', async () => {
    const hanging = await startHanging()
    const upstream = { protocol: 'walleo', url: hanging.url, apiKey: 'k', identifier: 'i', sharedKey: '00', code: 'X' }
    const stuck = await world.brand({ slug: 'stuck', supply: 'upstream', upstream })
    const quick = await world.brand({ slug: 'quick', supply: 'own', asynchronous: true })
    const gift = { ...world.deps, orderBell: createOrderBell() }
    const jobs = giftJobs({ gift, log, buyUpstream: createBuyUpstream(gift) })
    const worker = runJobs(
      jobs.filter(({ name }) => name === 'fulfil-orders'),
      log,
    )
    await place(stuck, 60)
    gift.orderBell.ring()
    await eventually(async () => hanging.sockets.size === 8)
    await place(quick, 30)
    gift.orderBell.ring()
    // An attempt at the hanging one takes ten seconds.
    await eventually(async () => (await count(quick, 'succeeded')) === 30, { within: 5_000 })
    assert.equal(hanging.sockets.size, 8)
    assert.deepEqual([await count(stuck, 'processing'), await count(stuck, 'requested')], [8, 52])
    const stopped = worker.stop()
    await hanging.stop()
    await stopped
    assert.equal(await count(stuck, 'succeeded'), 0)
    // It comes round, and refuses them all: those that were begun are asked for again a minute later.
    const later = { ...world.deps, log, clock: () => Date.now() + 61_000 }
    const fulfilment = createFulfilment(later, async () => ({ status: 'failed', error: 'upstream: out_of_stock' }))
    while ((await fulfilment.start()) > 0) await fulfilment.finish()
    assert.equal(await count(stuck, 'failed'), 60)
  })

  test('of a hundred orders of one brand and one of another, the one is not the last', async () => {
    const [many, few] = [await world.brand({ slug: 'many' }), await world.brand({ slug: 'few' })]
    await place(many, 100)
    await place(few, 1)
    const fulfilment = createFulfilment({ ...world.deps, log }, async () => ({ status: 'pending' }))
    assert.equal(await fulfilment.start(), 9)
    await fulfilment.finish()
    assert.deepEqual([await count(few, 'succeeded'), await count(many, 'succeeded')], [1, 8])
    while ((await fulfilment.start()) > 0) await fulfilment.finish()
    assert.equal(await count(many, 'succeeded'), 100)
  })

  test('by 16 workers at once, each once', async () => {
    const upstream = {
      protocol: 'walleo',
      url: 'http://127.0.0.1:9/',
      apiKey: 'k',
      identifier: 'i',
      sharedKey: '00',
      code: 'X',
    }
    const far = await world.brand({ slug: 'far', supply: 'upstream', upstream })
    await place(far, 40)
    const bought: string[] = []
    const buy: BuyUpstream = async (_, order) => {
      bought.push(order.id)
      await delay(5)
      return { status: 'card', secrets: { code: `FAR-${order.id}`, pin: null } }
    }
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        const fulfilment = createFulfilment({ ...world.deps, log }, buy)
        while ((await count(far, 'succeeded')) < 40) {
          await fulfilment.start()
          await fulfilment.finish()
        }
      }),
    )
    assert.deepEqual([bought.length, new Set(bought).size], [40, 40])
  })

  test('and one that fails keeps no room', async () => {
    const own = await world.brand({ slug: 'failing' })
    await place(own, 20)
    const heard: object[] = []
    const deps = { ...world.deps, log: { error: (fields: object) => heard.push(fields) } }
    const failing = createFulfilment(
      { ...deps, lookUps: { ...deps.lookUps, accountId: () => Promise.reject(new Error('away')) } },
      async () => ({ status: 'pending' }),
    )
    while ((await failing.start()) > 0) await failing.finish()
    assert.equal(heard.length, 20)
    assert.equal(await count(own, 'processing'), 20)
    const later = createFulfilment({ ...world.deps, log, clock: () => Date.now() + 61_000 }, async () => ({
      status: 'pending',
    }))
    while ((await later.start()) > 0) await later.finish()
    assert.equal(await count(own, 'succeeded'), 20)
  })
})
