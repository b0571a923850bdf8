import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import jwt from 'jsonwebtoken'
import { createPartner, openFloat } from '../../../src/operations/gift-cards/create-partner.ts'
import { createJackpotAccount } from '../../../src/operations/jackpot/jackpot-account.ts'
import { revokeCredential } from '../../../src/storage/partners.ts'
import {
  ASSERTION,
  claimsV1,
  claimsV2,
  type JackpotServer,
  makeToken,
  notificationKey,
  nowInSeconds,
  startJackpot,
} from './harness.ts'

let server: JackpotServer
before(async () => {
  server = await startJackpot()
})
after(() => server.assertClean().finally(() => server.stop()))

const many = <T>(count: number, work: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)))
const sign = (claims: object | string, header?: object | string) => makeToken(server.apiSignature, claims, header)
const errorOf = ({ status, body }: { status: number; body: Record<string, unknown> }) =>
  `${status} ${body?.error ?? ''}`

describe('the three samples of the documents, with their lost parts restored', () => {
  const criteria = () => ({
    amount: 100,
    cp: '75000',
    age: 40,
    gender: 'M',
    userId: 'u-1234',
    iat: Math.round(Date.now() / 1000),
    notificationKey: notificationKey(),
  })

  test('open a session as Node signs them', async () => {
    const token = jwt.sign(criteria(), server.apiSignature)
    const { status, body } = await server.openV1(token)
    assert.equal(status, 200)
    assert.deepEqual(Object.keys(body), ['sessionToken', 'expiresIn'])
    assert.equal(body.expiresIn, 3600)
  })

  test('open a session under the headers of Ruby and of PHP', async () => {
    for (const header of [{ alg: 'HS256' }, { typ: 'JWT', alg: 'HS256' }]) {
      const { status, body } = await server.openV1(sign(criteria(), header))
      assert.equal(status, 200, JSON.stringify(body))
    }
  })

  test('are one token under all their headers: a notificationKey works once', async () => {
    const claims = criteria()
    const headers = [{ alg: 'HS256', typ: 'JWT' }, { alg: 'HS256' }, { typ: 'JWT', alg: 'HS256' }]
    const answers = await many(3, (i) => server.openV1(sign(claims, headers[i])))
    assert.deepEqual(answers.map(errorOf).sort(), ['200 ', '400 invalid_grant', '400 invalid_grant'])
  })
})

