import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createHarness, type Harness } from './harness.ts'
import { visitWebhooks } from './webhooks.ts'

let harness: Harness
before(async () => {
  harness = await createHarness()
})
after(() => harness.close())

test('secrets are shown when they are made and nowhere else', async () => {
  const { made, rotated } = await visitWebhooks(harness)
  const shown = harness.answers.filter(({ answer }) => answer.text.includes('whsec_'))
  assert.deepEqual(
    shown.map(({ method, path }) => `${method} ${path}`),
    ['POST /webhooks', 'POST /webhooks', `POST /webhooks/${made.id}/rotate-secret`],
  )
  assert.notEqual(made.secret, rotated.secret)
  const rows = await harness.db.query<{ text: string }>('select webhook_secret::text as text from webhook_secret')
  for (const { text } of rows) assert.ok(!text.includes(Buffer.from(made.secret).toString('hex')))
})

test('the same request under one key makes one webhook, and shows its secret again', async () => {
  const body = { party_id: harness.operator.id, url: 'https://127.0.0.1/once', topics: ['*'] }
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, i) =>
      (i % 2 ? harness.send : harness.sendToOther)('POST', '/webhooks', body, { 'idempotency-key': 'hook-1' }),
    ),
  )
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201])
  assert.equal(new Set(answers.map(({ body: { secret } }) => secret)).size, 1)
  const [row] = await harness.db.query<{ count: number }>(
    `select count(*)::int as count from webhook_endpoint where url = 'https://127.0.0.1/once'`,
  )
  assert.equal(row?.count, 1)
})

test('wrong input is refused with its reason, and nothing is written', async () => {
  const party = harness.operator.id
  const good = { party_id: party, url: 'https://127.0.0.1/x', topics: ['*'] }
  const count = async () =>
    (await harness.db.query<{ n: number }>('select count(*)::int as n from webhook_endpoint'))[0]?.n
  const before = await count()
  const cases: [object, number, string][] = [
    [{ ...good, url: 'https://192.168.0.1/' }, 422, 'url'],
    [{ ...good, url: 'http://shop.example/' }, 201, ''],
    [{ ...good, url: 'https://a:b@shop.example/' }, 422, 'url'],
    [{ ...good, url: '/hooks' }, 422, 'url'],
    [{ ...good, topics: ['wallet.stolen'] }, 422, 'topics'],
    [{ ...good, topics: ['wallet'] }, 422, 'topics'],
    [{ ...good, topics: [] }, 422, 'topics'],
    [{ ...good, note: 'a\nb' }, 422, 'note'],
    [{ ...good, party_id: '0197b6a0-0000-7000-8000-000000000000' }, 404, 'party_id'],
    [{ ...good, secret: 'whsec_mine' }, 422, 'secret'],
  ]
  for (const [body, status, field] of cases) {
    const answer = await harness.send('POST', '/webhooks', body)
    assert.equal(answer.status, status, `${JSON.stringify(body)} ${answer.text}`)
    if (status !== 201) assert.equal(answer.body.field, field, answer.text)
  }
  assert.equal(await count(), (before as number) + 1)
  for (const path of ['/webhooks/x', '/webhooks/0197b6a0-0000-7000-8000-000000000000', '/deliveries/x'])
    assert.equal((await harness.send('GET', path)).status, 404)
})

test('a party has at most twenty, however many are asked for at once', async () => {
  const party = (await harness.send('POST', '/parties', { kind: 'business', name: 'Many' })).body.id
  const wish = (i: number) => ({ party_id: party, url: `https://127.0.0.1/${i}`, topics: ['*'] })
  const answers = await Promise.all(Array.from({ length: 32 }, (_, i) => harness.send('POST', '/webhooks', wish(i))))
  assert.equal(answers.filter(({ status }) => status === 201).length, 20)
  assert.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [201, 409])
})

test('a key without the scope, or of no operator, opens nothing', async () => {
  const reading = { authorization: `Bearer ${await harness.key(['webhooks:read'])}` }
  assert.equal((await harness.send('GET', '/webhooks', undefined, reading)).status, 200)
  assert.equal((await harness.send('POST', '/webhooks', {}, reading)).status, 403)
  assert.equal((await harness.send('GET', '/deliveries', undefined, reading)).status, 403)
  const party = (await harness.send('POST', '/parties', { kind: 'business', name: 'Shop' })).body.id
  const foreign = { authorization: `Bearer ${await harness.key(['webhooks:read'], party)}` }
  assert.equal((await harness.send('GET', '/webhooks', undefined, foreign)).status, 403)
})
