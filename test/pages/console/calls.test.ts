import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import { createCredential } from '../../../src/operations/gift-cards/create-partner.ts'
import { listApiCalls } from '../../../src/storage/api-calls.ts'
import { findPartnerListing } from '../../../src/storage/partners.ts'
import { claimsV2, makeToken } from '../../protocols/jackpot/harness.ts'
import { call as callTillo } from '../../protocols/tillo/harness.ts'
import { call as callWalleo, nowInSeconds } from '../../protocols/walleo/harness.ts'
import { send } from '../../support/wallet-client.ts'
import type { Visitor } from '../visitor.ts'
import { type Console, startConsole } from './harness.ts'

let server: Console
let owner: Visitor
let party: string
let walleo: Parameters<typeof callWalleo>[1]

before(async () => {
  server = await startConsole()
  const { api_key: apiKey, identifier, shared_key: sharedKey } = server.sandbox.walleo
  walleo = { apiKey, identifier, sharedKey }
  const [partner] = await server.db.query<{ party_id: string }>('select party_id from partner order by id limit 1')
  party = partner?.party_id ?? ''
  owner = await server.visitor('owner', party)
})
after(() => server.stop())

/** What was written down since, oldest first. */
async function recorded(work: () => Promise<unknown>) {
  await server.assembly.calls.flush()
  await server.db.query('truncate api_call')
  await work()
  await server.assembly.calls.flush()
  const rows = [...(await listApiCalls(server.db, {}, { limit: 100 })).rows].reverse()
  // Whatever was sent: no key, secret, signature or token is ever written down.
  const { walleo: w, tillo: t, jackpot: j, pledg: p } = server.sandbox
  const text = JSON.stringify(rows)
  for (const secret of [w.api_key, w.shared_key, t.api_key, t.secret, j.api_key, j.api_signature, j.client_secret])
    assert.ok(!text.includes(secret))
  for (const secret of [p.api_key, p.api_secret, p.merchant_secret]) assert.ok(!text.includes(secret))
  assert.doesNotMatch(text, /[0-9a-f]{64}|eyJ/)
  return rows
}

const told = (rows: Awaited<ReturnType<typeof recorded>>) =>
  rows.map(({ protocol, route, status, code, failed }) => [protocol, route, status, code, failed].join(' '))

const body = { card: { gift_card_code: 'nobody-sells-this', amount: 10 } }

test('a Walleo call is told with its request id and error, and each failed proof with the check that failed', async () => {
  const rows = await recorded(async () => {
    const call = (twist: Parameters<typeof callWalleo>[5] = {}, key = walleo) =>
      callWalleo(server.url, key, 'POST', '/cards', body, twist)
    await callWalleo(server.url, walleo, 'GET', '/gift_cards')
    await call({ requestId: 'request-1' })
    await call({ payload: '{}' })
    await call({ timestamp: nowInSeconds() - 4_000 })
    await call({ timestamp: `${Date.now()}`.slice(0, 12) })
    await call({}, { ...walleo, identifier: '00000000-0000-4000-8000-000000000000' })
    await call({ authorization: ({ apiKey }) => `Bearer ${apiKey}, Id=x` })
    await call({}, { ...walleo, apiKey: 'nobody-has-this-key' })
  })
  assert.deepEqual(told(rows), [
    'walleo /gift_cards 200  ',
    'walleo /cards 404 gift_card_not_found ',
    'walleo /cards 401 invalid_signature wrong-signature',
    'walleo /cards 401 invalid_signature stale-timestamp',
    'walleo /cards 401 invalid_signature future-timestamp',
    'walleo /cards 401 unauthorized unknown-credentials',
    'walleo /cards 401 unauthorized missing-signature',
  ])
  assert.equal(rows[1]?.request_id, 'request-1')
  assert.match(String(rows[2]?.facts?.signed), /^POST\+https?:\/\/[^+]+\/partners\/v1\/cards\+\{body: \d+ bytes\}\+/)
  assert.ok(Math.abs(Number(rows[3]?.facts?.skew) - 4_000) < 5)
})

