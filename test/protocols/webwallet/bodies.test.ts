import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { envelope, opened, refused, send } from '../../support/wallet-client.ts'

const PATH = '/shop:corner-cafe:USD/funds'
const payload = {
  endpoint: 'funds',
  source: 'bank:gateway:USD',
  target: 'shop:corner-cafe:USD',
  amount: 1,
  currency: 'USD',
}

let server: SandboxServer
before(async () => {
  server = await startSandboxServer()
})
after(() => server.stop())

const good = () => envelope(server.gateway.signingSecret, payload)

/** Writes bytes to the server as they are. @returns all that came back until it closed */
function raw(bytes: string | Buffer, { end = true }: { end?: boolean } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
    socket.write(bytes)
    if (end) socket.end()
  })
}

describe('a body', () => {
  it('that is no JSON object of ours is refused, signed, with its reason', async () => {
    const { gateway } = server
    const deep = `${'{"a":'.repeat(20)}1${'}'.repeat(20)}`
    const rows: [string, string | Buffer, string][] = [
      ['empty', '', '400 json-malformed'],
      ['blanks', ' \n', '400 json-malformed'],
      ['no JSON', 'amount=1', '400 json-malformed'],
      ['cut off', good().slice(0, -1), '400 json-malformed'],
      ['something after it', `${good()}x`, '400 json-malformed'],
      ['two of them', good() + good(), '400 json-malformed'],
      ['a BOM before it', `\ufeff${good()}`, '400 json-malformed'],
      ['an array', `[${good()}]`, '400 envelope-malformed'],
      ['a number', '1', '400 envelope-malformed'],
      ['null', 'null', '400 envelope-malformed'],
      ['a string', JSON.stringify(good()), '400 envelope-malformed'],
      ['no payload', '{}', '400 envelope-malformed'],
      ['a payload that is an array', '{"payload":[]}', '400 envelope-malformed'],
      ['too deep', `{"payload":{"metadata":${deep}}}`, '400 json-too-deep'],
      ['much too deep', `{"payload":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, '400 json-too-deep'],
      ['a member twice', good().replace('"amount"', '"amount":2,"amount"'), '400 json-duplicate-member'],
      ['a payload twice', good().replace('"payload"', '"payload":{},"payload"'), '400 json-duplicate-member'],
      ['half a surrogate pair', good().replace('"funds"', '"\\ud800"'), '400 json-lone-surrogate'],
      ['U+0000', good().replace('"funds"', '"\\u0000"'), '400 json-nul-character'],
      ['__proto__', good().replace('"endpoint"', '"__proto__":{},"endpoint"'), '400 json-forbidden-member'],
      [
        '__proto__, escaped',
        good().replace('"endpoint"', '"\\u005f_proto__":{},"endpoint"'),
        '400 json-forbidden-member',
      ],
      ['single quotes', good().replaceAll('"', "'"), '400 json-malformed'],
      ['a comment', good().replace('{', '{/**/'), '400 json-malformed'],
      ['UTF-16', Buffer.from(good(), 'utf16le'), '400 json-malformed'],
    ]
    for (const [what, body, expected] of rows) {
      const answer = await gateway.raw(PATH, body)
      // UTF-16 of ASCII is UTF-8 too, with a NUL behind every character.
      assert.equal(refused(answer, gateway.signingSecret), expected, what)
    }
    assert.equal(await server.balance('shop:corner-cafe:USD'), 0n)
  })

  it('that is not UTF-8 is refused', async () => {
    const { gateway } = server
    for (const bytes of [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xf4, 0x90, 0x80, 0x80]]) {
      const body = Buffer.concat([Buffer.from('{"payload":{"description":"'), Buffer.from(bytes), Buffer.from('"}}')])
      assert.equal(refused(await gateway.raw(PATH, body), null), '400 body-not-utf8')
    }
  })

  it('of 65,536 bytes is read, and of one more refused, whether its length was announced or not', async () => {
    const { gateway } = server
    const fits = good() + ' '.repeat(65_536 - good().length)
    assert.equal((await gateway.raw(PATH, fits)).status, 200)
    assert.equal(refused(await gateway.raw(PATH, `${fits} `), null), '413 body-too-large')
    const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`
    const text = await raw(
      `POST ${PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(3)}0\r\n\r\n`,
    )
    assert.match(text, /^HTTP\/1\.1 413 [\s\S]*"code":"body-too-large"/)
    assert.equal((await gateway.raw(PATH, Buffer.alloc(5_000_000, 'x'))).status, 413)
  })

  it('that is cut off moves nothing and harms nobody', async () => {
    const { gateway } = server
    const before = await server.balance('shop:corner-cafe:USD')
    const head = `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${gateway.token}\r\nContent-Type: application/json\r\n`
    await raw(`${head}Content-Length: ${good().length + 10}\r\n\r\n${good()}`)
    await raw(`${head}Transfer-Encoding: chunked\r\n\r\n${good().length.toString(16)}\r\n${good()}\r\n`)
    await delay(20)
    assert.equal(await server.balance('shop:corner-cafe:USD'), before)
    assert.equal((await gateway.raw(PATH, good())).status, 200)
  })

  it('must be announced as JSON', async () => {
    const { gateway } = server
    const types = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/jsonp',
      'application/json5',
      'x/application/json',
      '',
    ]
    for (const type of types) {
      const answer = await gateway.raw(PATH, good(), { 'content-type': type })
      assert.equal(refused(answer, gateway.signingSecret), '415 unsupported-media-type', type)
    }
    for (const type of [
      'application/json; charset=utf-8',
      'APPLICATION/JSON',
      'application/json ;x',
      'application/jose+json',
    ]) {
      assert.equal((await gateway.raw(PATH, good(), { 'content-type': type })).status, 200, type)
    }
  })

  it('may be written in any layout, for the signature is over what it says', async () => {
    const { gateway } = server
    const message = JSON.parse(good())
    const loose = JSON.stringify(
      {
        signature: message.signature,
        payload: Object.fromEntries(Object.entries(payload).reverse()),
        header: { alg: 'HS256' },
      },
      null,
      4,
    )
    assert.equal((await gateway.raw(PATH, loose)).status, 200)
    assert.equal((await gateway.raw(PATH, good().replace('"amount":1', '"amount":1.0e0'))).status, 200)
    assert.equal((await gateway.raw(PATH, good().replace('funds', '\\u0066unds'))).status, 200)
  })
})

describe('hostile requests', () => {
  it('with two lengths, or a length and chunks, are refused by the parser', async () => {
    const tail = `\r\n\r\n${good()}`
    const head = `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.gateway.token}\r\nContent-Type: application/json\r\n`
    const before = await server.balance('shop:corner-cafe:USD')
    for (const lengths of [
      `Content-Length: ${good().length}\r\nContent-Length: 5`,
      `Content-Length: ${good().length}\r\nTransfer-Encoding: chunked`,
      'Transfer-Encoding: chunked, identity',
      'Content-Length: -1',
      'Content-Length: 0x10',
    ]) {
      assert.match(await raw(`${head}${lengths}${tail}`), /^HTTP\/1\.1 400 /, lengths)
    }
    assert.equal(await server.balance('shop:corner-cafe:USD'), before)
  })

  it('cannot put a header into the answer', async () => {
    const { gateway } = server
    const attempts = [
      await send(server.url, '/shop:corner-cafe:USD%0d%0ax-evil:1/balance'),
      await send(server.url, '/shop:corner-cafe:USD/transactions?cursor=%0d%0ax-evil:1', {
        headers: { authorization: `Bearer ${gateway.token}` },
      }),
      await gateway.post(PATH, { ...payload, description: '\r\nx-evil: 1\r\n\r\n', endpoint: '\r\nx-evil: 1' }),
      await gateway.get('/bank:gateway:USD/balance', { 'x-request-id': 'evil', 'x-forwarded-host': 'evil' }),
    ]
    for (const { headers, text } of attempts) {
      assert.equal(headers['x-evil'], undefined)
      assert.ok(!JSON.stringify(headers).includes('evil'))
      assert.ok(text.length < 2_000)
    }
    const smuggled = await raw(
      `GET /bank:gateway:USD HTTP/1.1\r\nHost: x\r\nIdempotency-Key: a\nx-evil: 1\r\nConnection: close\r\n\r\n`,
    )
    assert.match(smuggled, /^HTTP\/1\.1 400 /)
  })

  it('leave a server that answers, and nothing in its log that is a fault', async () => {
    const { gateway } = server
    assert.ok(opened(await gateway.get('/bank:gateway:USD/balance'), gateway.signingSecret).balance)
    assert.deepEqual(server.faults, [])
    await server.assertClean()
  })
})
