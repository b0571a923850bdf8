import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { LedgerUnavailable } from '../../../src/ledger/command.ts'
import { walleoRoutes } from '../../../src/protocols/walleo/routes.ts'
import { PUBLIC_URL } from '../../support/server.ts'
import { send } from '../../support/wallet-client.ts'
import { assertRefused, call, serve, startWalleo, type WalleoServer } from './harness.ts'

let server: WalleoServer
before(async () => {
  server = await startWalleo()
})
after(() => server.stop())

const IKEA = { amount: 5, gift_card_code: 'IKEAFR' }
const countRows = async () =>
  (await server.db.query('select from gift_order union all select from partner_request union all select from card'))
    .length

describe('every error of the documents', () => {
  it('is answered at its place, in its words', async () => {
    const { credentials, url } = server
    const before = await countRows()
    const stranger = { ...credentials, apiKey: 'stranger' }
    assertRefused(await call(url, stranger, 'GET', '/balance'), 401, 'unauthorized', 'Not authorized')
    const unsigned = await server.call('GET', '/balance', undefined, { signedMethod: 'PUT' })
    assertRefused(unsigned, 401, 'invalid_signature', 'Your request does not match your signature')
    const noCard = "Gift card not found with code 'IKEA-FR'"
    for (const answer of [
      await server.buy({ amount: 5, gift_card_code: 'IKEA-FR' }, 'nobody-1'),
      await server.pull({ amount: 5, gift_card_code: 'IKEA-FR', request_id: 'nobody-2' }),
      await server.call('GET', '/gift_cards/IKEA-FR'),
      await server.call('GET', '/inventories/IKEA-FR'),
    ])
      assertRefused(answer, 404, 'gift_card_not_found', noCard)
    const id = '018f0000-0000-7000-8000-000000000000'
    assertRefused(await server.call('GET', `/cards/${id}`), 404, 'card_not_found', `Card not found with id '${id}'`)
    assertRefused(
      await server.call('GET', '/pull_requests/REQ-ID-TEST'),
      404,
      'pull_request_not_found',
      'Pull request not found with request_id: REQ-ID-TEST',
    )
    assertRefused(
      await server.buy({ amount: 7, gift_card_code: 'IKEAFR' }, 'amount-1'),
      422,
      'invalid_amount',
      'Amount must be within range from 5 to 500 with steps of 5.',
    )
    assertRefused(
      await server.pull({ amount: 16, gift_card_code: 'TRIOFR', request_id: 'amount-2' }),
      422,
      'invalid_amount',
      'Amount must be one of 15, 30 or 100.',
    )
    assert.equal(await countRows(), before)
    const empty = await server.buy({ amount: 10, gift_card_code: 'EMPTYFR' }, 'empty-1')
    assertRefused(empty, 422, 'out_of_stock', "Out of stock gift card 'EMPTYFR'")
    const poor = await server.partner('penniless', 0n)
    assertRefused(await poor.buy(IKEA, 'poor-1'), 422, 'not_enough_funds', 'Your balance account is not high enough')
    const floatless = await server.partner('floatless', null)
    assertRefused(await floatless.buy(IKEA, 'poor-1'), 422, 'not_enough_funds')
    assertRefused(await floatless.call('GET', '/balance'), 422, 'invalid_request', 'There is no balance')
  })

  it('does not repeat more than a line of what the caller wrote', async () => {
    const long = 'x'.repeat(5000)
    for (const answer of [
      await server.buy({ amount: 5, gift_card_code: long }, 'long-1'),
      await server.call('GET', `/gift_cards/${long}`),
      await server.call('GET', `/cards/${long}`),
      await server.call('GET', `/pull_requests/${long}`),
    ]) {
      assert.equal(answer.status, 404)
      assert.ok(answer.text.length < 500)
    }
    const html = await server.call('GET', '/gift_cards/%3Cscript%3E')
    assert.equal(html.headers['x-content-type-options'], 'nosniff')
  })

  it('is that of a gift card that does not exist, for one that is not sold', async () => {
    await server.brand('PAUSED', { status: 'paused', statusReason: 'later' })
    await server.brand('GONE', { status: 'disabled', statusReason: 'gone' })
    await server.brand('LINKS', { delivery: ['url'] })
    await server.brand('CENTS', { values: { type: 'range', min: 1n, max: 99n, step: 1n } })
    for (const code of ['PAUSED', 'GONE', 'LINKS', 'CENTS', 'amazon', 'ikeafr']) {
      assertRefused(await server.buy({ amount: 5, gift_card_code: code }, `not-${code}`), 404, 'gift_card_not_found')
      assertRefused(await server.call('GET', `/gift_cards/${code}`), 404, 'gift_card_not_found')
      assertRefused(await server.call('GET', `/inventories/${code}`), 404, 'gift_card_not_found')
    }
  })

  it('of a limit says which, and stays with the id', async () => {
    const limited = await server.partner('limited', 100_000n)
    const brand = await server.brand('LIMITED')
    await server.db.query(
      `insert into velocity_rule (id, partner_id, subject, period_seconds, max_count, max_amount, asset_id) values
         (gen_random_uuid(), $1, 'partner', 31622400, 2, null, null),
         (gen_random_uuid(), $1, 'partner', 31622400, null, 5000, $2)`,
      [limited.partner.id, brand.asset.id],
    )
    // Rules are known to every process within five seconds.
    await delay(5_100)
    const buy = (amount: number, id: string) => limited.buy({ amount, gift_card_code: 'LIMITED' }, id)
    assertRefused(await buy(55, 'limit-1'), 422, 'limit_reached', 'Cards for so much may not be bought in this period')
    assert.equal((await buy(5, 'limit-2')).status, 200)
    assert.equal((await buy(5, 'limit-3')).status, 200)
    const third = await buy(5, 'limit-4')
    assertRefused(third, 422, 'limit_reached', 'No more cards may be bought in this period')
    await server.db.query('delete from velocity_rule')
    await delay(5_100)
    assert.equal((await buy(5, 'limit-4')).text, third.text)
    assert.equal((await buy(5, 'limit-5')).status, 200)
  })
})

