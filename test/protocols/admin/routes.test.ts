import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { uuidV7 } from '../../../src/domain/uuid.ts'
import { type Body, createHarness, type Harness, type Send } from './harness.ts'

let harness: Harness
let send: Send
let partyId: string

before(async () => {
  harness = await createHarness()
  send = harness.send
  partyId = (await send('POST', '/parties', { kind: 'person', name: ' Ana Núñez ' })).body.id
})
after(() => harness.close())

const nobody = '00000000-0000-4000-8000-000000000000'

async function transfer(source: string, target: string, amount: bigint): Promise<string> {
  const [from, to] = await Promise.all([source, target].map((id) => harness.deps.directory.find(id)))
  const transaction = uuidV7(Date.now())
  const settled = await harness.deps.ledger.submit({
    principal: 'test',
    transaction,
    kind: 'payments',
    payload: JSON.stringify({ description: 'lunch' }),
    legs: [{ type: 'transfer', source: from?.id as bigint, target: to?.id as bigint, amount }],
    answer: () => ({ status: 0, body: '{}' }),
  })
  assert.equal(settled.outcome?.accepted, true)
  return transaction
}

test('a party is created, shown, and found in the list', async () => {
  const created = await send('POST', '/parties', { kind: 'business', name: 'Café Río' })
  assert.equal(created.status, 201)
  assert.match(created.body.created_at, /^\d{4}-\d\d-\d\dT.*Z$/)
  const shown = await send('GET', `/parties/${created.body.id}`)
  assert.deepEqual(shown.body, created.body)
  const listed = await send('GET', '/parties')
  assert.deepEqual(
    listed.body.items.find((party: Body) => party.id === created.body.id),
    created.body,
  )
  assert.equal((await send('GET', `/parties/${partyId}`)).body.name, 'Ana Núñez')
})

test('lists have pages that together hold everything once', async () => {
  for (let i = 0; i < 5; i++) await send('POST', '/parties', { kind: 'person', name: `Nr ${i}` })
  const whole = (await send('GET', '/parties?limit=100')).body.items.map((party: Body) => party.id)
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const { body }: Body = await send('GET', `/parties?limit=2${cursor ? `&cursor=${cursor}` : ''}`)
    seen.push(...body.items.map((party: Body) => party.id))
    cursor = body.next
  } while (cursor)
  assert.deepEqual(seen, whole)
})

test('a wallet is opened with its limits and shown under both ids', async () => {
  const opened = await send('POST', '/wallets', { id: 'US:100:usd', party_id: partyId, lower: '-50.00', upper: 1e3 })
  assert.equal(opened.status, 201)
  assert.equal(opened.body.id, 'us:100:USD')
  assert.equal(opened.body.balance, 0)
  assert.equal(opened.body.lower, -50)
  assert.equal(opened.body.upper, 1000)
  assert.equal(opened.body.circle, 'public')
  assert.equal(opened.body.status, 'open')
  assert.deepEqual((await send('GET', '/wallets/us:100:USD')).body, opened.body)
  assert.deepEqual((await send('GET', '/wallets/US%3a100%3AUSD')).body, opened.body)
  assert.deepEqual((await send('GET', `/wallets/${opened.body.opaque_id}`)).body, opened.body)
})

test('a wallet without limits starts at a floor of zero', async () => {
  const { body } = await send('POST', '/wallets', { id: 'us:101:USD', party_id: partyId })
  assert.equal(body.lower, 0)
  assert.equal(body.upper, null)
})

test('the ledger knows which key opened a wallet', async () => {
  await send('POST', '/wallets', { id: 'us:102:USD', party_id: partyId })
  const [row] = await harness.db.query<{ principal: string }>(
    `select principal from transaction where kind = 'wallet-opening' and payload like '%us:102:USD%'`,
  )
  const [key] = await harness.db.query<{ id: string }>('select id from api_key where party_id = $1', [
    harness.operator.id,
  ])
  assert.equal(row?.principal, `api-key:${key?.id}`)
})

