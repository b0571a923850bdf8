import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createProof, createProofKey, type ProofInput, type ProofKey } from '../../support/dpop.ts'
import {
  authorize,
  authorizePath,
  finish,
  makeOwner,
  makePkce,
  type Owner,
  REDIRECT,
  requestOf,
  responseOf,
  targetOf,
} from './flow.ts'
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
let owner: Owner
const key = createProofKey()
const other = createProofKey()

before(async () => {
  harness = await createHarness()
  server = await harness.start()
  second = await harness.start()
  client = await harness.client({ redirectUris: [REDIRECT] })
  browser = await harness.client({ redirectUris: [REDIRECT], public: true })
  owner = await makeOwner(harness)
})
after(() => harness.close())

const proof = (by: ProofKey = key, changes: Partial<ProofInput> = {}) =>
  createProof(by, { method: 'POST', url: `${ISSUER}/oauth/token`, now: harness.clock(), ...changes })
const pushProof = (by: ProofKey, changes: Partial<ProofInput> = {}) =>
  proof(by, { url: `${ISSUER}/oauth/par`, ...changes })

const refusal = ({ status, body }: Answer) => `${status} ${body.error}`
const claimsOf = (answer: Answer) =>
  JSON.parse(Buffer.from(String(answer.body.access_token).split('.')[1] ?? '', 'base64url').toString())

/** A code of the owner's, bound to a key or to none. */
async function codeFor(who: ClientCredentials, parameters: Record<string, string> = {}) {
  const { verifier, challenge } = makePkce()
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256' }
  const answer = await authorize(server, who, owner, { parameters: { ...pkce, ...parameters } })
  const { code } = responseOf(answer)
  assert.ok(code, String(answer.headers.location))
  return { code, code_verifier: verifier }
}

type Code = Awaited<ReturnType<typeof codeFor>>

const credentialsOf = (who: ClientCredentials): Record<string, string> =>
  who.secret ? secretInBody(who) : { client_id: who.id }

const redeem = (who: ClientCredentials, code: Code, header?: string, process = server) =>
  process.send(
    '/oauth/token',
    form(
      { grant_type: 'authorization_code', redirect_uri: REDIRECT, ...credentialsOf(who), ...code },
      header === undefined ? {} : { dpop: header },
    ),
  )

const refresh = (who: ClientCredentials, answer: Answer, header?: string) =>
  server.send(
    '/oauth/token',
    form(
      { grant_type: 'refresh_token', refresh_token: String(answer.body.refresh_token), ...credentialsOf(who) },
      header === undefined ? {} : { dpop: header },
    ),
  )

describe('a code', () => {
  it('gives a bound token to whoever redeems it with a proof', async () => {
    const answer = await redeem(browser, await codeFor(browser), proof())
    assert.equal(answer.status, 200, answer.text)
    assert.equal(answer.body.token_type, 'DPoP')
    assert.deepEqual(claimsOf(answer).cnf, { jkt: key.jkt })
  })

  it('with dpop_jkt is good for the holder of that key only, and loses nothing by refusals', async () => {
    for (const who of [client, browser]) {
      const code = await codeFor(who, { dpop_jkt: key.jkt })
      assert.equal(refusal(await redeem(who, code)), '400 invalid_dpop_proof')
      assert.equal(refusal(await redeem(who, code, proof(other))), '400 invalid_grant')
      assert.equal(refusal(await redeem(who, code, proof(key, { now: 0 }))), '400 invalid_dpop_proof')
      const answer = await redeem(who, code, proof())
      assert.equal(answer.status, 200, answer.text)
      assert.deepEqual(claimsOf(answer).cnf, { jkt: key.jkt })
    }
    const nonsense = await codeFor(client, { dpop_jkt: 'no thumbprint' })
    assert.equal(refusal(await redeem(client, nonsense, proof())), '400 invalid_grant')
  })

  it('binds the refresh tokens of a public client to the key, those of a confidential one to its secret', async () => {
    const bound = await redeem(browser, await codeFor(browser), proof())
    assert.equal(refusal(await refresh(browser, bound)), '400 invalid_dpop_proof')
    assert.equal(refusal(await refresh(browser, bound, proof(other))), '400 invalid_grant')
    const next = await refresh(browser, bound, proof())
    assert.deepEqual(claimsOf(next).cnf, { jkt: key.jkt })
    assert.equal(refusal(await refresh(browser, next)), '400 invalid_dpop_proof')
    const free = await redeem(client, await codeFor(client), proof())
    assert.equal((await refresh(client, free)).body.token_type, 'Bearer')
  })

  it('and a proof are used once: of 64 requests with the two one gets a token', async () => {
    const code = await codeFor(browser, { dpop_jkt: key.jkt })
    const header = proof()
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, i) => redeem(browser, code, header, i % 2 ? server : second)),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  })
})

describe('the implicit flow', () => {
  it('has no way to bind a token, and says so to whoever asks for it', async () => {
    const implicit = await harness.client({ redirectUris: [REDIRECT], implicit: true })
    const parameters = { response_type: 'token', dpop_jkt: key.jkt }
    const answer = responseOf(await authorize(server, implicit, owner, { parameters }))
    assert.equal(answer.access_token, undefined)
    assert.equal(answer.error, 'invalid_request')
  })
})

describe('a pushed request', () => {
  const push = (parameters: Record<string, string>, header?: string) =>
    server.send(
      '/oauth/par',
      form(requestOf(client, parameters), {
        authorization: basic(client),
        ...(header === undefined ? {} : { dpop: header }),
      }),
    )

  async function codeOf(pushed: Answer): Promise<Code> {
    assert.equal(pushed.status, 201, pushed.text)
    const path = authorizePath({ client_id: client.id, request_uri: String(pushed.body.request_uri) })
    const begun = await server.send(path, { headers: { 'x-signed-in': owner.id } })
    const asked = targetOf(begun).pathname.startsWith('/interaction/')
    const wish = { scopes: ['balance', 'payments'] }
    const { code } = responseOf(asked ? await finish(server, begun, owner, wish) : begun)
    assert.ok(code)
    return { code } as Code
  }

  it('with a proof binds its code to the key', async () => {
    const code = await codeOf(await push({}, pushProof(key)))
    assert.equal(refusal(await redeem(client, code, proof(other))), '400 invalid_grant')
    assert.equal((await redeem(client, code, proof())).status, 200)
  })

  it('may say the key and prove it, both alike', async () => {
    const code = await codeOf(await push({ dpop_jkt: key.jkt }, pushProof(key)))
    assert.equal((await redeem(client, code, proof())).status, 200)
    assert.equal(refusal(await push({ dpop_jkt: key.jkt }, pushProof(other))), '400 invalid_request')
    const said = await codeOf(await push({ dpop_jkt: key.jkt }))
    assert.equal(refusal(await redeem(client, said, proof(other))), '400 invalid_grant')
  })

  it('with a bad proof is refused', async () => {
    for (const header of [
      'x',
      proof(),
      pushProof(key, { now: 0 }),
      pushProof(createProofKey('RS256')),
      `${pushProof(key)}, x`,
    ])
      assert.equal(refusal(await push({}, header)), '400 invalid_dpop_proof')
    const local = pushProof(key, { url: 'http://localhost:8080/oauth/par' })
    assert.equal((await push({}, local)).status, 201)
  })
})
