import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { LedgerUnavailable } from '../../../src/ledger/command.ts'
import { createParty } from '../../../src/operations/create-party.ts'
import { PROBLEM_CODES } from '../../../src/protocols/admin/problem.ts'
import { adminRoutes, createAdmin } from '../../../src/protocols/admin/routes.ts'
import { openDatabase } from '../../../src/storage/database.ts'
import { freePort } from '../../support/server-process.ts'
import { createHarness, type Harness, type Send } from './harness.ts'

let harness: Harness
let send: Send
let partyId: string

before(async () => {
  harness = await createHarness()
  send = harness.send
  partyId = (await send('POST', '/parties', { kind: 'person', name: 'Ana' })).body.id
})
after(() => harness.close())

test('every route asks for a key, and for a good one', async () => {
  for (const { method, path } of adminRoutes) {
    const missing = await send(method, path.replaceAll(/\{\w+\}/g, 'x'), undefined, { authorization: '' })
    assert.equal(missing.status, 401, path)
    assert.equal(missing.headers.get('www-authenticate'), 'Bearer realm="admin"')
    for (const authorization of ['Bearer bfk_', `Bearer bfk_${'A'.repeat(43)}`, 'Basic eDp5', harness.operatorKey]) {
      const answer = await send(method, path.replaceAll(/\{\w+\}/g, 'x'), undefined, { authorization })
      assert.deepEqual([answer.status, answer.body.code], [401, 'invalid-token'])
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer realm="admin", error="invalid_token"/)
    }
  }
})

test('every route asks for its scope, and no other will do', async () => {
  for (const { method, path, scope } of adminRoutes) {
    const others = [...new Set(adminRoutes.map((route) => route.scope))].filter((other) => other !== scope)
    const authorization = `Bearer ${await harness.key(others)}`
    const answer = await send(method, path.replaceAll(/\{\w+\}/g, 'x'), undefined, { authorization })
    assert.deepEqual([answer.status, answer.body.code], [403, 'insufficient-scope'], `${method} ${path}`)
    assert.equal(
      answer.headers.get('www-authenticate'),
      `Bearer realm="admin", error="insufficient_scope", scope="${scope}"`,
    )
  }
})

test('the key of a party that is no operator opens nothing', async () => {
  const partner = await createParty(harness.deps, { kind: 'business', name: 'Partner' })
  const authorization = `Bearer ${await harness.key(['parties:read'], partner.id)}`
  const answer = await send('GET', '/parties', undefined, { authorization })
  assert.deepEqual([answer.status, answer.body.code], [403, 'operator-required'])
})

test('a key makes no key that may do more than itself', async () => {
  const authorization = `Bearer ${await harness.key(['api-keys:write', 'parties:read'])}`
  const input = (scopes: string[]) => ({ party_id: harness.operator.id, name: 'k', scopes })
  const more = await send('POST', '/api-keys', input(['parties:read', 'clients:write']), { authorization })
  assert.deepEqual([more.status, more.body.code, more.body.field], [403, 'insufficient-scope', 'scopes'])
  assert.equal((await send('POST', '/api-keys', input(['parties:read']), { authorization })).status, 201)
})

test('unknown routes and wrong methods are refused in the same form', async () => {
  for (const path of ['', '/', '/nothing', '/parties/', '/parties/x/y', '/wallets/us:1:USD/nothing']) {
    const answer = await send('GET', path)
    assert.deepEqual([answer.status, answer.body.code], [404, 'route-not-found'], path)
  }
  for (const [method, path, allow] of [
    ['DELETE', '/parties', 'GET, HEAD, POST'],
    ['PUT', '/wallets/us:1:USD', 'GET, HEAD, PATCH'],
    ['GET', '/clients/x/disable', 'POST'],
    ['OPTIONS', '/parties', 'GET, HEAD, POST'],
    ['POST', '/openapi.json', 'GET, HEAD'],
  ] as const) {
    const answer = await send(method, path)
    assert.deepEqual([answer.status, answer.body.code], [405, 'method-not-allowed'], path)
    assert.equal(answer.headers.get('allow'), allow)
    assert.equal(answer.headers.get('access-control-allow-origin'), null)
  }
})