test('a unit of account outside ISO 4217 keeps the decimals of its first wallet', async () => {
  const points = { party_id: partyId, circle: 'loyalty' }
  assert.equal((await send('POST', '/wallets', { ...points, id: 'us:1:PTS' })).body.field, 'exponent')
  const first = await send('POST', '/wallets', { ...points, id: 'us:1:PTS', exponent: 1, upper: '99.5' })
  assert.equal(first.body.upper, 99.5)
  assert.equal((await send('POST', '/wallets', { ...points, id: 'us:2:PTS' })).body.exponent, 1)
  const other = await send('POST', '/wallets', { ...points, id: 'us:3:PTS', exponent: 2 })
  assert.deepEqual([other.status, other.body.field], [422, 'exponent'])
})

test('wallets are listed by owner', async () => {
  const owner = (await send('POST', '/parties', { kind: 'person', name: 'Owner' })).body.id
  for (const number of ['201', '202', '203'])
    await send('POST', '/wallets', { id: `us:${number}:EUR`, party_id: owner })
  const first = (await send('GET', `/wallets?party_id=${owner}&limit=2`)).body
  assert.deepEqual(
    first.items.map((wallet: Body) => wallet.id),
    ['us:201:EUR', 'us:202:EUR'],
  )
  const second = (await send('GET', `/wallets?party_id=${owner}&limit=2&cursor=${first.next}`)).body
  assert.deepEqual(
    second.items.map((wallet: Body) => wallet.id),
    ['us:203:EUR'],
  )
  assert.equal(second.next, null)
})

test('limits change together or not at all, and not below what the balance needs', async () => {
  await send('POST', '/wallets', { id: 'us:300:USD', party_id: partyId, lower: null })
  await send('POST', '/wallets', { id: 'us:301:USD', party_id: partyId })
  await transfer('us:300:USD', 'us:301:USD', 2500n)
  const changed = await send('PATCH', '/wallets/us:301:USD', { lower: 25, upper: '30.5' })
  assert.deepEqual([changed.status, changed.body.lower, changed.body.upper, changed.body.balance], [200, 25, 30.5, 25])
  const broken = await send('PATCH', '/wallets/us:301:USD', { lower: 0, upper: 24.99 })
  assert.deepEqual([broken.status, broken.body.code], [409, 'conflict'])
  assert.equal((await send('GET', '/wallets/us:301:USD')).body.lower, 25)
  const crossed = await send('PATCH', '/wallets/us:301:USD', { lower: 31 })
  assert.equal(crossed.status, 422)
  assert.equal((await send('PATCH', '/wallets/us:301:USD', { upper: null })).body.upper, null)
})

test('a wallet freezes, thaws, and closes only when it is empty', async () => {
  await send('POST', '/wallets', { id: 'us:310:USD', party_id: partyId, lower: null })
  await send('POST', '/wallets', { id: 'us:311:USD', party_id: partyId })
  assert.equal((await send('PATCH', '/wallets/us:311:USD', { status: 'frozen' })).body.status, 'frozen')
  assert.equal((await send('PATCH', '/wallets/us:311:USD', { status: 'open' })).body.status, 'open')
  await transfer('us:310:USD', 'us:311:USD', 1n)
  const early = await send('PATCH', '/wallets/us:311:USD', { status: 'closed' })
  assert.deepEqual([early.status, early.body.code, early.body.field], [409, 'conflict', 'status'])
  await transfer('us:311:USD', 'us:310:USD', 1n)
  assert.equal((await send('PATCH', '/wallets/us:311:USD', { status: 'closed' })).body.status, 'closed')
  assert.equal((await send('PATCH', '/wallets/us:311:USD', { status: 'open' })).status, 409)
})

