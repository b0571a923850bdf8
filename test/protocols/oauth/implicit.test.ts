import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { changeClient } from '../../../src/operations/change-client.ts'
import { listConsents } from '../../../src/operations/list-consents.ts'
import { revokeConsent } from '../../../src/operations/revoke-consent.ts'
import { authorize, authorizePath, makeOwner, REDIRECT, requestOf, responseOf, targetOf } from './flow.ts'
import { type ClientCredentials, createHarness, type Harness, ISSUER, type Process } from './harness.ts'

let harness: Harness
let server: Process
let client: ClientCredentials

before(async () => {
  harness = await createHarness()
  server = await harness.start()
  client = await harness.client({ redirectUris: [REDIRECT], public: true, implicit: true })
})
after(() => harness.close())

const parameters = { response_type: 'token' }

test('the fragment holds the token under the README’s name and RFC 6749’s, and no refresh token', async () => {
  const owner = await makeOwner(harness)
  const answer = await authorize(server, client, owner, { parameters })
  const target = targetOf(answer)
  assert.deepEqual([target.origin + target.pathname, target.search], [REDIRECT, ''])
  assert.match(target.hash, /^#token=eyJ/)
  const { token, access_token, ...rest } = responseOf(answer)
  assert.equal(token, access_token)
  assert.deepEqual(rest, {
    token_type: 'Bearer',
    expires_in: '3600',
    scope: 'balance payments',
    state: 'a state',
    iss: ISSUER,
  })
  assert.equal(answer.text, '')
  assert.equal(answer.headers['cache-control'], 'no-store')
  const principal = await server.oauth.verifyAccessToken(`Bearer ${token}`, harness.clock())
  assert.equal(principal.subject, owner.id)
  assert.deepEqual([...principal.wallets], owner.wallets)
  const codes = await harness.db.query(
    `select 1 from oauth_artifact where model = 'AuthorizationCode' and consumed_at is null`,
  )
  assert.equal(codes.length, 0, 'no code is left to be used')
})

test('errors of the implicit flow stand in the fragment', async () => {
  const declined = await authorize(server, client, await makeOwner(harness), { parameters, decline: true })
  assert.match(targetOf(declined).hash, /^#error=access_denied&/)
  assert.equal(responseOf(declined).state, 'a state')
  const send = (extra: Record<string, string>) =>
    server.send(authorizePath(requestOf(client, { ...parameters, ...extra })))
  for (const [error, extra] of [
    ['invalid_scope', { scope: 'nothing' }],
    ['login_required', { prompt: 'none' }],
    ['unsupported_response_mode', { response_mode: 'query' }],
    ['unsupported_response_mode', { response_mode: 'form_post' }],
  ] as const) {
    const answer = await send(extra as Record<string, string>)
    const { hash, search } = targetOf(answer)
    assert.ok(hash.startsWith(`#error=${error}`), `${error}: ${hash}`)
    assert.equal(search, '')
    assert.equal(responseOf(answer).iss, ISSUER)
  }
  const fragment = await send({ response_mode: 'fragment' })
  assert.match(targetOf(fragment).pathname, /^\/interaction\//)
})

test('the implicit flow is off unless it is turned on, and going off ends requests that wait', async () => {
  const plain = await harness.client({ redirectUris: [REDIRECT], public: true })
  const send = () => server.send(authorizePath(requestOf(plain, parameters)))
  const refused = await send()
  assert.equal(responseOf(refused).error, 'unauthorized_client')
  assert.ok(targetOf(refused).hash)
  await changeClient(harness, plain.id, { implicit: true })
  harness.time.offset += 5_001
  assert.match(targetOf(await send()).pathname, /^\/interaction\//)
  await changeClient(harness, plain.id, { implicit: false })
  harness.time.offset += 5_001
  assert.equal(responseOf(await send()).error, 'unauthorized_client')
  const code = await harness.client({ redirectUris: [REDIRECT] })
  assert.equal(
    responseOf(await server.send(authorizePath(requestOf(code, parameters)))).error,
    'unauthorized_client',
    'for clients with a secret as well',
  )
})

test('a token of the implicit flow ends with the consent', async () => {
  const owner = await makeOwner(harness)
  const { token } = responseOf(await authorize(server, client, owner, { parameters }))
  const [consent] = await listConsents(harness.db, owner.id)
  assert.ok(await revokeConsent({ ...harness, oauth: server.oauth }, { partyId: owner.id, id: String(consent?.id) }))
  await assert.rejects(
    async () => server.oauth.verifyAccessToken(`Bearer ${token}`, harness.clock()),
    /withdrawn the consent/,
  )
})

test('the way back fails safely when the flow was turned off while the owner decided', async () => {
  const plain = await harness.client({ redirectUris: [REDIRECT], public: true, implicit: true })
  const owner = await makeOwner(harness)
  const begun = await server.send(authorizePath(requestOf(plain, parameters)), { headers: { 'x-signed-in': owner.id } })
  await changeClient(harness, plain.id, { implicit: false })
  harness.time.offset += 5_001
  const { finish } = await import('./flow.ts')
  const answer = await finish(server, begun, owner, { scopes: ['balance'] })
  const response = responseOf(answer)
  assert.deepEqual([response.error, response.token, response.code], ['unauthorized_client', undefined, undefined])
})