test('a body that is no good JSON is refused by what is wrong with it', async () => {
  const body = (text: string) => send('POST', '/parties', text)
  for (const [text, code] of [
    ['', 'json-malformed'],
    ['{', 'json-malformed'],
    ['{"kind": "person", "name": "x",}', 'json-malformed'],
    ['{"kind": "person", "name": "x", "name": "y"}', 'json-duplicate-member'],
    ['{"kind": "person", "name": "x", "n\\u0061me": "y"}', 'json-duplicate-member'],
    ['{"__proto__": {}, "kind": "person", "name": "x"}', 'json-forbidden-member'],
    ['{"kind": "person", "name": "\\u0000"}', 'json-nul-character'],
    ['{"kind": "person", "name": "\\ud800"}', 'json-lone-surrogate'],
    ['{"kind": "person", "name": 0.10000000000000000555}', 'json-number-inexact'],
    ['{"kind": "person", "name": 1e400}', 'json-number-out-of-range'],
    [`{"name": ${'['.repeat(20)}${']'.repeat(20)}}`, 'json-too-deep'],
  ] as const) {
    const answer = await body(text)
    assert.deepEqual([answer.status, answer.body.code], [400, code], text)
  }
  const type = await send('POST', '/parties', 'kind=person', { 'content-type': 'application/x-www-form-urlencoded' })
  assert.deepEqual([type.status, type.body.code], [415, 'unsupported-media-type'])
  assert.equal((await send('POST', '/parties')).status, 415)
  const large = await body(JSON.stringify({ kind: 'person', name: 'x'.repeat(70_000) }))
  assert.deepEqual([large.status, large.body.code], [413, 'body-too-large'])
})

test('a wrong member is named with its path', async () => {
  const client = { party_id: partyId, name: 'x', scopes: ['balance'] }
  const wallet = { id: 'us:1:USD', party_id: partyId }
  for (const [path, body, field] of [
    ['/parties', {}, 'kind'],
    ['/parties', { kind: 'robot', name: 'x' }, 'kind'],
    ['/parties', { kind: 'person', name: '' }, 'name'],
    ['/parties', { kind: 'person', name: '   ' }, 'name'],
    ['/parties', { kind: 'person', name: 'a\u001b[2Jb' }, 'name'],
    ['/parties', { kind: 'person', name: 'x'.repeat(201) }, 'name'],
    ['/parties', { kind: 'person', name: 'x', age: 3 }, 'age'],
    ['/parties', { kind: 'person', name: 'x', constructor: 3 }, 'constructor'],
    ['/parties', [], undefined],
    ['/parties', 'null', undefined],
    ['/clients', { ...client, scopes: ['balance', 'everything'] }, 'scopes.1'],
    ['/clients', { ...client, scopes: [] }, 'scopes'],
    ['/clients', { ...client, redirect_uris: ['http://far.example/'] }, 'redirect_uris'],
    ['/clients', { ...client, id: 'a b' }, 'id'],
    ['/clients', { ...client, party_id: 7 }, 'party_id'],
    ['/clients/x/disable', { now: true }, undefined],
    ['/wallets', { ...wallet, id: 'us:1' }, 'id'],
    ['/wallets', { ...wallet, id: 'admin:1:USD' }, 'id'],
    ['/wallets', { ...wallet, id: 'us:1:XXXXXXXXXXXXX' }, 'id'],
    ['/wallets', { ...wallet, circle: 'No Circle' }, 'circle'],
    ['/wallets', { ...wallet, exponent: 3 }, 'exponent'],
    ['/wallets', { ...wallet, exponent: 1.5 }, 'exponent'],
    ['/wallets', { ...wallet, exponent: 99 }, 'exponent'],
    ['/wallets', { ...wallet, lower: '1e3' }, 'lower'],
    ['/wallets', { ...wallet, lower: true }, 'lower'],
    ['/wallets', { ...wallet, lower: 0.001 }, 'lower'],
    ['/wallets', { ...wallet, upper: '10000000000000000' }, 'upper'],
    ['/wallets', { ...wallet, upper: -1 }, 'lower'],
    ['/api-keys', { party_id: partyId, name: 'x', scopes: ['root'] }, 'scopes.0'],
  ] as const) {
    const answer = await send('POST', path, body)
    const expected = [422, 'invalid-input', field]
    assert.deepEqual([answer.status, answer.body.code, answer.body.field], expected, JSON.stringify(body))
  }
})

test('a wrong parameter of the query is named', async () => {
  for (const [path, field] of [
    ['/parties?limit=0', 'limit'],
    ['/parties?limit=101', 'limit'],
    ['/parties?limit=1e1', 'limit'],
    ['/parties?limit=5&limit=6', 'limit'],
    ['/parties?cursor=x', 'cursor'],
    ['/parties?offset=5', 'offset'],
    ['/parties?__proto__=5', '__proto__'],
    ['/wallets?cursor=-1', 'cursor'],
    ['/wallets?cursor=9999999999999999999999', 'cursor'],
    ['/wallets?party_id=%00', 'party_id'],
    ['/clients?cursor=%00', 'cursor'],
    ['/wallets/us:1:USD/balance?at=yesterday', 'at'],
    ['/wallets/us:1:USD/balance?at=2026-02-30T00:00:00Z', 'at'],
    ['/wallets/us:1:USD/statement?cursor=0', 'cursor'],
    [`/parties/${partyId}?expand=all`, 'expand'],
  ] as const) {
    const answer = await send('GET', path)
    assert.deepEqual([answer.status, answer.body.code, answer.body.field], [422, 'invalid-input', field], path)
  }
})

