import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { creditPurchase } from '../../../src/operations/purchases/credit-purchase.ts'
import { cancelPurchase } from '../../../src/operations/purchases/end-purchase.ts'
import { createPurchaseWorld } from '../../support/purchase-world.ts'

test('webhooks hear what happens to a purchase, once and in its order, and nothing of what did not happen', async (t) => {
  const world = await createPurchaseWorld()
  t.after(() => world.assertClean().finally(world.stop))
  const { db, business, merchant } = world
  const endpoint = randomUUID()
  await db.query('insert into webhook_endpoint (id, party_id, url, topics) values ($1, $2, $3, $4)', [
    endpoint,
    business.id,
    'https://hooks.example/',
    ['purchase.*'],
  ])
  const heard = async (purchase: { id: string }) => {
    const rows = await db.query<{ topic: string }>(
      "select topic from delivery where receiver = $1 and object = $2 and form = 'webhook' order by sequence",
      [endpoint, `purchase:${purchase.id}`],
    )
    return rows.map(({ topic }) => topic)
  }
  const wallet = await world.wallet(10_000n)
  const purchase = await world.accepted(9_000n, wallet, '3x')
  assert.ok((await creditPurchase(world.deps, { purchase, merchant, amount: 2_000n, actor: 'test' })).done)
  await world.advance(32)
  await world.collect()
  assert.deepEqual(await heard(purchase), [
    'purchase.created',
    'purchase.completed',
    'purchase.credited',
    'purchase.part_paid',
  ])
  const declined = await world.purchase(100n)
  assert.ok((await cancelPurchase(world.deps, { purchase: declined, merchant, by: 'person', actor: 'test' })).done)
  assert.deepEqual(await heard(declined), ['purchase.created', 'purchase.cancelled'])
  const poor = await world.wallet(0n)
  const refused = await world.purchase(100n)
  assert.equal((await world.accept(refused, poor, 'now')).accepted, false)
  assert.equal((await heard(refused)).length, 1, 'no effect, no event')
})
