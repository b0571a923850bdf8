import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { cancelPurchase } from '../../../src/operations/purchases/end-purchase.ts'
import { createPurchaseWorld, type PurchaseWorld } from '../../support/purchase-world.ts'
import { listen } from './world.ts'

let world: PurchaseWorld
let ear: ReturnType<typeof listen>
before(async () => {
  world = await createPurchaseWorld()
  ear = listen({ db: world.db, keyring: world.deps.keyring })
})
after(() => world.assertClean().finally(world.stop))

test('a purchase in three instalments is told step by step, dated by the real clock', async () => {
  const { id } = await ear.endpoint(world.merchant.partyId, ['purchase.*'])
  const wallet = await world.wallet(10_000n)
  const purchase = await world.accepted(10_000n, wallet, '3x')
  await world.advance(32)
  assert.equal(await world.collect(), 1)
  const told = (await ear.told(id)).filter(({ data }) => data.purchase === purchase.uid)
  assert.deepEqual(
    told.map(({ type, data }) => [type, data.sequence, data.amount, data.paid]),
    [
      ['purchase.created', 1, '100.00', undefined],
      ['purchase.completed', 2, '100.00', undefined],
      ['purchase.part_paid', 3, '100.00', '33.33'],
    ],
  )
  for (const { timestamp } of told) assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000, timestamp)
})

test('of 16 who decline a purchase at once one is told', async () => {
  const { id } = await ear.endpoint(world.merchant.partyId, ['purchase.cancelled'])
  const purchase = await world.purchase(500n)
  const ask = { purchase, merchant: world.merchant, by: 'person', actor: 'test' } as const
  await Promise.allSettled(Array.from({ length: 16 }, () => cancelPurchase(world.deps, ask)))
  assert.deepEqual(
    (await ear.told(id)).map(({ type, data }) => [type, data.purchase]),
    [['purchase.cancelled', purchase.uid]],
  )
})