test('bodies that are not what they say come to a clean end over a real connection', async () => {
  const url = await harness.listen()
  const post = (headers: Record<string, string>, chunks: Buffer[]) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const authorization = `Bearer ${harness.operatorKey}`
      const req = request(`${url}/admin/v1/parties`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', ...headers },
      })
      req.on('error', reject)
      req.on('response', async (res) => {
        let text = ''
        for await (const chunk of res) text += chunk
        resolve({ status: res.statusCode ?? 0, text })
      })
      for (const chunk of chunks) req.write(chunk)
      req.end()
    })
  const large = await post(
    {},
    Array.from({ length: 8 }, () => Buffer.alloc(60_000, 'x')),
  )
  assert.deepEqual([large.status, JSON.parse(large.text).code], [413, 'body-too-large'])
  const bytes = await post({}, [Buffer.from([0x22, 0xff, 0x22])])
  assert.deepEqual([bytes.status, JSON.parse(bytes.text).code], [400, 'body-not-utf8'])
  const marked = await post({}, [Buffer.from('\ufeff{"kind":"person","name":"x"}')])
  assert.deepEqual([marked.status, JSON.parse(marked.text).code], [400, 'json-malformed'])
})

test('a HEAD request is answered as its GET, without a body', async () => {
  const answer = await send('HEAD', `/parties/${partyId}`)
  assert.deepEqual([answer.status, answer.text], [200, ''])
})

test('a ledger that cannot answer is a 503 that says whether to repeat, and a fault a 500 that says nothing', async () => {
  const wallet = { id: 'us:503:USD', party_id: partyId }
  const post = async (failure: Error) => {
    const submit = () => Promise.reject(failure)
    const admin = createAdmin({ ...harness.deps, ledger: { submit, close: async () => {} } })
    const headers = { authorization: `Bearer ${harness.operatorKey}`, 'content-type': 'application/json' }
    return admin.request('/wallets', { method: 'POST', headers, body: JSON.stringify(wallet) })
  }
  const unknown = await post(new LedgerUnavailable('unknown: repeat with the same key', { unknown: true }))
  assert.deepEqual([unknown.status, unknown.headers.get('retry-after')], [503, '1'])
  assert.equal(((await unknown.json()) as { code: string }).code, 'outcome-unknown')
  const fault = await post(new Error('relation "secret_table" does not exist'))
  const text = await fault.text()
  assert.deepEqual([fault.status, JSON.parse(text).code], [500, 'internal-error'])
  assert.doesNotMatch(text, /secret_table|\.ts|at /)
  assert.equal(harness.logged.length, 2)
})

test('while the database is away a question is a 503 that says so, and for a change that it may have been done', async () => {
  const db = openDatabase({ ...harness.deps.db.connection, host: '127.0.0.1', port: await freePort() })
  const admin = createAdmin({ ...harness.deps, db })
  const headers = { authorization: `Bearer ${harness.operatorKey}`, 'content-type': 'application/json' }
  const before = harness.logged.length
  const body = JSON.stringify({ kind: 'person', name: 'Nobody' })
  const [asked, changed] = await Promise.all([
    admin.request(`/parties/${partyId}`, { headers }),
    admin.request('/parties', { method: 'POST', headers, body }),
  ])
  for (const [answer, code] of [
    [asked, 'unavailable'],
    [changed, 'outcome-unknown'],
  ] as const) {
    const problem = (await answer.json()) as { code: string; detail: string }
    assert.deepEqual([answer.status, answer.headers.get('retry-after'), problem.code], [503, '1', code])
    assert.doesNotMatch(problem.detail, /ECONNREFUSED|127\.0\.0\.1/)
  }
  assert.equal(harness.logged.length, before + 2)
  await db.close()
})

test('every refusal was a problem of the documented form, and none our own fault', () => {
  const refused = harness.answers.filter(({ answer }) => answer.status >= 400)
  assert.ok(refused.length > 100)
  for (const { method, path, answer } of refused) {
    assert.ok(answer.status < 500, `${method} ${path}`)
    assert.equal(answer.headers.get('content-type'), 'application/problem+json')
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    assert.equal(answer.body.status, answer.status)
    assert.ok(PROBLEM_CODES.includes(answer.body.code))
    assert.equal(typeof answer.body.detail, 'string')
  }
})
