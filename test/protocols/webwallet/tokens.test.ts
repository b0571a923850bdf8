import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { WALLET_SCOPES } from '../../../src/credentials/scopes.ts'
import { disableClient } from '../../../src/operations/disable-client.ts'
import { PUBLIC_URL, type SandboxServer, startSandboxServer } from '../../support/server.ts'
import {
  type Answer,
  type Caller,
  createCaller,
  envelope,
  grantToken,
  opened,
  refused,
  send,
} from '../../support/wallet-client.ts'

const WALLET = 'desk:one:USD'

let server: SandboxServer
let till: Caller & { partyId: string; clientSecret: string }
before(async () => {
  server = await startSandboxServer()
  till = await server.client([{ id: WALLET, lower: '-100.00' }, 'desk:two:USD'])
})
after(() => server.stop())

const payment = { endpoint: 'payments', target: 'desk:two:USD', amount: 1, currency: 'USD' }
const challenge = (answer: Answer) => String(answer.headers['www-authenticate'])

/** Every route, asked with this Authorization header: all must answer alike. @returns the one answer */
async function everyRoute(authorization: string | undefined): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) }
  const paths = ['', '/balance', '/transactions', '/transactions/x']
  const answers = await Promise.all([
    ...paths.map((path) => send(server.url, `/${WALLET}${path}`, { headers })),
    send(server.url, `/${WALLET}/payments`, { headers, body: envelope(till.signingSecret, payment) }),
    send(server.url, `/${WALLET}/funds`, { headers, body: '{' }),
  ])
  const first = answers[0] as Answer
  for (const answer of answers) {
    assert.equal(refused(answer, null), refused(first, null))
    assert.equal(challenge(answer), challenge(first))
    assert.deepEqual(answer.body.payload.error, first.body.payload.error)
  }
  return first
}