describe('a path', () => {
  it('that there is not is told so in the same form', async () => {
    for (const path of ['', '/', '/nothing', '/cards/', '/cards/1/2', '/Cards', '/gift_cards/x/y', '//cards'])
      assertRefused(await server.call('GET', path), 404, 'route_not_found')
    assertRefused(await server.call('POST', '/nothing', { a: 1 }), 404, 'route_not_found')
  })

  it('takes its methods and no other', async () => {
    for (const { method, path } of walleoRoutes) {
      const allow = method === 'GET' ? 'GET, HEAD' : 'POST'
      for (const other of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'].filter((it) => it !== method)) {
        const answer = await send(server.url, `/partners/v1${path.replace(/:\w+/, 'x')}`, {
          method: other,
          headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
        })
        assertRefused(answer, 405, 'method_not_allowed', `This path takes ${allow}`)
        assert.equal(answer.headers.allow, allow)
      }
    }
  })
})

describe('a body', () => {
  it('that is too large is refused, and the connection goes on', async () => {
    const text = JSON.stringify({ card: { ...IKEA, note: 'x'.repeat(70_000) } })
    assertRefused(await server.call('POST', '/cards', {}, { text, payload: text }), 413, 'payload_too_large')
    assert.equal((await server.call('GET', '/balance')).status, 200)
    const largest = JSON.stringify({ card: { ...IKEA, note: 'x'.repeat(65_400) } })
    assert.ok(Buffer.byteLength(largest) <= 65_536)
    assert.equal((await server.call('POST', '/cards', JSON.parse(largest))).status, 200)
  })

  it('must be JSON, not compressed', async () => {
    for (const headers of [
      { 'content-type': 'application/x-www-form-urlencoded' },
      { 'content-type': 'text/plain' },
      { 'content-type': '' },
      { 'content-type': 'application/jsonp' },
      { 'content-encoding': 'gzip' },
    ] as Record<string, string>[]) {
      const answer = await server.call('POST', '/cards', { card: IKEA }, { headers })
      assertRefused(answer, 415, 'unsupported_media_type')
    }
    for (const type of ['application/json; charset=utf-8', 'Application/JSON', 'application/json;charset=UTF-8']) {
      const answer = await server.call('POST', '/cards', { card: IKEA }, { headers: { 'content-type': type } })
      assert.equal(answer.status, 200, type)
    }
  })

  it('must be UTF-8', async () => {
    const { credentials } = server
    const authorization = `Bearer ${credentials.apiKey}, Id=${credentials.identifier}, Signature=${'0'.repeat(64)}, Timestamp=1`
    const answer = await send(server.url, '/partners/v1/cards', {
      headers: { authorization, 'content-type': 'application/json' },
      body: Buffer.from([0x7b, 0xff, 0x7d]),
    })
    assertRefused(answer, 400, 'malformed_body')
  })

  it('that is cut off costs nothing', async () => {
    const before = await countRows()
    const { port } = new URL(server.url)
    const socket = connect(Number(port), '127.0.0.1')
    await once(socket, 'connect')
    const head = `POST /partners/v1/cards HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n`
    socket.write(`${head}Authorization: Bearer k, Id=i, Signature=${'0'.repeat(64)}, Timestamp=1\r\n\r\n{"card"`)
    await delay(100)
    socket.destroy()
    await delay(100)
    assert.equal(await countRows(), before)
    assert.equal((await server.call('GET', '/balance')).status, 200)
  })

  it('may be sent in chunks', async () => {
    const { port } = new URL(server.url)
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1')
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk
        if (text.includes('}]')) socket.destroy()
      })
      socket.on('close', () => resolve(text))
      socket.on('error', reject)
      socket.write(
        `POST /partners/v1/cards HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nAuthorization: Bearer k, Id=i, Signature=${'0'.repeat(64)}, Timestamp=${Math.floor(Date.now() / 1000)}\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n`,
      )
    })
    assert.match(answer, /^HTTP\/1\.1 401 [\s\S]+"unauthorized"/)
  })
})

