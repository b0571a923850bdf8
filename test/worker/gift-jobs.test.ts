import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createSoldStock } from '../../src/operations/gift-cards/low-stock.ts'
import { createOrderBell } from '../../src/operations/gift-cards/order-bell.ts'
import { placeOrder } from '../../src/operations/gift-cards/place-order.ts'
import { findOrder } from '../../src/storage/orders.ts'
import { listNotices } from '../../src/storage/stock-levels.ts'
import { giftJobs } from '../../src/worker/gift-jobs.ts'
import { runJobs } from '../../src/worker/worker.ts'
import { eventually } from '../support/eventually.ts'
import { createGiftWorld, type GiftWorld } from '../support/gift-world.ts'

const HOUR = 3_600_000
const log = { error: (fields: object) => assert.fail(JSON.stringify(fields)), warn: () => {} }

describe('a job with a bell', () => {
  test('runs when it rings, once for many rings, and not before', async () => {
    const bell = createOrderBell()
    let runs = 0
    const run = async () => void runs++
    const worker = runJobs([{ name: 'rung', interval: HOUR, bell, run }], log)
    await delay(30)
    assert.equal(runs, 0)
    for (let i = 0; i < 5; i++) bell.ring()
    await eventually(() => runs > 0)
    await delay(30)
    // The first ring ended the pause; those that came before the run began are answered by one more at most.
    assert.ok(runs <= 2, `${runs}`)
    const before = runs
    bell.ring()
    await eventually(() => runs > before)
    await worker.stop()
  })

  test('does not miss what rings while it runs', async () => {
    const bell = createOrderBell()
    let runs = 0
    async function run() {
      if (runs++ === 0) bell.ring()
      await delay(5)
    }
    const worker = runJobs([{ name: 'rung', interval: HOUR, bell, run }], log)
    bell.ring()
    await eventually(() => runs >= 2)
    await worker.stop()
    assert.equal(runs, 2)
  })
})

describe('the jobs of gift cards', () => {
  let world: GiftWorld
  before(async () => {
    world = await createGiftWorld()
  })
  after(() => world.stop())

  test('fulfil an order as soon as it is placed, and notice what runs low after it', async () => {
    const gift = { ...world.deps, orderBell: createOrderBell(), soldStock: createSoldStock() }
    const brand = await world.brand({ slug: 'nudged', supply: 'stock', asynchronous: true, lowStock: 2 })
    await world.stock(brand, 500n, ['NUDGE-1', 'NUDGE-2'])
    await world.db.query('insert into stock_value (brand_id, face) values ($1, 500)', [brand.id])
    // By the clock alone they would come in an hour.
    const jobs = giftJobs({ gift, log }).map((job) => ({ ...job, interval: job.bell ? HOUR : 20 }))
    const worker = runJobs(jobs, log)
    const placed = await placeOrder(gift, world.wish(brand, 500n, 'nudged-1', { later: true }))
    assert.ok(!('refusal' in placed))
    await eventually(async () => (await findOrder(world.db, placed.order.id))?.status === 'succeeded')
    await eventually(async () => (await listNotices(world.db, { brandId: brand.id, limit: 10 })).length === 1)
    await worker.stop()
    await world.assertClean()
  })
})
