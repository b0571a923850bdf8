import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { DPOP_ALGORITHMS } from '../../../src/credentials/dpop.ts'
import { makeRefreshToken } from '../../../src/credentials/refresh-token.ts'
import { TokenRefusal } from '../../../src/credentials/token-refusal.ts'
import { uuidV7 } from '../../../src/domain/uuid.ts'
import { insertRefreshFamilies } from '../../../src/storage/refresh-families.ts'
import { createProof, createProofKey, type ProofInput, type ProofKey } from '../../support/dpop.ts'
import {
  type Answer,
  basic,
  type ClientCredentials,
  createHarness,
  form,
  type Harness,
  ISSUER,
  type Process,
  secretInBody,
} from './harness.ts'

let harness: Harness
let server: Process
let second: Process
let client: ClientCredentials
let browser: ClientCredentials
const key = createProofKey()

before(async () => {
  harness = await createHarness()
  server = await harness.start()
  second = await harness.start()
  client = await harness.client()
  browser = await harness.client({ public: true, redirectUris: ['https://app.example/back'] })
})
after(() => harness.close())

const proof = (by: ProofKey = key, changes: Partial<ProofInput> = {}) =>
  createProof(by, { method: 'POST', url: `${ISSUER}/oauth/token`, now: harness.clock(), ...changes })

const ask = (body: Record<string, string>, header?: string, process = server) =>
  process.send('/oauth/token', form(body, header === undefined ? {} : { dpop: header }))

const grant = (header?: string, process = server) =>
  ask({ grant_type: 'client_credentials', ...secretInBody(client) }, header, process)

const refresh = (who: ClientCredentials, token: string, header?: string, process = server) =>
  ask(
    { grant_type: 'refresh_token', refresh_token: token, ...(who.secret ? secretInBody(who) : { client_id: who.id }) },
    header,
    process,
  )

const claimsOf = (answer: Answer) =>
  JSON.parse(Buffer.from(String(answer.body.access_token).split('.')[1] ?? '', 'base64url').toString())

const refusal = ({ status, body }: Answer) => `${status} ${body.error}`

/** A public client's refresh token, as the code grant makes it. */
async function boundRefreshToken(jkt: string | null): Promise<string> {
  const id = uuidV7(harness.clock())
  const { token, hash } = makeRefreshToken(id)
  const { id: clientId, partyId } = browser
  const expiresAt = new Date(harness.clock() + 3_600_000)
  await insertRefreshFamilies(harness.db, [
    { id, clientId, partyId, scopes: 'balance payments', currentHash: hash, expiresAt, jkt },
  ])
  return token
}

const use = async (answer: Answer, by: ProofKey, changes: Partial<ProofInput> = {}, scheme = 'DPoP') => {
  const accessToken = String(answer.body.access_token)
  const url = `${ISSUER}/us:1:USD/balance`
  const dpop = createProof(by, { method: 'GET', url, accessToken, now: harness.clock(), ...changes })
  const request = { method: 'GET', path: '/us:1:USD/balance', headers: { dpop } }
  return server.oauth.verifyAccessToken(`${scheme} ${accessToken}`, harness.clock(), request)
}

const refusedAs = (code: string, reason: RegExp) => (error: unknown) =>
  error instanceof TokenRefusal && error.code === code && reason.test(error.message)

