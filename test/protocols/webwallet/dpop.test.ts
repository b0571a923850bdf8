import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { createProof, createProofKey, type ProofInput } from '../../support/dpop.ts'
import { PUBLIC_URL, type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { type Answer, type Caller, createCaller, envelope, opened, refused, send } from '../../support/wallet-client.ts'

const WALLET = 'desk:one:USD'
const key = createProofKey()

let server: SandboxServer
let till: Caller & { partyId: string; clientSecret: string }
let token: string
before(async () => {
  server = await startSandboxServer()
  till = await server.client([{ id: WALLET, lower: '-100.00' }, 'desk:two:USD'])
  token = await boundToken()
})
after(() => server.stop())

async function boundToken(scope?: string): Promise<string> {
  const credentials = { client_id: till.id, client_secret: till.clientSecret }
  const answer = await send(server.url, '/oauth/token', {
    body: JSON.stringify({ grant_type: 'client_credentials', ...credentials, scope }),
    headers: {
      'content-type': 'application/json',
      dpop: createProof(key, { method: 'POST', url: `${PUBLIC_URL}/oauth/token` }),
    },
  })
  assert.equal(answer.body.token_type, 'DPoP', answer.text)
  return answer.body.access_token
}

const proof = (method: string, path: string, changes: Partial<ProofInput> = {}) =>
  createProof(key, { method, url: PUBLIC_URL + path, accessToken: token, ...changes })

const payment = { endpoint: 'payments', target: 'desk:two:USD', amount: 1, currency: 'USD' }
const pay = (dpop: string, headers: Record<string, string> = {}, path = `/${WALLET}/payments`) =>
  till.raw(path, envelope(till.signingSecret, payment), { authorization: `DPoP ${token}`, dpop, ...headers })
const read = (path: string, dpop: string | undefined, authorization = `DPoP ${token}`) =>
  send(server.url, path, { headers: { authorization, ...(dpop === undefined ? {} : { dpop }) } })

const challenge = (answer: Answer) => String(answer.headers['www-authenticate'])
const ALGS = 'algs="ES256 EdDSA Ed25519 PS256"'

describe('a bound token on the wallet routes', () => {
  it('is good with a new proof each time', async () => {
    for (let count = 0; count < 3; count += 1) {
      const answer = await read(`/${WALLET}/balance`, proof('GET', `/${WALLET}/balance`))
      assert.equal(opened(answer, till.signingSecret).balance.currency.code, 'USD')
    }
    assert.equal(opened(await pay(proof('POST', `/${WALLET}/payments`)), till.signingSecret).success, true)
  })

  it('is good at every spelling of a path that leads here', async () => {
    for (const path of [`/wallets/${WALLET}`, `/${WALLET}/`, '/desk%3Aone%3AUSD/balance', '/DESK:one:usd/balance'])
      assert.equal((await read(path, proof('GET', path))).status, 200, path)
    const query = `/${WALLET}/transactions?limit=1`
    assert.equal((await read(query, proof('GET', `/${WALLET}/transactions`))).status, 200)
    assert.equal((await read(query, proof('GET', query))).status, 200)
    // The proof is for the URL as it was asked for, not for the wallet behind it.
    const other = await read(`/${WALLET}/balance`, proof('GET', `/wallets/${WALLET}/balance`))
    assert.equal(refused(other, null), '401 invalid-dpop-proof')
  })

  it('pays once with one proof: of 64 payments at once one is made, 5 times in a row', async () => {
    for (let round = 1; round <= 5; round += 1) {
      const before = await server.balance('desk:two:USD')
      const dpop = proof('POST', `/${WALLET}/payments`)
      const answers = await Promise.all(Array.from({ length: 64 }, () => pay(dpop)))
      assert.equal(answers.filter(({ status }) => status === 200).length, 1)
      for (const answer of answers)
        if (answer.status !== 200) assert.equal(refused(answer, null), '401 invalid-dpop-proof')
      assert.equal(await server.balance('desk:two:USD'), before + 100n)
    }
  })

  it('pays once with one key: a repetition proves itself anew and gets the first answer', async () => {
    const before = await server.balance('desk:two:USD')
    const again = () => pay(proof('POST', `/${WALLET}/payments`), { 'idempotency-key': 'once' })
    const answers = await Promise.all(Array.from({ length: 16 }, again))
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
    assert.equal(answers[0]?.status, 200)
    assert.equal(await server.balance('desk:two:USD'), before + 100n)
  })

  it('is refused with the reason beside the scheme that was used', async () => {
    const path = `/${WALLET}/balance`
    const bearer = await read(path, proof('GET', path), `Bearer ${token}`)
    assert.equal(refused(bearer, null), '401 invalid-token')
    assert.match(
      challenge(bearer),
      /^Bearer realm="wallets", error="invalid_token", error_description="[^"]+bound to a key/,
    )
    assert.ok(challenge(bearer).endsWith(`, DPoP realm="wallets", ${ALGS}`))
    const bare = await read(path, undefined)
    assert.equal(refused(bare, null), '401 invalid-dpop-proof')
    assert.match(challenge(bare), /^Bearer realm="wallets", DPoP realm="wallets", error="invalid_dpop_proof"/)
    assert.ok(challenge(bare).endsWith(ALGS))
    const free = await read(path, proof('GET', path), `DPoP ${till.token}`)
    assert.equal(refused(free, null), '401 invalid-token')
    assert.match(challenge(free), /DPoP realm="wallets", error="invalid_token", error_description="[^"]+not bound/)
    const scoped = await boundToken('payments')
    const dpop = createProof(key, { method: 'GET', url: PUBLIC_URL + path, accessToken: scoped })
    const narrow = await read(path, dpop, `DPoP ${scoped}`)
    assert.equal(refused(narrow, till.signingSecret), '403 insufficient-scope')
    assert.match(challenge(narrow), /DPoP realm="wallets", error="insufficient_scope", scope="balance", algs/)
  })

  it('is refused with headers that are there twice', async () => {
    const path = `/${WALLET}/balance`
    const twice = (headers: Record<string, string[]>) =>
      new Promise<number>((resolve, reject) => {
        const { hostname, port } = new URL(server.url)
        request({ hostname, port, path, headers }, (answer) => resolve(answer.resume().statusCode ?? 0))
          .on('error', reject)
          .end()
      })
    const authorization = [`DPoP ${token}`]
    assert.equal(await twice({ authorization, dpop: [proof('GET', path)] }), 200)
    assert.equal(await twice({ authorization, dpop: [proof('GET', path), proof('GET', path)] }), 401)
    assert.equal(await twice({ authorization, dpop: ['x', proof('GET', path)] }), 401)
    assert.equal(
      await twice({ authorization: [...authorization, `Bearer ${till.token}`], dpop: [proof('GET', path)] }),
      401,
    )
    assert.equal(await twice({ authorization: [`Bearer ${till.token}`, ...authorization] }), 401)
    assert.equal(await twice({ authorization: [`Bearer ${till.token}`] }), 200)
  })

  it('asks nothing more of bearer tokens', async () => {
    const caller = createCaller(server.url, till)
    assert.equal((await caller.get(`/${WALLET}/balance`, { dpop: 'not a proof' })).status, 200)
  })
})

it('the books are clean after all of it', () => server.assertClean())
