import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createAccessTokens } from '../../../src/protocols/pledg/access-token.ts'
import { createPledgWorld, type PledgWorld, token } from '../../support/pledg-world.ts'
import { type Answer, send } from '../../support/wallet-client.ts'

let world: PledgWorld
let merchant: Awaited<ReturnType<PledgWorld['merchant']>>
before(async () => {
  world = await createPledgWorld()
  merchant = await world.merchant()
})
after(() => world.stop())

const FORM = 'application/x-www-form-urlencoded'
const ask = (authorization: string | undefined, body = 'grant_type=client_credentials', type = FORM): Promise<Answer> =>
  send(world.url, '/api/token', {
    headers: { ...(authorization !== undefined && { authorization }), 'content-type': type },
    body,
  })
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`
const own = () => basic(`${merchant.key}:${merchant.keySecret}`)

describe('POST /api/token', () => {
  it('gives a bearer token of ten minutes, whose head is that of an HS256 token, and nothing to refresh it with', async () => {
    const { status, body, headers } = await ask(own())
    assert.equal(status, 200)
    assert.deepEqual(Object.keys(body), ['access_token', 'token_type', 'expires_in'])
    assert.deepEqual([body.token_type, body.expires_in], ['Bearer', 600])
    assert.match(body.access_token, /^eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1/)
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal(headers['access-control-allow-origin'], undefined)
  })

  it('answers a wrong key, a wrong secret and no credentials alike, with a challenge', async () => {
    const answers = [
      await ask(basic(`${merchant.key}:wrong`)),
      await ask(basic(`nobody:${merchant.keySecret}`)),
      await ask(undefined),
      await ask('Basic !!!'),
      await ask(`Bearer ${btoa(`${merchant.key}:${merchant.keySecret}`)}`),
      await ask(basic(`${world.ada.email}:${world.ada.password}`)),
    ]
    for (const { status, body, headers } of answers) {
      assert.deepEqual([status, body.error], [401, 'invalid_client'])
      assert.match(String(headers['www-authenticate']), /^Basic realm="pledg"/)
    }
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
  })

  it('takes the form and nothing beside it', async () => {
    const cases: [string, string, string?][] = [
      ['grant_type=password', 'unsupported_grant_type'],
      ['', 'invalid_request'],
      ['grant_type=client_credentials&scope=all', 'invalid_request'],
      ['grant_type=client_credentials&grant_type=client_credentials', 'invalid_request'],
      ['{"grant_type":"client_credentials"}', 'invalid_request', 'application/json'],
    ]
    for (const [body, error, type] of cases) {
      const answer = await ask(own(), body, type)
      assert.deepEqual([answer.status, answer.body.error], [400, error], body)
    }
  })

  it('splits the pair at its first colon', async () => {
    const { readBasic } = await import('../../../src/credentials/basic.ts')
    assert.deepEqual(readBasic('Basic eW91cl9rZXk6eW91cl9zZWNyZXQ='), { name: 'your_key', secret: 'your_secret' })
    assert.deepEqual(readBasic(basic('a:b:c')), { name: 'a', secret: 'b:c' })
    assert.deepEqual(readBasic('basic cmFuZG9tQGRvbWFpbi5jb206am9objEyMw'), {
      name: 'random@domain.com',
      secret: 'john123',
    })
    for (const wrong of [
      'Basic',
      'Basic YQ==',
      'Basic Ojo=',
      'Basic YTpi=',
      'Basic YTp\u00e9',
      'Basic YTpiAA==',
      basic('a\n:b'),
    ])
      assert.equal(readBasic(wrong), null, wrong)
  })
})

describe('a bearer token', () => {
  it('opens nothing after 600 seconds, nor with another signature, audience or algorithm', () => {
    let now = Date.parse('2026-01-01T00:00:00Z')
    const tokens = createAccessTokens(Buffer.alloc(32, 1), () => now)
    const others = createAccessTokens(Buffer.alloc(32, 2), () => now)
    const issued = tokens.issue('key-1')
    assert.deepEqual(tokens.read(issued), { keyId: 'key-1', expired: false })
    assert.equal(others.read(issued), 'invalid')
    now += 599_000
    assert.deepEqual(tokens.read(issued), { keyId: 'key-1', expired: false })
    now += 1_000
    assert.deepEqual(tokens.read(issued), { keyId: 'key-1', expired: true })
    const secret = Buffer.alloc(32, 1).toString('latin1')
    const claims = { aud: 'elsewhere', sub: 'key-1', exp: now / 1000 + 60 }
    assert.equal(tokens.read(token(claims, secret)), 'invalid')
    assert.equal(tokens.read(token({ ...claims, aud: 'billfold:pledg-api' }, secret, { alg: 'none' })), 'invalid')
  })

  it('ends when its key is revoked, and the answer says that it is not valid', async () => {
    const shop = await world.merchant()
    const headers = await world.bearer(shop)
    const path = `/api/merchants/${shop.uid}/purchases/pur_00000000-0000-7000-8000-000000000000`
    assert.equal((await world.get(path, headers)).status, 404)
    await world.db.query('update merchant_key set revoked_at = now() where key = $1', [shop.key])
    for (let waited = 0; waited < 60; waited += 1) {
      if ((await world.get(path, headers)).status === 401) break
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    const { status, body, headers: answered } = await world.get(path, headers)
    assert.deepEqual([status, body.error], [401, 'invalid_token'])
    assert.match(String(answered['www-authenticate']), /error="invalid_token"/)
  })
})
