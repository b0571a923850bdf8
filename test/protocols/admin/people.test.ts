import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createHarness, type Harness, type Send } from './harness.ts'

let harness: Harness
let send: Send
let person: string

before(async () => {
  harness = await createHarness()
  send = harness.send
  person = (await send('POST', '/parties', { kind: 'person', name: 'Olga Tkachenko' })).body.id
  await send('POST', '/wallets', { id: 'us:8307770123:USD', party_id: person })
})
after(() => harness.close())

test('an operator is handed everything of a person', async () => {
  const { status, body } = await send('GET', `/parties/${person}/data`)
  assert.equal(status, 200)
  assert.deepEqual([body.format, body.party[0].name], ['billfold-person-1', 'Olga Tkachenko'])
  assert.equal(body.wallets[0].wallet, 'us:8307770123:USD')
  assert.equal((await send('GET', '/parties/00000000-0000-4000-8000-000000000000/data')).status, 404)
})

test('a person is erased for good, and asked again the answer is the same', async () => {
  const erased = await send('POST', `/parties/${person}/erasure`, {})
  assert.equal(erased.status, 200, JSON.stringify(erased.body))
  assert.match(erased.body.pseudonym, /^erased-[0-9a-f]{16}$/)
  assert.deepEqual((await send('POST', `/parties/${person}/erasure`, {})).body, erased.body)
  assert.match((await send('GET', `/parties/${person}`)).body.name, /^Erased [0-9a-f]{16}$/)
  assert.equal((await send('GET', '/wallets/us:8307770123:USD')).status, 404)
})

test('a business is no person: one of its team must be named', async () => {
  const shop = (await send('POST', '/parties', { kind: 'business', name: 'Café Río' })).body.id
  const refused = await send('POST', `/parties/${shop}/erasure`, {})
  assert.deepEqual([refused.status, refused.body.field], [422, 'email'])
  const unknown = await send('POST', `/parties/${shop}/erasure`, { email: 'nobody@shop.example' })
  assert.deepEqual([unknown.status, unknown.body.field], [404, 'email'])
})