describe('the token endpoint', () => {
  it('binds a token to the key of the proof', async () => {
    for (const alg of ['ES256', 'EdDSA', 'Ed25519', 'PS256'] as const) {
      const by = createProofKey(alg)
      const answer = await grant(proof(by))
      assert.equal(answer.status, 200, answer.text)
      assert.equal(answer.body.token_type, 'DPoP')
      assert.deepEqual(claimsOf(answer).cnf, { jkt: by.jkt })
      assert.equal((await use(answer, by)).scheme, 'DPoP')
    }
  })

  it('gives a bearer token without a proof', async () => {
    const answer = await grant()
    assert.equal(answer.body.token_type, 'Bearer')
    assert.equal(claimsOf(answer).cnf, undefined)
  })

  it('refuses a bad proof and grants nothing', async () => {
    const families = async () => (await harness.db.query('select id from refresh_family')).length
    const before = await families()
    for (const header of [
      '',
      'x',
      proof(key, { method: 'GET' }),
      proof(key, { url: `${ISSUER}/oauth/revoke` }),
      proof(key, { url: 'https://evil.example/oauth/token' }),
      proof(key, { now: harness.clock() - 62_000 }),
      proof(key, { now: harness.clock() + 62_000 }),
      proof(key, { header: { typ: 'JWT' } }),
      proof(createProofKey('RS256')),
      proof(key, { header: { jwk: createProofKey().jwk } }),
      proof(key, { header: { jwk: key.privateKey.export({ format: 'jwk' }) } }),
      `${proof()}, ${proof()}`,
    ]) {
      const answer = await grant(header)
      assert.equal(refusal(answer), '400 invalid_dpop_proof', header)
      assert.equal(typeof answer.body.error_description, 'string')
      assert.equal(answer.headers['cache-control'], 'no-store')
    }
    assert.equal(await families(), before)
  })

  it('takes the URL of any of its public addresses', async () => {
    for (const url of [`${ISSUER}:443/oauth/token`, 'http://localhost:8080/oauth/token', `${ISSUER}/oauth/token?x#y`])
      assert.equal((await grant(proof(key, { url }))).status, 200, url)
  })

  it('takes one proof once: of 64 requests to two servers one gets a token', async () => {
    for (let round = 0; round < 5; round += 1) {
      const header = proof()
      const answers = await Promise.all(
        Array.from({ length: 64 }, (_, i) => grant(header, i % 2 === 0 ? server : second)),
      )
      assert.equal(answers.filter(({ status }) => status === 200).length, 1)
      for (const answer of answers) if (answer.status !== 200) assert.equal(refusal(answer), '400 invalid_dpop_proof')
    }
  })

  it('does not use up the proof of a request that it refuses otherwise', async () => {
    const header = proof()
    const rows = async () => (await harness.db.query('select id from dpop_proof')).length
    const before = await rows()
    const wrong = { ...client, secret: 'no' }
    assert.equal(
      refusal(await ask({ grant_type: 'client_credentials', ...secretInBody(wrong) }, header)),
      '401 invalid_client',
    )
    assert.equal(refusal(await refresh(browser, makeRefreshToken(uuidV7(1)).token, header)), '400 invalid_grant')
    const narrow = { grant_type: 'client_credentials', scope: 'nothing', ...secretInBody(client) }
    assert.equal(refusal(await ask(narrow, header)), '400 invalid_scope')
    assert.equal(await rows(), before)
    assert.equal((await grant(header)).status, 200)
  })

  it('names its algorithms in the metadata', async () => {
    const { body } = await server.send('/.well-known/oauth-authorization-server')
    assert.deepEqual(body.dpop_signing_alg_values_supported, [...DPOP_ALGORITHMS])
  })

  it('sends no nonce', async () => {
    assert.equal((await grant(proof())).headers['dpop-nonce'], undefined)
    assert.equal((await grant(proof(key, { claims: { nonce: 'of another server' } }))).status, 200)
  })
})

describe('a bound access token', () => {
  it('needs a proof of its key, each time another one', async () => {
    const answer = await grant(proof())
    await use(answer, key)
    await use(answer, key)
    const jti = 'once'
    await use(answer, key, { claims: { jti } })
    await assert.rejects(use(answer, key, { claims: { jti } }), refusedAs('invalid_dpop_proof', /used before/))
    await assert.rejects(use(answer, createProofKey()), refusedAs('invalid_token', /another key/))
    await assert.rejects(use(answer, key, { accessToken: 'x' }), refusedAs('invalid_dpop_proof', /ath/))
    await assert.rejects(use(answer, key, { claims: { ath: undefined } }), refusedAs('invalid_dpop_proof', /ath/))
    await assert.rejects(use(answer, key, { method: 'POST' }), refusedAs('invalid_dpop_proof', /htm/))
    await assert.rejects(
      use(answer, key, { url: `${ISSUER}/us:2:USD/balance` }),
      refusedAs('invalid_dpop_proof', /htu/),
    )
    const alone = async () => server.oauth.verifyAccessToken(`DPoP ${answer.body.access_token}`, harness.clock())
    await assert.rejects(alone(), refusedAs('invalid_dpop_proof', /needs the proof/))
  })

  it('takes a proof once: of 64 uses one succeeds', async () => {
    const answer = await grant(proof())
    const uses = Array.from({ length: 64 }, () => use(answer, key, { claims: { jti: 'all at once' } }))
    const settled = await Promise.allSettled(uses)
    assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1)
  })

  it('is none to bear, nor is a bearer token bound by the name of the scheme', async () => {
    const bound = await grant(proof())
    await assert.rejects(use(bound, key, {}, 'Bearer'), refusedAs('invalid_token', /bound to a key/))
    const free = await grant()
    await assert.rejects(use(free, key), refusedAs('invalid_token', /not bound/))
    // A proof beside a bearer token is not asked for and says nothing.
    assert.equal((await use(free, key, {}, 'Bearer')).scheme, 'Bearer')
    assert.equal((await use(bound, key, {}, 'dpop')).scheme, 'DPoP')
  })

  it('is refused when it is revoked, before its proof is used up', async () => {
    const answer = await grant(proof())
    const token = String(answer.body.access_token)
    await use(answer, key)
    assert.equal((await server.send('/oauth/revoke', form({ token }, { authorization: basic(client) }))).status, 200)
    const rows = async () => (await harness.db.query('select id from dpop_proof')).length
    const before = await rows()
    await assert.rejects(use(answer, key), refusedAs('invalid_token', /revoked/))
    assert.equal(await rows(), before)
  })

  it('shows its key in introspection', async () => {
    const answer = await grant(proof())
    const ask = (token: unknown) =>
      server.send('/oauth/introspect', form({ token: String(token) }, { authorization: basic(client) }))
    const { body } = await ask(answer.body.access_token)
    assert.deepEqual([body.active, body.token_type, body.cnf], [true, 'DPoP', { jkt: key.jkt }])
    const free = (await ask((await grant()).body.access_token)).body
    assert.deepEqual([free.token_type, free.cnf], ['Bearer', undefined])
    // A confidential client's refresh token is bound to its secret, not to a key (RFC 9449 section 5).
    assert.equal((await ask(answer.body.refresh_token)).body.cnf, undefined)
  })
})

