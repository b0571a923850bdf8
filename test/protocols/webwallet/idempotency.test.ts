import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { type Answer, type Caller, envelope, opened, refused } from '../../support/wallet-client.ts'

let server: SandboxServer
let till: Caller
before(async () => {
  server = await startSandboxServer()
  till = await server.client([{ id: 'desk:one:USD', lower: '-1000.00' }, 'desk:two:USD'])
})
after(() => server.stop())

const PATH = '/desk:one:USD/payments'
const payment = (amount: number | string = 1, more: object = {}) => ({
  endpoint: 'payments',
  target: 'desk:two:USD',
  amount,
  currency: 'USD',
  ...more,
})
const keyed = (key: string) => ({ 'idempotency-key': key })

/** What the work moved, in cents. */
async function moved<T>(work: () => Promise<T>): Promise<[bigint, T]> {
  const before = await server.balance('desk:two:USD')
  const result = await work()
  return [(await server.balance('desk:two:USD')) - before, result]
}

describe('the same key with the same content', () => {
  for (const [name, payload, headers] of [
    ['in the header', payment(1), keyed('same-1')],
    ['as the nonce', payment(1, { nonce: 'same-2' }), {}],
    ['in both', payment(1, { nonce: 'same-3' }), keyed('same-3')],
  ] as const) {
    it(`gives the same bytes and moves money once, ${name}`, async () => {
      const [cents, answers] = await moved(async () => {
        const first = await till.post(PATH, payload, headers)
        return [first, await till.post(PATH, payload, headers), await till.post(PATH, payload, headers)]
      })
      assert.equal(cents, 100n)
      assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
      for (const answer of answers) assert.equal(opened(answer, till.signingSecret).success, true)
    })
  }

  it('is the same whether the key comes as nonce or, with the nonce, in the header too', async () => {
    const payload = payment(1, { nonce: 'same-4' })
    const [cents, answers] = await moved(async () => [
      await till.post(PATH, payload),
      await till.post(PATH, payload, keyed('same-4')),
    ])
    assert.equal(cents, 100n)
    assert.equal(answers[0]?.text, answers[1]?.text)
  })

  it('is the same however the body is laid out and the path is spelled', async () => {
    const [cents, answers] = await moved(async () => {
      const first = await till.post(PATH, payment(1), keyed('same-5'))
      const message = JSON.parse(envelope(till.signingSecret, payment(1)))
      const second = await till.raw(PATH, JSON.stringify(message, null, 2), keyed('same-5'))
      const paths = [`/wallets${PATH}`, PATH.replaceAll(':', '%3A'), PATH.replace('till', 'TILL')]
      const others = await Promise.all(paths.map((path) => till.post(path, payment(1), keyed('same-5'))))
      return [first, second, ...others]
    })
    assert.equal(cents, 100n)
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
  })

  it('is the same with a new token of the same client', async () => {
    const [cents, answers] = await moved(async () => [
      await server.merchant.post('/shop:corner-cafe:USD/payments', payment(1), keyed('same-6')),
      await server.merchant.post('/shop:corner-cafe:USD/payments', payment(1), keyed('same-6')),
    ])
    // An empty till: the refusal is the answer that is kept.
    assert.equal(cents, 0n)
    assert.equal(refused(answers[0] as Answer, server.merchant.signingSecret), '422 unavailable-funds')
    assert.equal(answers[0]?.text, answers[1]?.text)
  })

  it('gives a stored refusal again, even when it could be done by now', async () => {
    const empty = await server.client(['empty:one:USD'])
    const path = '/empty:one:USD/payments'
    const first = await empty.post(path, payment(1), keyed('broke'))
    assert.equal(refused(first, empty.signingSecret), '422 unavailable-funds')
    const fill = { endpoint: 'funds', source: 'bank:gateway:USD', target: 'empty:one:USD', amount: 9, currency: 'USD' }
    await server.gateway.done('/empty:one:USD/funds', fill)
    const [cents, second] = await moved(() => empty.post(path, payment(1), keyed('broke')))
    assert.equal(cents, 0n)
    assert.equal(second.text, first.text)
    assert.equal(
      refused(await empty.post(path, payment(2), keyed('broke')), empty.signingSecret),
      '409 idempotency-conflict',
    )
    assert.equal((await empty.post(path, payment(1), keyed('not-broke'))).status, 200)
  })
})

describe('the same key with other content', () => {
  it('is a conflict, signed, and moves nothing', async () => {
    await till.done(PATH, payment(5), keyed('other-1'))
    const others: [string, object][] = [
      [PATH, payment(6)],
      [PATH, payment('5')],
      [PATH, payment(5, { description: 'x' })],
      [PATH, payment(5, { nonce: 'other-1' })],
      [PATH, payment(5, { target: 'us:8301234567:USD' })],
      ['/desk:two:USD/payments', { ...payment(5), target: 'desk:one:USD' }],
      ['/desk:two:USD/funds', { ...payment(5), endpoint: 'funds', source: 'desk:one:USD' }],
    ]
    for (const [path, payload] of others) {
      const [cents, answer] = await moved(() => till.post(path, payload, keyed('other-1')))
      assert.equal(cents, 0n)
      assert.equal(refused(answer, till.signingSecret), '409 idempotency-conflict', JSON.stringify(payload))
    }
  })

  it('of another client is another key', async () => {
    const rival = await server.client([{ id: 'rival:one:USD', lower: '-5.00' }])
    await till.done(PATH, payment(1), keyed('shared'))
    const [cents, answer] = await moved(() => rival.post('/rival:one:USD/payments', payment(2), keyed('shared')))
    assert.equal(answer.status, 200)
    assert.equal(cents, 200n)
  })
})