const forged = (payload: object, header: object, signer: (text: string) => string) => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part(header)}.${part(payload)}`
  return `${text}.${signer(text)}`
}

describe('a request without a good token', () => {
  it('is refused when there is none, with a challenge that names no error', async () => {
    const answer = await everyRoute(undefined)
    assert.equal(refused(answer, null), '401 invalid-token')
    assert.equal(challenge(answer), 'Bearer realm="wallets", DPoP realm="wallets", algs="ES256 EdDSA Ed25519 PS256"')
  })

  it('is refused when it is malformed', async () => {
    for (const text of [
      'x',
      'a.b',
      'a.b.c',
      'a.b.c.d',
      `${till.token}.`,
      `${till.token} x`,
      till.token.slice(0, -1),
      till.token.toUpperCase(),
    ]) {
      const answer = await everyRoute(`Bearer ${text}`)
      assert.equal(refused(answer, null), '401 invalid-token', text)
      assert.match(challenge(answer), /^Bearer realm="wallets", error="invalid_token"/)
    }
    for (const header of ['Bearer', `Basic ${till.token}`, till.token, `Bearer: ${till.token}`]) {
      assert.match(refused(await everyRoute(header), null), /^(400 invalid-request|401 invalid-token)$/, header)
    }
    assert.equal(refused(await everyRoute(`Bearer ${'x'.repeat(9_000)}`), null), '400 invalid-request')
  })

  it('is refused when it was made by someone else', async () => {
    const claims = JSON.parse(Buffer.from(till.token.split('.')[1] as string, 'base64url').toString())
    const header = JSON.parse(Buffer.from(till.token.split('.')[0] as string, 'base64url').toString())
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const [head = '', body = '', signature = ''] = till.token.split('.')
    const { body: jwks } = await send(server.url, '/oauth/jwks')
    const tokens = [
      forged(claims, header, (text) =>
        sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url'),
      ),
      forged(claims, { ...header, alg: 'none' }, () => ''),
      forged(claims, { ...header, alg: 'none' }, () => signature),
      forged(claims, { ...header, alg: 'HS256' }, (text) =>
        createHmac('sha256', JSON.stringify(jwks.keys[0])).update(text).digest('base64url'),
      ),
      forged(claims, { ...header, typ: 'JWT' }, () => signature),
      forged(claims, { ...header, kid: '../../key' }, () => signature),
      forged({ ...claims, scope: WALLET_SCOPES.join(' '), wallet_ids: ['1'] }, header, () => signature),
      `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`,
    ]
    for (const token of tokens)
      assert.equal(refused(await everyRoute(`Bearer ${token}`), null), '401 invalid-token', token)
  })

  it('is refused when it has expired, is of another server or is meant for one', async () => {
    const of = { clientId: till.id, subject: till.partyId }
    const tokens = [
      server.token({ ...of, expiresAt: Date.now() - 1000 }),
      server.token({ ...of, audience: 'https://elsewhere.example' }),
      server.token({ ...of, audience: `${PUBLIC_URL}.evil.example` }),
      server.token(of, 'https://elsewhere.example'),
      server.token({ ...of, issuedAt: Date.now() + 600_000, expiresAt: Date.now() + 900_000 }),
      server.token({ ...of, clientId: 'nobody' }),
    ]
    for (const token of tokens) assert.equal(refused(await everyRoute(`Bearer ${token}`), null), '401 invalid-token')
    const good = createCaller(server.url, { ...till, token: server.token(of) })
    assert.equal((await good.get(`/${WALLET}`)).status, 200)
  })

  it('is refused soon after it was revoked, and for every wallet', async () => {
    const token = await grantToken(server.url, till.id, till.clientSecret)
    const caller = createCaller(server.url, { ...till, token })
    assert.equal((await caller.get(`/${WALLET}`)).status, 200)
    const body = new URLSearchParams({ token, client_id: till.id, client_secret: till.clientSecret }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    assert.equal((await send(server.url, '/oauth/revoke', { body, headers })).status, 200)
    assert.equal(refused(await caller.post(`/${WALLET}/payments`, payment), null), '401 invalid-token')
    assert.equal(refused(await everyRoute(`Bearer ${token}`), null), '401 invalid-token')
  })

  it('is refused within five seconds after its client was disabled', async () => {
    const other = await server.client(['desk:three:USD'])
    assert.equal((await other.get('/desk:three:USD')).status, 200)
    await disableClient(server.assembly, { id: other.id })
    const until = performance.now() + 5_500
    let status = 200
    while (status === 200 && performance.now() < until) {
      await delay(100)
      status = (await other.get('/desk:three:USD')).status
    }
    assert.equal(refused(await other.get('/desk:three:USD'), null), '401 invalid-token')
  })
})

describe('a token', () => {
  it('needs the scope of what it is used for, and no other', async () => {
    const needed: [string, string | null, (caller: Caller) => Promise<Answer>][] = [
      ['wallet', null, (caller) => caller.get(`/${WALLET}`)],
      ['balance', 'balance', (caller) => caller.get(`/${WALLET}/balance`)],
      ['history', 'transactions', (caller) => caller.get(`/${WALLET}/transactions`)],
      ['transaction', 'transactions', (caller) => caller.get(`/${WALLET}/transactions/x`)],
      ['payments', 'payments', (caller) => caller.post(`/${WALLET}/payments`, payment)],
      [
        'funds',
        'funds',
        (caller) => caller.post('/desk:two:USD/funds', { ...payment, endpoint: 'funds', source: WALLET }),
      ],
    ]
    for (const scope of WALLET_SCOPES) {
      const token = await grantToken(server.url, till.id, till.clientSecret, scope)
      const caller = createCaller(server.url, { ...till, token })
      for (const [name, wanted, call] of needed) {
        const answer = await call(caller)
        const message = `${name} with ${scope}`
        if (wanted === null || wanted === scope) {
          assert.equal(answer.status, name === 'transaction' ? 404 : 200, message)
          continue
        }
        assert.equal(refused(answer, till.signingSecret), '403 insufficient-scope', message)
        assert.match(challenge(answer), new RegExp(`error="insufficient_scope".*scope="${wanted}"`))
      }
    }
  })

  it('gives no hint whether a wallet of someone else is there', async () => {
    const texts = new Set<string>()
    for (const id of [
      'us:8301234567:USD',
      'us:0000000000:USD',
      '4JpVLE2PVP2eaLSXm6zujLbdmnBR',
      '1'.repeat(25),
      'desk:one:XYZ',
    ]) {
      for (const path of ['', '/balance', '/transactions', '/transactions/x']) {
        const answer = await till.get(`/${id}${path}`)
        assert.equal(refused(answer, till.signingSecret), '403 wallet-not-allowed', id)
        texts.add(answer.body.payload.error.message)
      }
    }
    assert.equal(texts.size, 1)
  })

  it('reaches the wallets that it names and no others of the same owner', async () => {
    const one = await server.assembly.directory.find(WALLET)
    const token = server.token({
      clientId: till.id,
      subject: till.partyId,
      wallets: new Set([one?.id as bigint]),
      walletNames: [WALLET],
    })
    const narrow = createCaller(server.url, { ...till, token })
    assert.equal((await narrow.get(`/${WALLET}`)).status, 200)
    assert.equal(refused(await narrow.get('/desk:two:USD'), till.signingSecret), '403 wallet-not-allowed')
    const back = { ...payment, target: WALLET }
    assert.equal(
      refused(await narrow.post('/desk:two:USD/payments', back), till.signingSecret),
      '403 wallet-not-allowed',
    )
  })

  it('is no longer good for a scope that was taken from its client', async () => {
    const other = await server.client([{ id: 'desk:four:USD', lower: '-5.00' }])
    await server.db.query(`update client set scopes = '{balance}' where id = $1`, [other.id])
    await delay(2_100)
    await other.get('/desk:four:USD')
    await delay(100)
    assert.equal(
      refused(await other.post('/desk:four:USD/payments', payment), other.signingSecret),
      '403 insufficient-scope',
    )
    assert.equal(opened(await other.get('/desk:four:USD/balance'), other.signingSecret).balance.amount, 0)
  })
})

it('the books are clean after all of it', () => server.assertClean())
