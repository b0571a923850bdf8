import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { WALLET_SCOPES } from '../../../src/credentials/scopes.ts'
import { disableClient } from '../../../src/operations/disable-client.ts'
import { rotateClientSecret } from '../../../src/operations/rotate-client-secret.ts'
import {
  basic,
  type ClientCredentials,
  createHarness,
  form,
  grant,
  type Harness,
  json,
  type Process,
  secretInBody,
} from './harness.ts'

let harness: Harness
let server: Process
let client: ClientCredentials

before(async () => {
  harness = await createHarness()
  server = await harness.start()
  client = await harness.client({ id: 'gateway' })
})
after(() => harness.close())

const asked = { grant_type: 'client_credentials' }
const token = (options: Parameters<Process['send']>[1]) => server.send('/oauth/token', options)

test('a client gets a token by JSON and by form, with its secret in the body or by Basic', async () => {
  for (const options of [
    json({ ...asked, ...secretInBody(client) }),
    form({ ...asked, ...secretInBody(client) }),
    json(asked, { authorization: basic(client) }),
    form(asked, { authorization: basic(client) }),
    form({ ...asked, client_id: client.id }, { authorization: basic(client) }),
    json(asked, { authorization: basic(client), 'content-type': 'application/json; charset=utf-8' }),
  ]) {
    const answer = await token(options)
    assert.equal(answer.status, 200, answer.text)
    assert.equal(answer.headers['cache-control'], 'no-store')
    assert.equal(answer.headers['access-control-allow-origin'], undefined)
    assert.deepEqual(Object.keys(answer.body).sort(), [
      'access_token',
      'expires_in',
      'refresh_token',
      'scope',
      'token_type',
    ])
    assert.equal(answer.body.token_type, 'Bearer')
    assert.equal(answer.body.expires_in, 3600)
    assert.equal(answer.body.scope, WALLET_SCOPES.join(' '))
    assert.ok(String(answer.body.access_token).split('.').length === 3)
  }
})

test('a secret in two places is refused, right or not', async () => {
  for (const options of [
    json({ ...asked, ...secretInBody(client) }, { authorization: basic(client) }),
    form({ ...asked, client_secret: 'x' }, { authorization: basic(client) }),
  ]) {
    const answer = await token(options)
    assert.equal(answer.status, 400)
    assert.equal(answer.body.error, 'invalid_request')
  }
})

test('scopes are separated by commas or spaces and answered with spaces', async () => {
  for (const scope of ['balance,payments', 'balance payments', ' balance , payments ', 'balance,payments,balance']) {
    const answer = await token(json({ ...asked, ...secretInBody(client), scope }))
    assert.equal(answer.body.scope, 'balance payments', scope)
  }
})

test('a scope that is unknown or not the client’s own is refused', async () => {
  const reader = await harness.client({ scopes: ['balance'] })
  for (const [who, scope] of [
    [client, 'balance gold'],
    [client, 'openid'],
    [reader, 'payments'],
    [reader, 'balance,payments'],
  ] as const) {
    const answer = await token(json({ ...asked, ...secretInBody(who), scope }))
    assert.equal(answer.status, 400)
    assert.equal(answer.body.error, 'invalid_scope')
  }
  assert.equal((await grant(server, reader)).scope, 'balance')
})

test('a wrong secret, an unknown client, a disabled one and a public one get the same answer', async () => {
  const disabled = await harness.client()
  await disableClient(harness, { id: disabled.id })
  const browser = await harness.client({ public: true })
  const refusals = await Promise.all(
    [
      { id: client.id, secret: 'bfs_wrong' },
      { id: client.id, secret: `${client.secret}x` },
      { id: 'nobody', secret: client.secret },
      disabled,
      { id: browser.id, secret: 'stored as a hash' },
      { id: client.id, secret: 'stored as a hash' },
    ].flatMap((who) => [
      token(json({ ...asked, ...secretInBody(who) })),
      token(form({ ...asked, ...secretInBody(who) })),
    ]),
  )
  for (const answer of refusals) {
    assert.equal(answer.status, 401)
    assert.equal(answer.text, refusals[0]?.text)
    assert.equal(answer.body.error, 'invalid_client')
  }
  const byBasic = await token(form(asked, { authorization: basic({ id: client.id, secret: 'no' }) }))
  assert.equal(byBasic.status, 401)
  assert.match(String(byBasic.headers['www-authenticate']), /^Basic /)
})