describe('a refresh token', () => {
  it('of a public client is good with the proof of its key only, which loses nothing by refusals', async () => {
    const token = await boundRefreshToken(key.jkt)
    const other = createProofKey()
    assert.equal(refusal(await refresh(browser, token)), '400 invalid_dpop_proof')
    assert.equal(refusal(await refresh(browser, token, proof(other))), '400 invalid_grant')
    const first = await refresh(browser, token, proof())
    assert.equal(first.status, 200, first.text)
    assert.equal(first.body.token_type, 'DPoP')
    assert.deepEqual(claimsOf(first).cnf, { jkt: key.jkt })
    const next = String(first.body.refresh_token)
    // Whoever stole an old one has not the key, and so cannot even end the family.
    assert.equal(refusal(await refresh(browser, token, proof(other))), '400 invalid_grant')
    assert.equal((await refresh(browser, next, proof())).status, 200)
  })

  it('of a public client gives the same pair to a retry with another proof of the key', async () => {
    const token = await boundRefreshToken(key.jkt)
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, i) => refresh(browser, token, proof(), i % 2 ? server : second)),
    )
    assert.deepEqual(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1)
    assert.equal(answers[0]?.status, 200)
  })

  it('and one proof: of 64 requests one gets a pair', async () => {
    const token = await boundRefreshToken(key.jkt)
    const header = proof()
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, i) => refresh(browser, token, header, i % 2 ? server : second)),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    for (const answer of answers) if (answer.status !== 200) assert.equal(refusal(answer), '400 invalid_dpop_proof')
  })

  it('of a confidential client gives a token for the key of the day, or a bearer token', async () => {
    const first = await grant(proof())
    const other = createProofKey()
    const second = await refresh(client, String(first.body.refresh_token), proof(other))
    assert.deepEqual([second.body.token_type, claimsOf(second).cnf], ['DPoP', { jkt: other.jkt }])
    const third = await refresh(client, String(second.body.refresh_token))
    assert.deepEqual([third.body.token_type, claimsOf(third).cnf], ['Bearer', undefined])
  })

  it('of a confidential client refuses a retry that proves another key, and stays good', async () => {
    const first = await grant(proof())
    const token = String(first.body.refresh_token)
    const second = await refresh(client, token, proof())
    assert.equal(refusal(await refresh(client, token, proof(createProofKey()))), '400 invalid_grant')
    assert.equal(refusal(await refresh(client, token)), '400 invalid_grant')
    assert.equal((await refresh(client, token, proof())).text, second.text)
    assert.equal((await refresh(client, String(second.body.refresh_token), proof())).status, 200)
  })
})

describe('the sweep', () => {
  it('deletes used proofs when nobody could use them again', async () => {
    await grant(proof())
    const rows = async () => (await harness.db.query('select id from dpop_proof')).length
    await server.oauth.sweep()
    assert.ok((await rows()) > 0)
    harness.time.offset += 10 * 60_000
    // More than one statement deletes: a busy server must not fall behind.
    await harness.db.query(
      `insert into dpop_proof (id, expires_at) select sha256(n::text::bytea), 'epoch' from generate_series(1, 12000) as n`,
    )
    await Promise.all([server.oauth.sweep(), second.oauth.sweep()])
    assert.equal(await rows(), 0)
  })
})