describe('an initialization token', () => {
  test('opens one session for 64 callers at once, over both versions', async () => {
    const token = sign(claimsV1())
    const before = await server.sessions()
    const answers = await many(64, (i) => (i % 2 ? server.openV1(token) : server.openV2(token)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.ok(answers.every((answer) => ['200 ', '400 invalid_grant'].includes(errorOf(answer))))
    assert.equal(await server.sessions(), before + 1)
  })

  test('cannot be replayed in another spelling of the same bytes', async () => {
    const token = sign(claimsV2())
    assert.equal((await server.openV2(token)).status, 200)
    const last = token.at(-1) as string
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const [head, payload, signature] = token.split('.') as [string, string, string]
    const spellings = [...alphabet]
      .filter((one) => one !== last)
      .map((one) => token.slice(0, -1) + one)
      .concat([
        `${token}=`,
        `${head}=.${payload}.${signature}`,
        ` ${token}`,
        `${token} `,
        token.replaceAll('-', '+').replaceAll('_', '/'),
      ])
      .filter((one) => one !== token)
    for (const spelling of spellings) assert.equal(errorOf(await server.openV2(spelling)), '400 invalid_grant')
  })

  test('is not used up by a refusal', async () => {
    const claims = claimsV1()
    const token = sign(claims)
    const forged = makeToken('x'.repeat(64), claims)
    await many(16, () => server.openV1(forged))
    await server.openV1(token, 'test_jackpot_unknown')
    await server.openV1(sign({ ...claims, age: '40' }))
    assert.equal((await server.openV1(token)).status, 200)
  })

  test('is refused when it is signed otherwise, or asks for something', async () => {
    const claims = claimsV2()
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
    const tokens = [
      '',
      'x',
      'a.b.c',
      none,
      `${none}${'A'.repeat(43)}`,
      jwt.sign(claims, server.apiSignature, { algorithm: 'HS384' }),
      jwt.sign(claims, server.apiSignature, { algorithm: 'HS512' }),
      makeToken(server.apiKey, claims),
      makeToken('', claims),
      makeToken(server.clientSecret, claims),
      sign(claims, { alg: 'hs256' }),
      sign(claims, { typ: 'JWT' }),
      sign(claims, { alg: 'HS256', crit: ['exp'] }),
      sign(claims, { alg: 'HS256', b64: false }),
      sign(claims, { alg: 'HS256', jku: 'https://evil.example' }),
      sign(claims, '{"alg":"HS256","alg":"HS256"}'),
      sign(JSON.stringify(claims).replace('{', '{"amount":1,')),
      sign('[]'),
      sign('null'),
    ]
    for (const token of tokens) {
      const expected = token === '' ? '400 invalid_request' : '400 invalid_grant'
      assert.equal(errorOf(await server.openV2(token)), expected, token)
    }
    assert.equal((await server.openV2(sign(claims))).status, 200)
  })

  test('is refused with claims of another type, in either version', async () => {
    const iat = nowInSeconds()
    const amounts = [0, -1, 1e-9, 0.001, '100', null, '1e3', 1e15, 2 ** 53 + 2, true, [100]]
    const wrong: object[] = [
      ...amounts.map((amount) => ({ amount })),
      { iat: String(iat) },
      { iat: iat + 0.5 },
      { iat: iat * 1000 },
      { iat: iat + 120 },
      { iat: iat - 400 },
      { iat: undefined },
      { notificationKey: '' },
      { notificationKey: 12_345 },
      { notificationKey: 'x'.repeat(256) },
      { notificationKey: undefined },
    ]
    const before = await server.sessions()
    for (const claims of [...wrong, { userId: 7 }, { userId: 'x'.repeat(256) }, { forceManualConfirm: 'true' }])
      assert.equal(errorOf(await server.openV2(sign(claimsV2(claims)))), '400 invalid_grant', JSON.stringify(claims))
    for (const claims of [
      ...wrong,
      { cp: 75000 },
      { cp: undefined },
      { age: '40' },
      { gender: 1 },
      { userId: undefined },
    ])
      assert.equal(errorOf(await server.openV1(sign(claimsV1(claims)))), '400 invalid_grant', JSON.stringify(claims))
    assert.equal(await server.sessions(), before)
    assert.equal((await server.openV1(sign(claimsV1({ iat: nowInSeconds() + 55, amount: 19.99 })))).status, 200)
    assert.equal((await server.openV2(sign(claimsV2({ iat: nowInSeconds() - 295, amount: 0.01 })))).status, 200)
  })

  test('of another partner opens nothing, and the same notificationKey of two partners is two', async () => {
    const party = await server.party('Other of Jackpot')
    const partner = await createPartner(server.assembly, { partyId: party, slug: 'other-jackpot' })
    await openFloat(server.assembly, 'test', partner, { currency: 'EUR' })
    const other = await createJackpotAccount(server.assembly, { partner: partner.slug, currency: 'EUR' })
    assert.ok(Buffer.byteLength(other.apiSignature) >= 32 && Buffer.byteLength(server.apiSignature) >= 32)
    const claims = claimsV2()
    assert.equal(errorOf(await server.openV2(sign(claims), other.apiKey)), '400 invalid_grant')
    assert.equal((await server.openV2(makeToken(other.apiSignature, claims), other.apiKey)).status, 200)
    assert.equal((await server.openV2(sign(claims))).status, 200)
    const secret = { grant_type: 'client_credentials', client_id: other.apiKey, client_secret: server.clientSecret }
    assert.equal(errorOf(await server.call('POST', '/v2/token', secret)), '401 invalid_client')
    // Revoking the key ends what it has opened.
    const opened = await server.openV2(makeToken(other.apiSignature, claimsV2()), other.apiKey)
    const token = opened.body.access_token as string
    const look = () => server.call('GET', '/v2/stores', undefined, server.bearer(token))
    assert.equal((await look()).status, 200)
    await revokeCredential(server.db, other.credentialId)
    assert.equal(errorOf(await look()), '401 invalid_token')
  })
})

describe('POST /v2/token', () => {
  test('takes JSON and a form, for both grants', async () => {
    const form = (fields: Record<string, string>) =>
      server.call('POST', '/v2/token', new URLSearchParams(fields).toString(), {
        'content-type': 'application/x-www-form-urlencoded',
      })
    const client = await form({ grant_type: ASSERTION, client_id: server.apiKey, assertion: sign(claimsV2()) })
    assert.equal(client.status, 200)
    assert.deepEqual([client.body.token_type, client.body.expires_in], ['Bearer', 3600])
    const machine = { grant_type: 'client_credentials', client_id: server.apiKey, client_secret: server.clientSecret }
    assert.equal((await form(machine)).status, 200)
    assert.equal((await server.call('POST', '/v2/token', machine)).status, 200)
    assert.equal(client.headers['cache-control'], 'no-store')
    assert.equal(client.headers['access-control-allow-origin'], undefined)
  })

  test('refuses everything else in its form', async () => {
    const ask = async (body: unknown, headers?: Record<string, string>) =>
      errorOf(await server.call('POST', '/v2/token', body, headers))
    const machine = { grant_type: 'client_credentials', client_id: server.apiKey }
    assert.equal(await ask({ ...machine, client_secret: 'bfjs_wrong' }), '401 invalid_client')
    assert.equal(await ask({ ...machine, client_id: 'x', client_secret: server.clientSecret }), '401 invalid_client')
    assert.equal(await ask(machine), '400 invalid_request')
    assert.equal(await ask({ ...machine, client_secret: 7 }), '400 invalid_request')
    assert.equal(await ask({ grant_type: 'password' }), '400 unsupported_grant_type')
    assert.equal(await ask({}), '400 invalid_request')
    assert.equal(await ask('[]'), '400 invalid_request')
    assert.equal(await ask('{"grant_type":1,"grant_type":2}'), '400 invalid_request')
    assert.equal(await ask('{'), '400 invalid_request')
    assert.equal(await ask('x'.repeat(70_000)), '413 payload_too_large')
    assert.equal(await ask('a=b', { 'content-type': 'text/plain' }), '415 unsupported_media_type')
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    assert.equal(await ask('grant_type=a&grant_type=a', form), '400 invalid_request')
    assert.equal(errorOf(await server.call('GET', '/v2/token')), '405 method_not_allowed')
    assert.equal(errorOf(await server.call('GET', '/token')), '405 method_not_allowed')
    assert.equal(errorOf(await server.call('GET', '/v2/none')), '404 route_not_found')
    assert.equal(errorOf(await server.call('POST', '/token', {})), '400 invalid_request')
    assert.equal(
      errorOf(await server.call('POST', '/token', { initializationToken: 'x' }, { apikey: 'no' })),
      '401 invalid_client',
    )
    const both = { apiKey: server.apiKey, initializationToken: sign(claimsV1()) }
    assert.equal(errorOf(await server.call('POST', '/token', both, { apikey: 'no' })), '400 invalid_request')
    const { apiKey, initializationToken } = both
    assert.equal((await server.call('POST', '/token', { initializationToken }, { apikey: apiKey })).status, 200)
    assert.deepEqual(server.faults, [])
  })
})