test('Tillo, Jackpot and Pledg calls are told the same way', async () => {
  const tillo = { apiKey: server.sandbox.tillo.api_key, secret: server.sandbox.tillo.secret }
  const { api_key: key, api_signature: secret, client_secret: machine } = server.sandbox.jackpot
  const json = (path: string, value: object, headers: Record<string, string> = {}) =>
    send(server.url, path, {
      method: 'POST',
      body: JSON.stringify(value),
      headers: { 'content-type': 'application/json', ...headers },
    })
  const assertion = (signature: string, claims: object = {}) =>
    json('/v2/token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      client_id: key,
      assertion: makeToken(signature, claimsV2(claims)),
    })
  const rows = await recorded(async () => {
    await callTillo(server.url, tillo, 'GET', 'brands')
    await callTillo(server.url, tillo, 'POST', 'digital/issue', { client_request_id: 'tillo-1', brand: 'x' })
    await callTillo(server.url, { ...tillo, secret: 'wrong' }, 'GET', 'check-floats')
    await callTillo(server.url, tillo, 'GET', 'brands', undefined, { timestamp: Date.now() - 3_600_000 })
    await assertion(secret, { notificationKey: 'user-1' })
    await assertion('wrong')
    await assertion(secret, { iat: nowInSeconds() - 3_600 })
    await json('/v2/token', { grant_type: 'client_credentials', client_id: key, client_secret: `${machine}x` })
    await send(server.url, '/v2/stores', { method: 'GET', headers: { apikey: key } })
  })
  assert.deepEqual(told(rows), [
    'tillo /brands 200  ',
    'tillo /digital/issue 400 070 ',
    'tillo /check-floats 401 434 wrong-signature',
    'tillo /brands 401 434 stale-timestamp',
    'jackpot /v2/token 200  ',
    'jackpot /v2/token 400 invalid_grant wrong-signature',
    'jackpot /v2/token 400 invalid_grant stale-token',
    'jackpot /v2/token 401 invalid_client wrong-secret',
    'jackpot /v2/stores 200  ',
  ])
  assert.equal(rows[1]?.request_id, 'tillo-1')
  assert.match(String(rows[2]?.facts?.signed), /^\{API-Key\}-GET-check-floats-\d{13}$/)
  assert.equal(rows[4]?.request_id, 'user-1')
})

