import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createHarness, type Harness, type Send } from './harness.ts'

let harness: Harness
let send: Send

before(async () => {
  harness = await createHarness()
  send = harness.send
  const { id } = (await send('POST', '/parties', { kind: 'person', name: 'Ana Núñez' })).body
  await send('POST', '/wallets', { id: 'us:1:USD', party_id: id })
  await send('POST', '/wallets', { id: 'us:2:USD', party_id: id, parent: 'us:1:USD' })
})
after(() => harness.close())

const path = '/wallets/us:2:USD/refill-policy'
const policy = { per_refill: 25, per_period: '100.00', period_seconds: 86_400 }

test('a refill policy is set, shown, replaced and ended', async () => {
  assert.deepEqual((await send('GET', path)).body, {
    wallet: 'us:2:USD',
    parent: 'us:1:USD',
    currency: 'USD',
    policy: null,
  })
  const set = await send('POST', path, policy)
  assert.equal(set.status, 200)
  const { period_ends_at: ends, ...terms } = set.body.policy
  assert.deepEqual(terms, { per_refill: 25, per_period: 100, period_seconds: 86_400, used: 0 })
  assert.match(ends, /T00:00:00.000Z$/)
  assert.deepEqual((await send('GET', '/wallets/US%3A2%3Ausd/refill-policy')).body, set.body)
  assert.equal((await send('POST', path, { ...policy, per_refill: '30.50' })).body.policy.per_refill, 30.5)
  for (let i = 0; i < 2; i++) assert.equal((await send('DELETE', path)).status, 204)
  assert.equal((await send('GET', path)).body.policy, null)
  const [row] = await harness.db.query<{ n: bigint; principal: string }>(
    "select count(*) as n, min(principal) as principal from transaction where kind = 'refill-policy'",
  )
  assert.equal(row?.n, 3n)
  assert.match(row?.principal ?? '', /^api-key:/)
})

test('a refill policy that makes no sense is refused, with the member that is meant', async () => {
  const wrong: [object, string][] = [
    [{ ...policy, per_refill: 0 }, 'per_refill'],
    [{ ...policy, per_refill: -1 }, 'per_refill'],
    [{ ...policy, per_refill: '0.001' }, 'per_refill'],
    [{ ...policy, per_refill: 101 }, 'per_refill'],
    [{ ...policy, per_period: null }, 'per_period'],
    [{ ...policy, period_seconds: 59 }, 'period_seconds'],
    [{ ...policy, period_seconds: 60.5 }, 'period_seconds'],
    [{ ...policy, period_seconds: 367 * 86_400 }, 'period_seconds'],
    [{ ...policy, days: 1 }, 'days'],
  ]
  for (const [body, field] of wrong) {
    const answer = await send('POST', path, body)
    assert.deepEqual([answer.status, answer.body.field], [422, field], JSON.stringify(answer.body))
  }
  for (const method of ['GET', 'POST', 'DELETE'])
    assert.equal(
      (await send(method, '/wallets/us:9:USD/refill-policy', method === 'POST' ? policy : undefined)).status,
      404,
    )
  const reader = { authorization: `Bearer ${await harness.key(['wallets:read'])}` }
  assert.equal((await send('GET', path, undefined, reader)).status, 200)
  for (const method of ['POST', 'DELETE'])
    assert.equal(
      (await send(method, path, method === 'POST' ? policy : undefined, reader)).body.code,
      'insufficient-scope',
    )
})

test('one key sets a policy once, at whichever server it arrives', async () => {
  const key = { 'idempotency-key': 'refills-1' }
  const before = await versions()
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, i) => (i % 2 ? send : harness.sendToOther)('POST', path, policy, key)),
  )
  assert.deepEqual(
    [...new Set(answers.map(({ status, text }) => `${status} ${text}`))].length,
    1,
    JSON.stringify(answers.map(({ text }) => text)),
  )
  assert.equal(await versions(), before + 1)
  assert.equal((await send('POST', path, { ...policy, per_refill: 1 }, key)).body.code, 'idempotency-conflict')
})

async function versions(): Promise<number> {
  const [row] = await harness.db.query<{ n: number }>('select coalesce(max(version), 0) as n from refill_policy')
  return row?.n ?? 0
}