describe('a key', () => {
  it('is not used up by a request that is refused before the ledger', async () => {
    const key = keyed('unused')
    const wrong: [object, Record<string, unknown>][] = [
      [payment(-1), {}],
      [payment(0.001), {}],
      [payment(1, { x: 1 }), {}],
      [payment(1, { details: {} }), {}],
      [payment(1, { currency: 'EUR' }), {}],
      [payment(1, { target: 'no:body:USD' }), {}],
      [payment(1), { signature: 'A'.repeat(43) }],
      [payment(1), { header: { alg: 'none' } }],
    ]
    for (const [payload, changes] of wrong) {
      const answer = await till.raw(PATH, envelope(till.signingSecret, payload, changes), key)
      assert.match(refused(answer, till.signingSecret), /^4(00|03|04|22) /)
    }
    assert.equal((await till.post(PATH, payment(1), key)).status, 200)
  })

  it('that differs between header and nonce is refused', async () => {
    const [cents, answer] = await moved(() => till.post(PATH, payment(1, { nonce: 'a' }), keyed('b')))
    assert.equal(cents, 0n)
    assert.equal(refused(answer, till.signingSecret), '400 idempotency-key-mismatch')
  })

  it('has 1 to 200 printable ASCII characters', async () => {
    const longest = `k${'~'.repeat(199)}`
    const [cents] = await moved(async () => {
      const first = await till.post(PATH, payment(1), keyed(longest))
      const second = await till.post(PATH, payment(1), keyed(longest))
      assert.equal(first.text, second.text)
      assert.equal(first.status, 200)
    })
    assert.equal(cents, 100n)
    for (const key of [`${longest}x`, '', ' ', 'a b', 'a\tb', '\u00e9', '\u00a0', 'a,b c']) {
      const [none, answer] = await moved(() => till.post(PATH, payment(1), keyed(key)))
      assert.equal(none, 0n)
      assert.equal(refused(answer, till.signingSecret), '400 idempotency-key-malformed', JSON.stringify(key))
    }
    for (const key of ["'; drop table entry; --", '{"a":"b"}', '\\', '%00', '{}', 'NULL', '"', ',', '../../x'].map(
      (one) => one.replaceAll(' ', '_'),
    )) {
      assert.equal((await till.post(PATH, payment(1), keyed(key))).status, 200, key)
    }
  })

  it('given twice, or with a control character, is refused', async () => {
    const body = envelope(till.signingSecret, payment(1))
    const rows: [string, RegExp][] = [
      ['Idempotency-Key: a\r\nIdempotency-Key: b', /^HTTP\/1\.1 400 [\s\S]*idempotency-key-malformed/],
      ['Idempotency-Key: a\u001fb', /^HTTP\/1\.1 400 /],
      ['Idempotency-Key: a\u0000b', /^HTTP\/1\.1 400 /],
      ['Idempotency-Key: a\u007fb', /^HTTP\/1\.1 400 /],
    ]
    for (const [headers, expected] of rows) {
      const [cents, text] = await moved(() => raw(headers, body))
      assert.equal(cents, 0n)
      assert.match(text, expected)
    }
  })

  it('is not needed: without one, two equal requests are two payments', async () => {
    const [cents] = await moved(() => Promise.all([till.done(PATH, payment(1)), till.done(PATH, payment(1))]))
    assert.equal(cents, 200n)
  })
})

describe('at the same time', () => {
  it('64 identical requests are one payment and 64 equal answers', async () => {
    for (let round = 0; round < 5; round++) {
      const [cents, answers] = await moved(() =>
        Promise.all(Array.from({ length: 64 }, () => till.post(PATH, payment(1), keyed(`square-${round}`)))),
      )
      assert.equal(cents, 100n)
      assert.equal(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1)
      assert.equal(answers[0]?.status, 200)
    }
  })

  it('64 requests with one key and 64 contents are one payment and 63 conflicts', async () => {
    for (let round = 0; round < 5; round++) {
      const [cents, answers] = await moved(() =>
        Promise.all(Array.from({ length: 64 }, (_, i) => till.post(PATH, payment(i + 1), keyed(`altered-${round}`)))),
      )
      const done = answers.filter(({ status }) => status === 200)
      assert.equal(done.length, 1)
      assert.equal(cents, BigInt(opened(done[0] as Answer, till.signingSecret).amount * 100))
      for (const answer of answers) {
        if (answer !== done[0]) assert.equal(refused(answer, till.signingSecret), '409 idempotency-conflict')
      }
    }
  })

  it('64 payments from a wallet that has money for ten are ten payments', async () => {
    const ten = await server.client(['ten:one:USD'])
    const fill = { endpoint: 'funds', source: 'bank:gateway:USD', target: 'ten:one:USD', amount: 10, currency: 'USD' }
    await server.gateway.done('/ten:one:USD/funds', fill)
    const [cents, answers] = await moved(() =>
      Promise.all(
        Array.from({ length: 64 }, (_, i) =>
          ten.post('/ten:one:USD/payments', payment(1), i % 2 ? keyed(`ten-${i}`) : {}),
        ),
      ),
    )
    assert.equal(cents, 1_000n)
    assert.equal(answers.filter(({ status }) => status === 200).length, 10)
    assert.equal(await server.balance('ten:one:USD'), 0n)
  })
})

it('the books are clean after all of it', () => server.assertClean())

function raw(headers: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
    socket.end(
      `POST ${PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${till.token}\r\n` +
        `Content-Type: application/json\r\n${headers}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      'latin1',
    )
  })
}