test('a parent is set and taken away, never in a circle or across currencies', async () => {
  for (const id of ['us:320:USD', 'us:321:USD', 'us:322:EUR']) await send('POST', '/wallets', { id, party_id: partyId })
  assert.equal((await send('PATCH', '/wallets/us:321:USD', { parent: 'US:320:usd' })).body.parent, 'us:320:USD')
  for (const [id, parent, status] of [
    ['us:320:USD', 'us:321:USD', 422],
    ['us:320:USD', 'us:320:USD', 422],
    ['us:320:USD', 'us:322:EUR', 422],
    ['us:320:USD', 'us:999:USD', 404],
    ['us:320:USD', 'no id', 404],
  ] as const) {
    const refused = await send('PATCH', `/wallets/${id}`, { parent })
    assert.deepEqual([refused.status, refused.body.field], [status, 'parent'], parent)
  }
  assert.equal((await send('PATCH', '/wallets/us:321:USD', { parent: null })).body.parent, null)
  const both = await send('PATCH', '/wallets/us:321:USD', { parent: 'us:320:USD', status: 'closed' })
  assert.deepEqual([both.status, both.body.field], [422, 'parent'])
  assert.equal((await send('PATCH', '/wallets/us:321:USD', {})).status, 422)
})

test('a statement and the balances of the past agree', async () => {
  await send('POST', '/wallets', { id: 'us:330:USD', party_id: partyId, lower: null })
  await send('POST', '/wallets', { id: 'us:331:USD', party_id: partyId })
  const references: string[] = []
  for (const amount of [100n, 250n, 3n]) references.unshift(await transfer('us:330:USD', 'us:331:USD', amount))
  const first = (await send('GET', '/wallets/us:331:USD/statement?limit=2')).body
  const second = (await send('GET', `/wallets/us:331:USD/statement?limit=2&cursor=${first.next}`)).body
  const lines = [...first.items, ...second.items]
  assert.deepEqual(
    lines.map((line) => [line.entry, line.amount, line.balance, line.reference]),
    [
      [3, 0.03, 3.53, references[0]],
      [2, 2.5, 3.5, references[1]],
      [1, 1, 1, references[2]],
    ],
  )
  assert.deepEqual(lines[0].details, { description: 'lunch' })
  assert.equal(lines[0].counterparty, 'us:330:USD')
  assert.equal(second.next, null)
  const balance = async (at: string) => (await send('GET', `/wallets/us:331:USD/balance?at=${at}`)).body.balance
  assert.equal((await send('GET', '/wallets/us:331:USD/balance')).body.balance, 3.53)
  for (const line of lines) {
    const latest = lines.find((other) => other.at === line.at)
    assert.equal(await balance(line.at), latest.balance)
  }
  assert.equal(await balance('2001-01-01T00:00:00Z'), 0)
  assert.equal(await balance('0000-01-01T00:00:00Z'), 0)
  assert.equal(await balance('9999-12-31T23:59:59-12:00'), 3.53)
})

test('the secrets of a client are shown once, each rotation gives another, and a disabled client stays so', async () => {
  const input = { id: 'till', party_id: partyId, name: 'Till', scopes: ['balance', 'payments'] }
  const created = await send('POST', '/clients', input)
  assert.equal(created.status, 201)
  const { client_secret, signing_secret, ...rest } = created.body
  assert.match(client_secret, /^bfs_/)
  assert.match(signing_secret, /^bfh_/)
  assert.deepEqual((await send('GET', '/clients/till')).body, rest)
  const listed = await send('GET', '/clients')
  assert.doesNotMatch(listed.text, /bfs_|bfh_|secret/)
  const rotated = await send('POST', '/clients/till/rotate-client-secret')
  assert.match(rotated.body.client_secret, /^bfs_/)
  assert.notEqual(rotated.body.client_secret, client_secret)
  const signing = await send('POST', '/clients/till/rotate-signing-secret', {})
  assert.notEqual(signing.body.signing_secret, signing_secret)
  const disabled = await send('POST', '/clients/till/disable')
  assert.match(disabled.body.disabled_at, /Z$/)
  assert.deepEqual((await send('POST', '/clients/till/disable')).body, disabled.body)
})