describe('a fault', () => {
  async function broken(t: TestContext, gift: Partial<WalleoServer['assembly']['gift']>) {
    const logged: string[] = []
    const whole = (_: string, it: unknown) =>
      it instanceof Error ? { ...it, message: it.message, stack: it.stack } : it
    const log = { error: (fields: object) => void logged.push(JSON.stringify(fields, whole)) }
    const url = await serve(t, {
      ...server.assembly,
      gift: { ...server.assembly.gift, ...gift },
      log: log as unknown as WalleoServer['assembly']['log'],
      publicUrls: [PUBLIC_URL],
      buyUpstream: async () => ({ status: 'pending' }),
    })
    return { url, logged }
  }

  it('of the ledger is told with the id to repeat, and the repeat buys one card', async (t) => {
    let away = true
    const { ledger } = server.assembly
    const { url, logged } = await broken(t, {
      ledger: {
        ...ledger,
        async submit(command) {
          const settled = await ledger.submit(command)
          if (away) throw new LedgerUnavailable('the answer was lost', { unknown: true })
          return settled
        },
      },
    })
    const { credentials } = server
    const lost = await call(url, credentials, 'POST', '/cards', { card: IKEA })
    assertRefused(lost, 503, 'service_unavailable')
    assert.equal(lost.headers['retry-after'], '1')
    const requestId = lost.headers['x-requestid'] as string
    away = false
    const again = await call(url, credentials, 'POST', '/cards', { card: IKEA }, { requestId })
    const third = await server.buy(IKEA, requestId)
    assert.deepEqual([again.status, again.text], [200, third.text])
    assert.equal(logged.length, 1)
    for (const secret of [credentials.apiKey, credentials.sharedKey, again.body.card.code])
      assert.ok(!logged.join().includes(secret))
  })

  it('of ours says nothing of what it was', async (t) => {
    const { url, logged } = await broken(t, {
      ledger: { ...server.assembly.ledger, submit: async () => Promise.reject(new Error('inner workings')) },
    })
    const answer = await call(url, server.credentials, 'POST', '/cards', { card: IKEA })
    assert.equal(answer.status, 500)
    assert.deepEqual(answer.body, {
      errors: [{ code: 'internal_server_error', message: 'The request failed here' }],
      status: 'internal_server_error',
    })
    assert.equal(logged.length, 1)
  })
})

it('none of this was a fault of the server', () => assert.deepEqual(server.faults, []))
it('the books are clean after all of it', () => server.assertClean())
