import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { deleteAdminAnswers } from '../../../src/storage/admin-answers.ts'
import { type Answer, createHarness, type Harness, type Send } from './harness.ts'

let harness: Harness
let send: Send
let partyId: string

before(async () => {
  harness = await createHarness()
  send = harness.send
  partyId = (await send('POST', '/parties', { kind: 'person', name: 'Ana' })).body.id
  for (const id of ['one', 'two'])
    await send('POST', '/clients', { id, party_id: partyId, name: 'x', scopes: ['balance'] })
})
after(() => harness.close())

const count = async (table: string, where = 'true') =>
  Number((await harness.db.query<{ n: bigint }>(`select count(*) as n from ${table} where ${where}`))[0]?.n)

const keyed = (key: string) => ({ 'idempotency-key': key })

/** 32 at once, half of them to another server process. */
function race(path: string, body: () => unknown, headers: Record<string, string>): Promise<Answer[]> {
  const each = Array.from({ length: 32 }, (_, i) =>
    (i % 2 ? harness.send : harness.sendToOther)('POST', path, body(), headers),
  )
  return Promise.all(each)
}

function assertOneAnswer(answers: Answer[], status: number): void {
  for (const answer of answers) assert.equal(answer.status, status, answer.text)
  assert.deepEqual(new Set(answers.map((answer) => answer.text)).size, 1)
  assert.equal(answers.filter((answer) => answer.headers.get('idempotency-replayed') === null).length, 1)
}

test('of 32 requests alike at once one creates a party, and all get its answer', async () => {
  const before = await count('party')
  assertOneAnswer(await race('/parties', () => ({ kind: 'person', name: 'Race' }), keyed('party')), 201)
  assert.equal(await count('party'), before + 1)
})

test('of 32 requests alike at once one opens a wallet, and all get its answer', async () => {
  assertOneAnswer(await race('/wallets', () => ({ id: 'us:1:USD', party_id: partyId }), keyed('wallet')), 201)
  assert.equal(await count('transaction', `kind = 'wallet-opening'`), 1)
  assert.equal(await count('account'), 1)
})

test('of 32 requests alike at once one registers a client, and all are told its secrets', async () => {
  const before = await count('client')
  const input = { party_id: partyId, name: 'Till', scopes: ['balance'] }
  const answers = await race('/clients', () => input, keyed('client'))
  assertOneAnswer(answers, 201)
  assert.match(answers[0]?.body.client_secret, /^bfs_/)
  assert.equal(await count('client'), before + 1)
})

test('of 32 requests alike with an id of their own one registers a client, and none is told that the id is taken', async () => {
  const input = { id: 'mine', party_id: partyId, name: 'Till', scopes: ['balance'] }
  assertOneAnswer(await race('/clients', () => input, keyed('client-mine')), 201)
})

test('of 32 requests alike at once one makes an API key, and all get it', async () => {
  const before = await count('api_key')
  const input = { party_id: harness.operator.id, name: 'k', scopes: ['parties:read'] }
  const answers = await race('/api-keys', () => input, keyed('api-key'))
  assertOneAnswer(answers, 201)
  assert.equal(await count('api_key'), before + 1)
  const headers = { authorization: `Bearer ${answers[0]?.body.api_key}` }
  assert.equal((await send('GET', '/parties', undefined, headers)).status, 200)
})

for (const what of ['client', 'signing'] as const) {
  test(`of 32 requests alike at once one rotates the ${what} secret, and all get the new one`, async () => {
    assertOneAnswer(await race(`/clients/one/rotate-${what}-secret`, () => undefined, keyed(`rotate-${what}`)), 200)
  })
}

test('without a key each of 32 requests is one of its own, and only one wallet of a name is opened', async () => {
  const before = await count('party')
  const parties = await race('/parties', () => ({ kind: 'person', name: 'Each' }), {})
  assert.equal(new Set(parties.map((answer) => answer.body.id)).size, 32)
  assert.equal(await count('party'), before + 32)
  const wallets = await race('/wallets', () => ({ id: 'us:2:USD', party_id: partyId }), {})
  assert.deepEqual(wallets.map((answer) => answer.status).sort(), [201, ...Array.from({ length: 31 }, () => 409)])
})

