import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { hashSecret } from '../../../src/credentials/secrets.ts'
import { uuidV7 } from '../../../src/domain/uuid.ts'
import { createCredential } from '../../../src/operations/gift-cards/create-partner.ts'
import { insertCredential } from '../../../src/storage/partners.ts'
import { PUBLIC_URL } from '../../support/server.ts'
import { send } from '../../support/wallet-client.ts'
import {
  assertRefused,
  type Credentials,
  call,
  nowInSeconds,
  serve,
  sign,
  startWalleo,
  type Twist,
  type WalleoServer,
} from './harness.ts'

let server: WalleoServer
before(async () => {
  server = await startWalleo()
})
after(() => server.stop())

const IKEA = { amount: 5, gift_card_code: 'IKEAFR' }
const get = (twist: Twist = {}, path = '/balance') => server.call('GET', path, undefined, twist)
const countOrders = async () => (await server.db.query('select from gift_order')).length

/** The credentials of the vendor's page. */
const published: Credentials = {
  apiKey: 'rKc1oJFfEzf0HRbNzLjcvEKijkAFfSL5BYhI-Usidd5PARuHZaSRAL_2eSPOZrT-',
  identifier: 'b5245bbc-8ee7-4e55-92e0-b97e81085154',
  sharedKey: '6F2CE47010CF4F79B9767042BAFB1EB4',
}

async function importCredential({ apiKey, identifier, sharedKey }: Credentials, partnerId: string) {
  const id = uuidV7(Date.now())
  const secret = server.assembly.keyring.seal(sharedKey, `partner_credential:${id}`)
  const keyHash = hashSecret(apiKey)
  await insertCredential(server.db, { id, partnerId, protocol: 'walleo', keyHash, identifier, secret, addresses: [] })
}

describe("the vendor's worked example", () => {
  const timestamp = 1_648_559_273
  const signature = '434f3dd367edbe5c82a68f5b5a771a50d602c2868e10a4b132ae807df6982867'
  let url = ''
  const ends: (() => void)[] = []
  after(() => {
    for (const end of ends) end()
  })

  before(async () => {
    const { partner } = await server.partner('published', 100_000n)
    await importCredential(published, partner.id)
    await server.brand('E-ca', { slug: 'e-ca' })
    // The time and the name of the page.
    url = await serve(
      { after: (end) => void ends.push(end) },
      {
        ...server.assembly,
        clock: () => timestamp * 1000,
        publicUrls: ['https://other.example', 'http://www.example.com'],
        buyUpstream: async () => ({ status: 'pending' }),
      },
    )
  })

  const post = (authorization: string, body: string) =>
    send(url, '/partners/v1/cards', { headers: { authorization, 'content-type': 'application/json' }, body })
  const head = `Bearer ${published.apiKey}, Id=${published.identifier}`

  it('verifies with its own body and hash, and buys a card', async () => {
    const body = '{"card":{"amount":50,"gift_card_code":"E-ca"}}'
    const answer = await post(`${head}, Signature=${signature}, Timestamp=${timestamp}`, body)
    assert.deepEqual([answer.status, answer.body.card?.gift_card_code], [200, 'E-ca'], answer.text)
  })

  it('does not verify as it is printed: without its signature, and with another body than the one that was signed', async () => {
    const body = '{ "card": { "gift_card_code": "IKEAFR", "amount": 50 } }'
    assertRefused(await post(`${head}, Timestamp=${timestamp}`, body), 401, 'unauthorized', 'Not authorized')
    const signed = await post(`${head}, Signature=${signature}, Timestamp=${timestamp}`, body)
    assertRefused(signed, 401, 'invalid_signature', 'Your request does not match your signature')
  })

  it('does not verify by the formula of the page, which lacks the identifier', async () => {
    const body = '{"card":{"amount":50,"gift_card_code":"E-ca"}}'
    const text = `POST+http://www.example.com/partners/v1/cards+${body}+${timestamp}`
    const header = `${head}, Signature=${sign(published.sharedKey, text)}, Timestamp=${timestamp}`
    assertRefused(await post(header, body), 401, 'invalid_signature')
  })
})

