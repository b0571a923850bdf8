import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { hashSecret } from '../../../src/credentials/secrets.ts'
import { uuidV7 } from '../../../src/domain/uuid.ts'
import { createCredential } from '../../../src/operations/gift-cards/create-partner.ts'
import { disablePartner, insertCredential, revokeCredential } from '../../../src/storage/partners.ts'
import {
  type Answer,
  assertProblem,
  assertSuccess,
  call,
  issueBody,
  sign,
  startWorld,
  type TestPartner,
  type World,
} from './harness.ts'

const vectors = JSON.parse(readFileSync(new URL('../../sdk/tillo/vectors.json', import.meta.url), 'utf8'))

describe('authentication of the Tillo API', () => {
  let world: World
  let partner: TestPartner
  before(async () => {
    world = await startWorld()
    partner = await world.partner()
    await world.brand({ slug: 'books' })
  })
  after(() => world.stop())

  test('takes the signatures of the documents’ own strings, under their key and secret, at their time', async () => {
    const id = uuidV7(Date.now())
    await insertCredential(world.db, {
      id,
      partnerId: partner.partner.id,
      protocol: 'tillo',
      keyHash: hashSecret('abc123'),
      identifier: null,
      secret: world.assembly.keyring.seal(vectors.secret, `partner_credential:${id}`),
      addresses: [],
    })
    const timestamp = 1533025425488
    world.setClock(() => timestamp)
    try {
      const body = { ...issueBody('amazon', '25.00'), client_request_id: 'xyz789randomid123456789' }
      const [simple, full, brands, float] = vectors.strings.map(({ signature }: { signature: string }) => signature)
      const ask = (method: string, path: string, signature: string, sent?: object) =>
        call(world.url, { apiKey: 'abc123', secret: 'unused' }, method, path, sent, {
          timestamp,
          headers: { signature },
        })
      // Signed as they should be; what is refused is refused for what is asked.
      const first = assertSuccess(await ask('POST', 'digital/issue', simple, body))
      assert.deepEqual(assertSuccess(await ask('POST', 'digital/issue', full, body)), first)
      assertSuccess(await ask('GET', 'brands', brands))
      assertProblem(await ask('POST', 'float/request-payment-transfer', float, {}), 400, '070')
      assertProblem(await ask('GET', 'templates', brands), 401, '434')
    } finally {
      world.setClock(Date.now)
    }
  })

  test('signs a brand in the query of four reading endpoints, and nothing of any other query', async () => {
    for (const path of ['brands', 'templates', 'template']) {
      assert.equal((await partner.call('GET', path, undefined, { query: 'brand=amazon' })).status, 200, path)
      assertProblem(await partner.call('GET', path, undefined, { query: 'brand=amazon', parts: [] }), 401, '434')
    }
    assertSuccess(await partner.call('GET', 'check-stock', undefined, { query: 'brand=fixed-sync-us' }))
    assertSuccess(await partner.call('GET', 'check-floats', undefined, { query: 'currency=GBP' }))
    assertProblem(
      await partner.call('GET', 'check-floats', undefined, { query: 'currency=GBP', parts: ['GBP'] }),
      401,
      '434',
    )
    assertSuccess(await partner.call('GET', 'brands', undefined, { query: 'currency=GBP', parts: [] }))
    assertProblem(
      await partner.call('GET', 'promotions', undefined, { query: 'brand=amazon', parts: ['amazon'] }),
      401,
      '434',
    )
  })

  test('refuses a request whose time is more than five minutes off, either way, and takes one just within', async () => {
    const at = (offset: number) => partner.call('GET', 'check-floats', undefined, { timestamp: Date.now() + offset })
    for (const offset of [-299_000, 0, 299_000]) assertSuccess(await at(offset))
    for (const offset of [-301_000, 301_000, -86_400_000]) assertProblem(await at(offset), 401, '434')
    for (const timestamp of [
      '',
      '0',
      '12345',
      `${Math.floor(Date.now() / 1000)}`,
      `${Date.now()}.0`,
      `0${Date.now()}`,
      'now',
    ])
      assertProblem(await partner.call('GET', 'check-floats', undefined, { timestamp }), 401, '434')
  })

  test('refuses a signature that is not 64 lower-case hexadecimal digits, or over anything else', async () => {
    const timestamp = Date.now()
    const { apiKey, secret } = partner.credentials
    const right = sign(secret, `${apiKey}-GET-check-floats-${timestamp}`)
    const hexKey = sign(Buffer.from(secret, 'hex') as unknown as string, `${apiKey}-GET-check-floats-${timestamp}`)
    const get = (signature: string | null) =>
      partner.call('GET', 'check-floats', undefined, { timestamp, headers: { signature } })
    assertSuccess(await get(right))
    const wrong = [
      null,
      right.toUpperCase(),
      right.slice(0, 63),
      `${right}0`,
      `${right.startsWith('0') ? '1' : '0'}${right.slice(1)}`,
      hexKey,
      Buffer.from(right, 'hex').toString('base64'),
      sign(secret, `${apiKey}-POST-check-floats-${timestamp}`),
      sign(secret, `${apiKey}-GET-check-floats-${timestamp + 1}`),
      sign(secret, `${apiKey}-GET-check_floats-${timestamp}`),
    ]
    for (const signature of wrong) assertProblem(await get(signature), 401, '434')
  })

  test('answers an unknown key and a wrong signature alike', async () => {
    const texts = await Promise.all(
      [
        { apiKey: 'test_tillo_nobody', secret: 'x' },
        { apiKey: partner.credentials.apiKey, secret: 'x' },
        { apiKey: partner.credentials.apiKey.toUpperCase(), secret: partner.credentials.secret },
      ].map((credentials) => call(world.url, credentials, 'GET', 'check-floats')),
    )
    for (const answer of texts) assertProblem(answer, 401, '434')
    assert.equal(new Set(texts.map(({ text }) => text)).size, 1)
    const malformed = await call(
      world.url,
      { apiKey: 'nobody', secret: 'x' },
      'POST',
      'digital/issue',
      {},
      { raw: '{' },
    )
    const known = await call(
      world.url,
      { ...partner.credentials, secret: 'x' },
      'POST',
      'digital/issue',
      {},
      { raw: '{' },
    )
    assert.deepEqual([malformed.status, malformed.text], [known.status, known.text])
  })

  test('takes each of its headers once', async () => {
    const timestamp = String(Date.now())
    const { apiKey, secret } = partner.credentials
    const signature = sign(secret, `${apiKey}-GET-check-floats-${timestamp}`)
    const lines = { 'API-Key': apiKey, Signature: signature, Timestamp: timestamp }
    const raw = (...extra: string[]) =>
      rawStatus(world.url, [
        'GET /api/v2/check-floats HTTP/1.1',
        'Host: x',
        ...Object.entries(lines).map(([name, value]) => `${name}: ${value}`),
        ...extra,
        'Connection: close',
      ])
    assert.equal(await raw(), 200)
    for (const [name, value] of Object.entries(lines))
      assert.equal(await raw(`${name.toLowerCase()}: ${value}`), 401, name)
    assert.equal(await raw('Signature: '), 401)
  })

  test('keeps to the list of addresses, and tells so only who proves to be the partner', async () => {
    const elsewhere = await world.partner({ addresses: ['192.0.2.0/24'] })
    const here = await world.partner({ addresses: ['127.0.0.0/8', '::1'] })
    assertSuccess(await here.call('GET', 'check-floats'))
    assertProblem(await elsewhere.call('GET', 'check-floats'), 401, '210')
    const forwarded = { headers: { 'x-forwarded-for': '192.0.2.7' } }
    assertProblem(await elsewhere.call('GET', 'check-floats', undefined, forwarded), 401, '210')
    const unproven = await call(world.url, { ...elsewhere.credentials, secret: 'x' }, 'GET', 'check-floats')
    assertProblem(unproven, 401, '434')
  })

  test('refuses revoked credentials, disabled partners and credentials of other protocols', async () => {
    const ended = await world.partner()
    await revokeCredential(world.db, ended.credentialId)
    assertProblem(await ended.call('GET', 'check-floats'), 401, '434')
    const disabled = await world.partner()
    await disablePartner(world.db, disabled.partner.id)
    assertProblem(await disabled.call('GET', 'check-floats'), 401, '434')
    const walleo = await createCredential(world.assembly, partner.partner, 'walleo')
    for (const secret of [walleo.secret, Buffer.from(walleo.secret, 'hex').toString('latin1')])
      assertProblem(await call(world.url, { apiKey: walleo.apiKey, secret }, 'GET', 'check-floats'), 401, '434')
    const { operator, clients } = world.sandbox
    for (const [apiKey, secret] of [
      [operator.api_key, operator.api_key],
      [clients.gateway.client_id, clients.gateway.client_secret],
      [clients.gateway.client_id, clients.gateway.signing_secret],
    ] as const)
      assertProblem(await call(world.url, { apiKey, secret }, 'GET', 'check-floats'), 401, '434')
  })

  test('its credentials open nothing else', async () => {
    const { apiKey, secret } = partner.credentials
    for (const token of [apiKey, secret]) {
      const walleo = `Bearer ${token}, Id=${token}, Signature=${'0'.repeat(64)}, Timestamp=${Math.floor(Date.now() / 1000)}`
      const tries: [path: string, authorization: string][] = [
        ['/admin/v1/partners', `Bearer ${token}`],
        ['/bank:gateway:USD/balance', `Bearer ${token}`],
        ['/partners/v1/balance', walleo],
      ]
      for (const [path, authorization] of tries)
        assert.equal((await fetch(world.url + path, { headers: { authorization } })).status, 401, path)
    }
  })

  test('answers with its own form where there is no endpoint, no such method, or no JSON', async () => {
    assertProblem(await partner.call('GET', 'nothing'), 404, '999')
    assertProblem(await partner.call('GET', 'digital/issue/'), 404, '999')
    const wrong = await partner.call('PUT', 'digital/issue', issueBody('books', 10))
    assertProblem(wrong, 405, '999')
    assert.equal(wrong.headers.get('allow'), 'POST, DELETE')
    assertProblem(await partner.call('GET', 'digital/issue'), 405, '999')
    assert.equal((await fetch(`${world.url}/api/v2/brands`, { method: 'HEAD' })).status, 405)
    for (const path of ['/api/v2', '/api/v2/']) assert.equal((await (await fetch(world.url + path)).json()).code, '999')
    const body = issueBody('books', 10)
    const as = (headers: Record<string, string>) => partner.call('POST', 'digital/issue', body, { headers })
    assertProblem(await as({ 'content-type': 'text/plain' }), 415, '999')
    assertProblem(await as({ 'content-type': 'application/x-www-form-urlencoded' }), 415, '999')
    assertProblem(await as({ 'content-type': 'application/json', 'content-encoding': 'gzip' }), 415, '999')
    const large = await partner.call('POST', 'digital/issue', body, {
      raw: JSON.stringify({ ...body, x: 'x'.repeat(70_000) }),
    })
    assertProblem(large, 413, '999')
    assertSuccess(await as({ 'content-type': 'application/json; charset=utf-8' }))
    const preflight = await fetch(`${world.url}/api/v2/digital/issue`, {
      method: 'OPTIONS',
      headers: { origin: 'http://x' },
    })
    assert.deepEqual([preflight.status, preflight.headers.get('access-control-allow-origin')], [405, null])
  })

  test('counts the requests to each endpoint with each credential, and refuses those that are too many', async () => {
    const one = await world.partner()
    const other = await world.partner()
    let now = Math.ceil(Date.now() / 60_000) * 60_000
    world.setClock(() => now)
    try {
      const check = (who: TestPartner): Promise<Answer> =>
        who.call('POST', 'digital/check-balance', balanceBody, { timestamp: now })
      const limits = ({ headers }: Answer) => [headers.get('x-ratelimit-limit'), headers.get('x-ratelimit-remaining')]
      const first = await check(one)
      assertProblem(first, 422, '724')
      assert.deepEqual(limits(first), ['50', '49'])
      for (let i = 2; i <= 50; i++) await check(one)
      const tooMany = await check(one)
      assertProblem(tooMany, 429, '211')
      assert.deepEqual([...limits(tooMany), tooMany.headers.get('retry-after')], ['50', '0', '60'])
      assert.deepEqual(limits(await check(other)), ['50', '49'])
      assert.deepEqual(limits(await one.call('GET', 'check-floats', undefined, { timestamp: now })), ['600', '599'])
      const unproven = await one.call('GET', 'check-floats', undefined, { timestamp: now, parts: ['x'] })
      assert.deepEqual(limits(unproven), [null, null])
      now += 59_999
      assertProblem(await check(one), 429, '211')
      now += 1
      assert.deepEqual(limits(await check(one)), ['50', '49'])
    } finally {
      world.setClock(Date.now)
    }
  })

  test('a replay within the window is absorbed by the request’s id; outside of it, it is refused', async () => {
    const start = Date.now()
    const body = issueBody('books', 10)
    const send = () => partner.call('POST', 'digital/issue', body, { timestamp: start })
    const first = await send()
    assertSuccess(first)
    const { balance } = await partner.balance()
    assert.equal((await send()).text, first.text)
    assert.equal((await partner.balance()).balance, balance)
    world.setClock(() => start + 301_000)
    try {
      assertProblem(await send(), 401, '434')
    } finally {
      world.setClock(Date.now)
    }
  })

  test('none of this was a fault of the server', () => {
    assert.deepEqual(world.faults, [])
  })
})

const balanceBody = {
  client_request_id: 'balance-1',
  brand: 'books',
  face_value: { currency: 'GBP' },
  sector: 'other',
  code: '00000000000000000000',
}

/** A request as these very lines. */
function rawStatus(url: string, lines: string[]): Promise<number> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(Number(port), hostname, () => socket.write(`${lines.join('\r\n')}\r\n\r\n`))
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1])))
  })
}