test('two contents under one key at once: one is done and the other refused, whichever was first', async () => {
  const before = await count('party')
  let turn = 0
  const answers = await race('/parties', () => ({ kind: 'person', name: `Name ${turn++ % 2}` }), keyed('either'))
  const done = answers.filter((answer) => answer.status === 201)
  assert.equal(done.length, 16)
  assert.equal(new Set(done.map((answer) => answer.text)).size, 1)
  for (const answer of answers.filter((other) => !done.includes(other)))
    assert.deepEqual([answer.status, answer.body.code], [409, 'idempotency-conflict'])
  assert.equal(await count('party'), before + 1)
})

test('a key repeated later gives the first answer, however the content is written', async () => {
  const first = await send('POST', '/wallets', { id: 'us:3:USD', party_id: partyId, upper: 10 }, keyed('later'))
  await send('PATCH', '/wallets/us:3:USD', { upper: 20 })
  const again = await send(
    'POST',
    '/wallets',
    `{"upper": 10.00, "party_id": "${partyId}", "id": "us:3:USD"}`,
    keyed('later'),
  )
  assert.deepEqual([again.status, again.text], [first.status, first.text])
  assert.equal(again.headers.get('idempotency-replayed'), 'true')
})

test('a key serves one request: not another content, route or resource', async () => {
  const body = { kind: 'person', name: 'Key' }
  await send('POST', '/parties', body, keyed('single'))
  await send('POST', '/clients/one/rotate-client-secret', undefined, keyed('rotated'))
  for (const [path, other, key] of [
    ['/parties', { ...body, name: 'Other' }, 'single'],
    ['/wallets', { id: 'us:4:USD', party_id: partyId }, 'single'],
    ['/clients/one/rotate-signing-secret', undefined, 'rotated'],
    ['/clients/two/rotate-client-secret', undefined, 'rotated'],
  ] as const) {
    const answer = await send('POST', path, other, keyed(key))
    assert.deepEqual([answer.status, answer.body.code], [409, 'idempotency-conflict'], path)
  }
})

test('a key belongs to the API key that sent it', async () => {
  const body = { kind: 'person', name: 'Ours' }
  const mine = await send('POST', '/parties', body, keyed('shared'))
  const authorization = `Bearer ${await harness.key(['parties:write'])}`
  const theirs = await send('POST', '/parties', body, { ...keyed('shared'), authorization })
  assert.equal(theirs.status, 201)
  assert.notEqual(theirs.body.id, mine.body.id)
})

test('a refused request does not use up its key', async () => {
  const nobody = '00000000-0000-4000-8000-000000000000'
  for (const [path, wrong, right] of [
    ['/parties', { kind: 'robot', name: 'x' }, { kind: 'person', name: 'x' }],
    ['/wallets', { id: 'us:5:USD', party_id: nobody }, { id: 'us:5:USD', party_id: partyId }],
    ['/wallets', { id: 'us:6:USD', party_id: partyId, lower: 2, upper: 1 }, { id: 'us:6:USD', party_id: partyId }],
    [
      '/clients',
      { id: 'one', party_id: partyId, name: 'x', scopes: ['balance'] },
      { party_id: partyId, name: 'x', scopes: ['balance'] },
    ],
  ] as const) {
    const key = keyed(`refused${path}${right.name ?? ('id' in right ? right.id : '')}`)
    assert.ok((await send('POST', path, wrong, key)).status >= 400)
    assert.equal((await send('POST', path, right, key)).status, 201, path)
  }
})

test('kept answers are sealed, and go when they are old', async () => {
  const input = { party_id: partyId, name: 'Sealed', scopes: ['balance'] }
  const { body } = await send('POST', '/clients', input, keyed('sealed'))
  const [row] = await harness.db.query<{ answer: Buffer }>(`select answer from admin_idempotency where key = 'sealed'`)
  assert.equal(row?.answer.includes(body.client_secret), false)
  assert.equal(row?.answer.includes('bfs_'), false)
  assert.equal(await deleteAdminAnswers(harness.db, new Date(Date.now() - 60_000), 100), 0)
  assert.equal(await deleteAdminAnswers(harness.db, new Date(Date.now() + 60_000), 2), 2)
})

test('a key that is no key is refused', async () => {
  for (const key of ['a b', 'é', 'x'.repeat(201)]) {
    const answer = await send('POST', '/parties', { kind: 'person', name: 'x' }, keyed(key))
    assert.deepEqual([answer.status, answer.body.code], [400, 'idempotency-key-malformed'])
  }
})

test('no fault of ours was met', () => assert.deepEqual(harness.logged, []))