test('requests of a merchant are told to it: what it signs, what it asks with its key, and what others try with either', async () => {
  const merchant = server.sandbox.pledg
  const json = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const sign = (secret: string, reference: string) => {
    const data = {
      merchantUid: merchant.merchant_uid,
      amountCents: 5_000,
      email: 'ada@shop.example',
      firstName: 'Ada',
      lastName: 'Moreno',
      reference,
      title: 'A chair',
      redirectUrl: 'http://127.0.0.1:9/thanks',
      cancelUrl: 'http://127.0.0.1:9/basket',
    }
    const text = `${json({ alg: 'HS256', typ: 'JWT' })}.${json({ data })}`
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
  }
  const token = (secret: string) =>
    send(server.url, '/api/token', {
      method: 'POST',
      body: 'grant_type=client_credentials',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${Buffer.from(`${merchant.api_key}:${secret}`).toString('base64')}`,
      },
    })
  const rows = await recorded(async () => {
    await send(server.url, `/api/purchase_link/?signature=${sign(merchant.merchant_secret, 'reference-1')}`, {
      method: 'POST',
    })
    await send(server.url, `/api/purchase_link/?signature=${sign('wrong', 'reference-2')}`, { method: 'POST' })
    await send(server.url, `/purchase?signature=${sign('wrong', 'reference-3')}`)
    const { body } = await token(merchant.api_secret)
    await token('wrong')
    const headers = { authorization: `Bearer ${body.access_token}` }
    await send(server.url, `/api/merchants/${merchant.merchant_uid}/purchases/pur_none`, { headers })
  })
  assert.deepEqual(told(rows), [
    'pledg /api/purchase_link/ 201  ',
    'pledg /api/purchase_link/ 401 authentication_error wrong-signature',
    'pledg /purchase 401 authentication_error wrong-signature',
    'pledg /api/token 200  ',
    'pledg /api/token 401 invalid_client wrong-secret',
    'pledg /api/merchants/:merchant/purchases/:purchase 404 not_found ',
  ])
  assert.deepEqual(
    rows.map(({ request_id }) => request_id),
    ['reference-1', 'reference-2', 'reference-3', null, null, 'pur_none'],
  )
  assert.equal(rows[2]?.address, null, 'the address is a customer’s')
})

test('an address that is not on the list is told to the owner, and its sender learns no more than a stranger', async () => {
  const partner = await findPartnerListing(
    server.db,
    (await server.db.query<{ id: string }>('select id from partner order by id limit 1'))[0]?.id ?? '',
  )
  assert.ok(partner)
  const made = await createCredential(server.assembly, partner, 'walleo', ['203.0.113.0/24'])
  const listed = { apiKey: made.apiKey, identifier: made.identifier as string, sharedKey: made.secret }
  const answers: string[] = []
  const rows = await recorded(async () => {
    for (const key of [listed, { ...listed, apiKey: 'nobody-has-this-key' }]) {
      const answer = await callWalleo(server.url, key, 'GET', '/gift_cards')
      answers.push(`${answer.status} ${answer.text}`)
    }
  })
  assert.equal(answers[0], answers[1])
  assert.deepEqual(told(rows), ['walleo /gift_cards 401 unauthorized address'])
  assert.equal(rows[0]?.credential_id, made.id)
})

test('the list shows the own calls with their reasons, the detail what to compare and where to go on', async () => {
  await recorded(async () => {
    await callWalleo(server.url, walleo, 'POST', '/cards', body, { payload: '{}' })
    await callWalleo(server.url, walleo, 'GET', '/gift_cards')
  })
  const { text } = await owner.get('/console/calls')
  assert.match(text, /The signature does not fit the request/)
  const id = /\/console\/calls\/([0-9a-f-]{36})"[^>]*>(?:(?!<\/tr>).)*401 invalid_signature/s.exec(text)?.[1]
  assert.ok(id)
  const detail = await owner.get(`/console/calls/${id}`)
  assert.equal(detail.status, 200)
  assert.match(detail.text, /POST\+https?:/)
  assert.match(detail.text, /href="\/tools\/signature#walleo"/)
  assert.match(
    (await owner.get(`/console/calls/${id}`, { 'accept-language': 'fr' })).text,
    /signature ne correspond pas/,
  )

  for (const [search, shown] of [
    ['?status=refused', ['401']],
    ['?status=200&protocol=walleo', ['200']],
    ['?protocol=tillo', []],
    ['?route=gift', ['200']],
    ['?from=2000-01-01&to=2000-12-31', []],
    ['?from=not-a-day&status=nonsense&after=nonsense', ['200', '401']],
  ] as const) {
    const list = await owner.get(`/console/calls${search}`)
    const tags = [...list.text.matchAll(/class="tag \w+">(\d{3})/g)].map(([, status]) => status)
    assert.deepEqual(tags.sort(), [...shown], search)
  }
  const csv = await owner.get('/console/calls.csv?status=refused')
  assert.match(csv.headers.get('content-type') ?? '', /^text\/csv/)
  assert.equal(csv.text.trim().split('\r\n').length, 2)

  // Another business finds neither; an operator finds both, also by business.
  const other = await server.visitor('owner')
  assert.equal((await other.get(`/console/calls/${id}`)).status, 404)
  assert.doesNotMatch((await other.get(`/console/calls?business=${party}`)).text, new RegExp(id))
  assert.equal((await other.get('/console/calls.csv')).text.trim().split('\r\n').length, 1)
  const operator = await server.visitor('operator')
  assert.match((await operator.get(`/console/calls?business=${party}`)).text, new RegExp(id))
  assert.equal((await operator.get(`/console/calls/${id}`)).status, 200)
  assert.doesNotMatch((await operator.get('/console/calls?business=nobody')).text, new RegExp(id))
})