describe('a signature', () => {
  it('of a request without a body leaves the payload out, or leaves it empty', async () => {
    assert.equal((await get()).status, 200)
    assert.equal((await get({ payload: '' })).status, 200)
    assertRefused(await get({ payload: '{}' }), 401, 'invalid_signature')
    assertRefused(await get({ payload: 'null' }), 401, 'invalid_signature')
  })

  it('of a GET with a body is about the body', async () => {
    assert.equal((await server.call('GET', '/balance', { b: 1, a: 2 })).status, 200)
    assertRefused(await server.call('GET', '/balance', { b: 1 }, { payload: null }), 401, 'invalid_signature')
  })

  it('covers the query as it was sent', async () => {
    const answer = await get({}, '/balance?currency=GBP&%61=b+c')
    assert.equal(answer.body.balance.currency, 'GBP')
    const { credentials, url } = server
    const timestamp = nowInSeconds()
    const { apiKey, identifier, sharedKey } = credentials
    const signature = sign(sharedKey, `GET+${PUBLIC_URL}/partners/v1/balance+${identifier}+${timestamp}`)
    const authorization = `Bearer ${apiKey}, Id=${identifier}, Signature=${signature}, Timestamp=${timestamp}`
    const changed = await send(url, '/partners/v1/balance?currency=GBP', { headers: { authorization } })
    assertRefused(changed, 401, 'invalid_signature')
    assert.equal((await send(url, '/partners/v1/balance', { headers: { authorization } })).status, 200)
  })

  it('is about the public URL, whatever Host and forwarding headers say', async () => {
    const evil = 'http://evil.example'
    for (const headers of [
      { host: 'evil.example' },
      { 'x-forwarded-host': 'evil.example' },
      { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' },
      { forwarded: 'host=evil.example;proto=http' },
    ] as Record<string, string>[]) {
      assertRefused(await get({ origin: evil, headers }), 401, 'invalid_signature')
      assert.equal((await get({ headers })).status, 200)
    }
    for (const origin of ['https://billfold.example', 'http://billfold.example:80', 'http://BILLFOLD.example', ''])
      assertRefused(await get({ origin }), 401, 'invalid_signature')
    assertRefused(await get({ origin: server.url }), 401, 'invalid_signature')
  })

  it('is about the method', async () => {
    assertRefused(await get({ signedMethod: 'POST' }), 401, 'invalid_signature')
    assertRefused(await get({ signedMethod: 'get' }), 401, 'invalid_signature')
    assert.equal((await server.call('HEAD', '/balance')).status, 200)
    assert.equal((await server.call('HEAD', '/balance', undefined, { signedMethod: 'GET' })).status, 401)
  })

  it('is about the canonical body, however the body is written', async () => {
    const payload = '{"card":{"amount":5,"gift_card_code":"IKEAFR"}}'
    const written = [
      '{ "card": { "gift_card_code": "IKEAFR", "amount": 5 } }',
      '{"card":\n\t{"amount":5.0,"gift_card_code":"\\u0049KEAFR"}}',
      payload,
    ]
    for (const text of written) {
      const answer = await server.call('POST', '/cards', {}, { text, payload })
      assert.equal(answer.status, 200, `${text} ${answer.text}`)
    }
    const other = { text: '{"card":{"amount":50,"gift_card_code":"IKEAFR"}}', payload }
    assertRefused(await server.call('POST', '/cards', {}, other), 401, 'invalid_signature')
  })

  it('is about letters as they are, not in lower case', async () => {
    const text = '{"card":{"amount":5,"gift_card_code":"IKEAFR"}}'
    assertRefused(
      await server.call('POST', '/cards', {}, { text, payload: text.toLowerCase() }),
      401,
      'invalid_signature',
    )
  })

  it('is over the body’s UTF-8, unescaped', async () => {
    await server.brand('CAFÉ☕', { slug: 'cafe' })
    const card = { amount: 5, gift_card_code: 'CAFÉ☕' }
    assert.equal((await server.buy(card, 'utf8-1')).body.card?.gift_card_code, 'CAFÉ☕')
    assertRefused(await server.buy({ amount: 6, gift_card_code: 'CAFÉ☕' }, 'utf8-2'), 422, 'invalid_amount')
    assertRefused(
      await server.call('GET', '/gift_cards/THÉ'.replace('É', '%C3%89')),
      404,
      'gift_card_not_found',
      "Gift card not found with code 'THÉ'",
    )
  })

  it('does not exist for a body that means two things, or none', async () => {
    const before = await countOrders()
    for (const text of [
      '{"card":{"amount":5,"gift_card_code":"IKEAFR"},"card":{"amount":500,"gift_card_code":"IKEAFR"}}',
      '{"card":{"amount":5,"amount":500,"gift_card_code":"IKEAFR"}}',
      '{"card":{"amount":5,"\\u0061mount":500,"gift_card_code":"IKEAFR"}}',
      '{"card":{"amount":5,"gift_card_code":"IKEAFR","__proto__":{}}}',
      '{"card":{"amount":36893488147419103232,"gift_card_code":"IKEAFR"}}',
      '{"card":{"amount":1e999,"gift_card_code":"IKEAFR"}}',
      '{"card":{"amount":5,"gift_card_code":"\\ud800"}}',
      '{"card":{"amount":5,"gift_card_code":"a\\u0000"}}',
      '{"card":{"amount":05,"gift_card_code":"IKEAFR"}}',
      '{"card":{"amount":0x5,"gift_card_code":"IKEAFR"}}',
      '{"card":{"amount":NaN,"gift_card_code":"IKEAFR"}}',
      '{"card":{"amount":5,"gift_card_code":"IKEAFR"},}',
      '\ufeff{"card":{"amount":5,"gift_card_code":"IKEAFR"}}',
      `{"card":${'['.repeat(17)}${']'.repeat(17)}}`,
      'card',
      '{',
    ]) {
      const answer = await server.call('POST', '/cards', {}, { text, payload: text })
      assertRefused(answer, 401, 'invalid_signature')
    }
    assert.equal(await countOrders(), before)
  })

  it('holds for 300 seconds, before and after', async () => {
    const now = nowInSeconds()
    for (const off of [-295, 295]) assert.equal((await get({ timestamp: now + off })).status, 200, String(off))
    for (const off of [-302, 302, -86_400, 86_400 * 365])
      assertRefused(await get({ timestamp: now + off }), 401, 'invalid_signature')
    for (const timestamp of [String(now * 1000), `0${now}`, `${now}.0`, `+${now}`, '0', '-1', '9'.repeat(30), 'now'])
      assertRefused(await get({ timestamp }), 401, 'invalid_signature')
  })

  it('is 64 lower-case hexadecimal digits', async () => {
    const spoiled: ((signature: string) => string)[] = [
      (it) => it.toUpperCase(),
      (it) => it.replace(/[a-f]/, (letter) => letter.toUpperCase()),
      (it) => it.slice(0, -1),
      (it) => `${it}0`,
      (it) => `${it}${it}`,
      (it) => `0x${it}`,
      (it) => Buffer.from(it, 'hex').toString('base64'),
      (it) => it.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      () => '0'.repeat(64),
      () => 'null',
    ]
    for (const spoil of spoiled) {
      const authorization: Twist['authorization'] = ({ apiKey, identifier, signature, timestamp }) =>
        `Bearer ${apiKey}, Id=${identifier}, Signature=${spoil(signature)}, Timestamp=${timestamp}`
      assertRefused(await get({ authorization }), 401, 'invalid_signature')
    }
  })

  it('needs the decoded key: not its hexadecimal text, nor another partner’s', async () => {
    const { credentials } = server
    const asText = Buffer.from(credentials.sharedKey).toString('hex')
    const other = await server.partner('stranger', 0n)
    for (const sharedKey of [asText, other.credentials.sharedKey, '00'])
      assertRefused(await call(server.url, { ...credentials, sharedKey }, 'GET', '/balance'), 401, 'invalid_signature')
    for (const mixed of [
      { ...credentials, identifier: other.credentials.identifier },
      { ...credentials, apiKey: other.credentials.apiKey },
      { ...other.credentials, identifier: credentials.identifier },
    ])
      assertRefused(await call(server.url, mixed, 'GET', '/balance'), 401, 'unauthorized')
  })
})

type Parts = Parameters<NonNullable<Twist['authorization']>>[0]

describe('the Authorization header', () => {
  const written: [name: string, write: (parts: Parts) => string][] = [
    [
      'another order',
      (p) => `Bearer ${p.apiKey}, Timestamp=${p.timestamp}, Signature=${p.signature}, Id=${p.identifier}`,
    ],
    ['no spaces', (p) => `Bearer ${p.apiKey},Id=${p.identifier},Signature=${p.signature},Timestamp=${p.timestamp}`],
    [
      'many spaces',
      (p) => `Bearer   ${p.apiKey} ,  Id = ${p.identifier} , Signature=${p.signature}  ,  Timestamp= ${p.timestamp}`,
    ],
    ['a tab', (p) => `Bearer ${p.apiKey},\tId=${p.identifier},\tSignature=${p.signature},\tTimestamp=${p.timestamp}`],
    ['lower case', (p) => `bearer ${p.apiKey}, id=${p.identifier}, signature=${p.signature}, timestamp=${p.timestamp}`],
  ]
  for (const [name, write] of written)
    it(`may be written with ${name}`, async () => {
      assert.equal((await get({ authorization: write })).status, 200)
    })

  const tail = (p: Parts) => `Id=${p.identifier}, Signature=${p.signature}, Timestamp=${p.timestamp}`
  const malformed: [name: string, write: (parts: Parts) => string | string[]][] = [
    ['is empty', () => ''],
    ['has no scheme', (p) => `${p.apiKey}, ${tail(p)}`],
    ['has another scheme', (p) => `Basic ${p.apiKey}, ${tail(p)}`],
    ['has no key', (p) => `Bearer , ${tail(p)}`],
    ['has only the key', (p) => `Bearer ${p.apiKey}`],
    ['has two keys', (p) => `Bearer ${p.apiKey} ${p.apiKey}, ${tail(p)}`],
    ['lacks Id', (p) => `Bearer ${p.apiKey}, Signature=${p.signature}, Timestamp=${p.timestamp}`],
    ['lacks Signature', (p) => `Bearer ${p.apiKey}, Id=${p.identifier}, Timestamp=${p.timestamp}`],
    ['lacks Timestamp', (p) => `Bearer ${p.apiKey}, Id=${p.identifier}, Signature=${p.signature}`],
    ['has Id twice', (p) => `Bearer ${p.apiKey}, ${tail(p)}, Id=${p.identifier}`],
    ['has Signature twice', (p) => `Bearer ${p.apiKey}, ${tail(p)}, Signature=${p.signature}`],
    ['has Signature and signature', (p) => `Bearer ${p.apiKey}, ${tail(p)}, signature=${'0'.repeat(64)}`],
    ['has a part of its own', (p) => `Bearer ${p.apiKey}, ${tail(p)}, Algorithm=none`],
    ['has a part without a value', (p) => `Bearer ${p.apiKey}, ${tail(p)}, Id`],
    ['ends in a comma', (p) => `Bearer ${p.apiKey}, ${tail(p)},`],
    ['uses semicolons', (p) => `Bearer ${p.apiKey}; ${tail(p).replaceAll(',', ';')}`],
    ['quotes', (p) => `Bearer ${p.apiKey}, Id="${p.identifier}", Signature=${p.signature}, Timestamp=${p.timestamp}`],
    ['comes twice', (p) => [`Bearer ${p.apiKey}, ${tail(p)}`, `Bearer ${p.apiKey}, ${tail(p)}`]],
    [
      'is cut in two',
      (p) => [`Bearer ${p.apiKey}, Id=${p.identifier}`, `Signature=${p.signature}, Timestamp=${p.timestamp}`],
    ],
    ['has a very long key', (p) => `Bearer ${'k'.repeat(8000)}, ${tail(p)}`],
  ]
  for (const [name, write] of malformed)
    it(`is refused when it ${name}`, async () => {
      assertRefused(await get({ authorization: write }), 401, 'unauthorized', 'Not authorized')
    })

  it('is refused when it is missing', async () => {
    assertRefused(await send(server.url, '/partners/v1/balance'), 401, 'unauthorized')
  })

  it('may carry a key that ends in a dash and holds underscores, and an imported secret of 16 bytes', async () => {
    const { partner } = await server.partner('dashed', 1_000n)
    const imported = {
      ...published,
      apiKey: 'Usidd5PARuHZ_aSRAL_2eSPO=ZrT-',
      identifier: 'f3a4f1a2-0000-4e55-92e0-b97e81085154',
    }
    await importCredential(imported, partner.id)
    const answer = await call(server.url, imported, 'GET', '/balance')
    assert.deepEqual(answer.body.balance, { amount_cents: 1_000, currency: 'EUR' })
    const upper = { ...imported, identifier: imported.identifier.toUpperCase() }
    assertRefused(await call(server.url, upper, 'GET', '/balance'), 401, 'unauthorized')
  })
})

describe('a credential', () => {
  it('of another protocol is refused', async () => {
    const { sandbox, gateway } = server
    const { credentials } = server
    const { partner } = await server.partner('tilloed', 0n)
    const tillo = await createCredential(server.assembly, partner, 'tillo')
    const keys = [gateway.token, sandbox.operator.api_key, sandbox.tillo.api_key, tillo.apiKey]
    for (const apiKey of keys) {
      assertRefused(await call(server.url, { ...credentials, apiKey }, 'GET', '/balance'), 401, 'unauthorized')
      const alone = await send(server.url, '/partners/v1/balance', { headers: { authorization: `Bearer ${apiKey}` } })
      assertRefused(alone, 401, 'unauthorized')
    }
    const theirs = { apiKey: tillo.apiKey, identifier: credentials.identifier, sharedKey: tillo.secret }
    assertRefused(await call(server.url, theirs, 'GET', '/balance'), 401, 'unauthorized')
  })

  it('of Walleo is refused by the other protocols', async () => {
    const { apiKey } = server.credentials
    for (const path of ['/us:8301234567:USD/balance', '/admin/v1/wallets']) {
      const answer = await send(server.url, path, { headers: { authorization: `Bearer ${apiKey}` } })
      assert.equal(answer.status, 401, path)
    }
  })

  it('that was revoked, or whose partner was disabled, is refused within five seconds', async () => {
    const revoked = await server.partner('revoked', 0n)
    const disabled = await server.partner('disabled', 0n)
    for (const { call } of [revoked, disabled]) assert.equal((await call('GET', '/balance')).status, 200)
    await server.db.query('update partner_credential set revoked_at = now() where id = $1', [revoked.credentialId])
    await server.db.query('update partner set disabled_at = now() where id = $1', [disabled.partner.id])
    await delay(5_100)
    for (const { call } of [revoked, disabled]) assertRefused(await call('GET', '/balance'), 401, 'unauthorized')
  })

  it('with allowed addresses is refused elsewhere, whatever a header says', async () => {
    const here = await server.partner('here', 0n, ['192.0.2.0/24', '127.0.0.0/8'])
    const elsewhere = await server.partner('elsewhere', 0n, ['192.0.2.0/24', '2001:db8::/32'])
    assert.equal((await here.call('GET', '/balance')).status, 200)
    for (const headers of [{}, { 'x-forwarded-for': '192.0.2.1' }, { 'x-real-ip': '192.0.2.1' }] as Record<
      string,
      string
    >[])
      assertRefused(await elsewhere.call('GET', '/balance', undefined, { headers }), 401, 'unauthorized')
  })

  it('with allowed addresses may come through a proxy that the operator trusts', async (t) => {
    const behind = await server.partner('behind', 0n, ['192.0.2.0/24'])
    const url = await serve(t, {
      ...server.assembly,
      config: { trustedProxies: ['127.0.0.1'] },
      publicUrls: [PUBLIC_URL],
      buyUpstream: async () => ({ status: 'pending' }),
    })
    const from = async (address: string) => {
      const headers = { 'x-forwarded-for': address }
      return (await call(url, behind.credentials, 'GET', '/balance', undefined, { headers })).status
    }
    assert.equal(await from('192.0.2.7'), 200)
    for (const address of ['198.51.100.7', '192.0.2.7, 198.51.100.7', '192.0.2.7, unknown', ''])
      assert.equal(await from(address), 401, address)
  })

  it('does not stand in what the server logs', () => {
    assert.deepEqual(server.faults, [])
  })
})

describe('a request that is sent again', () => {
  it('inside the window with its id gets the first answer, and outside is refused', async () => {
    const twist = { requestId: 'replay-1', timestamp: nowInSeconds() - 200 }
    const first = await server.call('POST', '/cards', { card: IKEA }, twist)
    assert.equal(first.status, 200)
    const replay = await server.call('POST', '/cards', { card: IKEA }, twist)
    assert.equal(replay.text, first.text)
    const late = { requestId: 'replay-1', timestamp: nowInSeconds() - 302 }
    assertRefused(await server.call('POST', '/cards', { card: IKEA }, late), 401, 'invalid_signature')
  })
})

it('the books are clean after all of it', () => server.assertClean())