test('where a client’s answers go is changed, and the implicit flow only where there is an address', async () => {
  const party_id = harness.operator.id
  await send('POST', '/clients', { id: 'kiosk', party_id, name: 'Kiosk', scopes: ['balance'] })
  const shown = await send('GET', '/clients/kiosk')
  assert.deepEqual([shown.body.redirect_uris, shown.body.implicit], [[], false])
  assert.equal((await send('PATCH', '/clients/kiosk', { implicit: true })).status, 422)
  const redirect_uris = ['https://kiosk.example/back', 'http://127.0.0.1/back']
  const changed = await send('PATCH', '/clients/kiosk', { redirect_uris, implicit: true })
  assert.deepEqual([changed.status, changed.body.redirect_uris, changed.body.implicit], [200, redirect_uris, true])
  assert.equal((await send('PATCH', '/clients/kiosk', { redirect_uris: [] })).status, 422)
  for (const uri of [
    'http://kiosk.example/',
    'https://a.example/#x',
    'https://u:p@a.example/',
    'kiosk:/back',
    '/back',
    '',
  ])
    assert.equal((await send('PATCH', '/clients/kiosk', { redirect_uris: [uri] })).status, 422, uri)
  assert.deepEqual((await send('PATCH', '/clients/kiosk', { implicit: false })).body.redirect_uris, redirect_uris)
  assert.equal((await send('PATCH', '/clients/nobody', { implicit: false })).status, 404)
})

test('a public client has no secrets and none to rotate', async () => {
  const redirect_uris = ['https://shop.example/cb']
  const input = { party_id: partyId, name: 'Shop', public: true, scopes: ['balance'], redirect_uris }
  const { body } = await send('POST', '/clients', input)
  assert.deepEqual([body.client_secret, body.signing_secret, body.redirect_uris], [null, null, redirect_uris])
  assert.equal((await send('POST', `/clients/${body.id}/rotate-client-secret`)).status, 404)
})

test('a made key works until it is revoked, and is listed without itself', async () => {
  const input = { party_id: harness.operator.id, name: 'Reports', scopes: ['parties:read'] }
  const { body } = await send('POST', '/api-keys', input)
  assert.match(body.api_key, /^bfk_/)
  const headers = { authorization: `Bearer ${body.api_key}` }
  assert.equal((await send('GET', '/parties', undefined, headers)).status, 200)
  assert.doesNotMatch((await send('GET', '/api-keys')).text, /bfk_/)
  const revoked = await send('DELETE', `/api-keys/${body.id}`)
  assert.deepEqual([revoked.status, revoked.text], [204, ''])
  assert.equal((await send('GET', '/parties', undefined, headers)).status, 401)
  assert.equal((await send('DELETE', `/api-keys/${body.id}`)).status, 204)
})

test('what is not there is a 404 that names what is meant', async () => {
  for (const [method, path, body, field] of [
    ['GET', `/parties/${nobody}`, undefined, 'party_id'],
    ['GET', '/parties/%00', undefined, 'party_id'],
    ['GET', '/wallets/us:404:USD', undefined, 'id'],
    ['GET', '/wallets/%00', undefined, 'id'],
    ['GET', '/wallets/a:b%00:USD/balance', undefined, 'id'],
    ['PATCH', '/wallets/us:404:USD', { lower: 0 }, 'id'],
    ['GET', '/clients/nobody', undefined, 'client_id'],
    ['GET', '/clients/%E0%A4%A', undefined, 'client_id'],
    ['POST', '/clients/a%00b/disable', undefined, 'client_id'],
    ['DELETE', `/api-keys/${nobody}`, undefined, 'id'],
    ['POST', '/wallets', { id: 'us:405:USD', party_id: nobody }, 'party_id'],
    ['POST', '/wallets', { id: 'us:405:USD', party_id: partyId, parent: 'us:404:USD' }, 'parent'],
  ] as const) {
    const answer = await send(method, path, body)
    assert.deepEqual(
      [answer.status, answer.body?.code, answer.body?.field],
      [404, 'not-found', field],
      `${method} ${path}`,
    )
  }
})

test('what exists already is a 409', async () => {
  const wallet = { id: 'us:409:USD', party_id: partyId }
  await send('POST', '/wallets', wallet)
  const client = { id: 'taken', party_id: partyId, name: 'x', scopes: ['balance'] }
  await send('POST', '/clients', client)
  for (const [path, body] of [
    ['/wallets', wallet],
    ['/clients', client],
  ] as const) {
    const answer = await send('POST', path, body)
    assert.deepEqual([answer.status, answer.body.code, answer.body.field], [409, 'already-exists', 'id'])
  }
})

test('no fault of ours was met', () => assert.deepEqual(harness.logged, []))