test('a public client cannot use client credentials', async () => {
  const browser = await harness.client({ public: true })
  const answer = await token(form({ ...asked, client_id: browser.id }))
  assert.equal(answer.status, 400)
  assert.equal(answer.body.error, 'unauthorized_client')
})

test('a client that is disabled after its first token gets none within five seconds', async () => {
  const leaving = await harness.client()
  await grant(server, leaving)
  await disableClient(harness, { id: leaving.id })
  harness.time.offset += 5_001
  const answer = await token(json({ ...asked, ...secretInBody(leaving) }))
  assert.equal(answer.status, 401)
})

test('a rotated secret replaces the old one', async () => {
  const careful = await harness.client()
  await grant(server, careful)
  const { clientSecret } = await rotateClientSecret(harness, { id: careful.id })
  harness.time.offset += 5_001
  assert.equal((await token(json({ ...asked, ...secretInBody(careful) }))).status, 401)
  await grant(server, { ...careful, secret: clientSecret })
})

test('a repeated parameter is refused, in a form and in JSON', async () => {
  const repeated: [string, string][] = [
    ...Object.entries({ ...asked, ...secretInBody(client) }),
    ['scope', 'balance'],
    ['scope', 'payments'],
  ]
  const secret = JSON.stringify(client.secret)
  for (const options of [
    form(repeated),
    form([...Object.entries({ ...asked, ...secretInBody(client) }), ['grant_type', 'client_credentials']]),
    form([...Object.entries({ ...asked, ...secretInBody(client) }), ['client_secret', client.secret]]),
    json(
      `{"grant_type":"client_credentials","client_id":"${client.id}","client_secret":"x","client_secret":${secret}}`,
    ),
    json(`{"grant_type":{"a":1},"grant_type":"client_credentials","client_id":"gateway","client_secret":${secret}}`),
  ]) {
    const answer = await token(options)
    assert.equal(answer.status, 400, options.body)
    assert.equal(answer.body.error, 'invalid_request')
  }
})

test('broken bodies are refused as invalid requests', async () => {
  for (const options of [
    json('{"grant_type":'),
    json('[]'),
    json('null'),
    json('"text"'),
    json({ ...asked, ...secretInBody(client), scope: ['balance'] }),
    json({ ...asked, client_id: 1 }),
    json({}),
    form({}),
    { method: 'POST' },
    { headers: { 'content-type': 'text/plain' }, body: 'grant_type=client_credentials' },
    { headers: {}, body: 'grant_type=client_credentials' },
    { headers: { 'content-type': 'application/json' }, body: '\u{fffd}' },
    form(asked, { authorization: 'Bearer abc' }),
    form(asked, { authorization: 'Basic !!!' }),
  ]) {
    const answer = await token(options)
    assert.equal(answer.status, 400, `${options.body} ${answer.text}`)
    assert.equal(answer.body.error, 'invalid_request', answer.text)
    assert.equal(answer.headers['cache-control'], 'no-store')
  }
})

test('a client that nobody can be sent back to has no codes to redeem', async () => {
  const answer = await token(
    json({ grant_type: 'authorization_code', code: 'x', redirect_uri: 'x', ...secretInBody(client) }),
  )
  assert.deepEqual([answer.status, answer.body.error], [400, 'unauthorized_client'])
})

test('an unknown grant type is unsupported', async () => {
  for (const type of ['password', 'implicit', 'urn:x']) {
    const answer = await token(json({ grant_type: type, ...secretInBody(client) }))
    assert.equal(answer.body.error, 'unsupported_grant_type', type)
  }
})

test('an oversized body is refused whether it says its length or not', async () => {
  const large = form({ scope: 'a'.repeat(40_000) })
  for (const options of [large, { ...large, chunked: true }]) {
    const answer = await token(options)
    assert.equal(answer.status, 413)
    assert.equal(answer.body.error, 'invalid_request')
  }
})

test('refresh tokens with client credentials can be switched off', async () => {
  const bare = await harness.start({ refreshTokensWithClientCredentials: false })
  const body = await grant(bare, client)
  assert.equal(body.refresh_token, undefined)
})
