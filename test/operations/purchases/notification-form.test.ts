import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import type { DueDelivery } from '../../../src/delivery/form.ts'
import { createPledgForm } from '../../../src/operations/purchases/notification-form.ts'
import { createPledgWorld, openToken, type PledgWorld } from '../../support/pledg-world.ts'

let world: PledgWorld
before(async () => {
  world = await createPledgWorld()
})
after(() => world.stop())

const due = (more: Partial<DueDelivery>): DueDelivery => ({
  id: '00000000-0000-7000-8000-000000000001',
  form: 'pledg',
  receiver: '00000000-0000-7000-8000-000000000002',
  url: 'https://shop.example/paid',
  object: 'purchase:x',
  topic: 'transfer',
  body: '{"reference":"r"}',
  attempt: 1,
  createdAt: new Date(),
  ...more,
})

it('is signed at the attempt, by the secret that the merchant has then', async () => {
  const merchant = await world.merchant()
  const form = createPledgForm(world.server.assembly)
  const prepared = await form.prepare(due({ receiver: merchant.id }), Date.now())
  assert.ok('body' in prepared)
  assert.equal(prepared.url, 'https://shop.example/paid')
  assert.deepEqual(openToken(JSON.parse(prepared.body).signature, merchant.secret), { reference: 'r' })
  await world.db.query('update merchant set secret = null where id = $1', [merchant.id])
  const plain = await form.prepare(due({ receiver: merchant.id }), Date.now())
  assert.ok('body' in plain)
  assert.equal(plain.body, '{"reference":"r"}')
})

it('has nobody to go to where there is no merchant or no address', async () => {
  const merchant = await world.merchant()
  const form = createPledgForm(world.server.assembly)
  assert.ok('gone' in (await form.prepare(due({}), Date.now())))
  assert.ok('gone' in (await form.prepare(due({ receiver: merchant.id, url: null }), Date.now())))
})
