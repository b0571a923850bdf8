import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { after, before, mock, test } from 'node:test'
import { WALLET_SCOPES } from '../../../src/credentials/scopes.ts'
import { TRANSACTION_TOKEN_MAX_MS } from '../../../src/credentials/transaction-token.ts'
import { rotateSigningKeys } from '../../../src/operations/rotate-signing-keys.ts'
import { openDatabase } from '../../../src/storage/database.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { authorize, grantByCode, makeOwner, REDIRECT, responseOf } from './flow.ts'
import {
  basic,
  type ClientCredentials,
  createHarness,
  form,
  grant,
  type Harness,
  ISSUER,
  json,
  type Process,
  refresh,
  secretInBody,
} from './harness.ts'

let harness: Harness
let server: Process
let client: ClientCredentials
const consoleCalls = [mock.method(console, 'warn'), mock.method(console, 'info'), mock.method(console, 'error')]

before(async () => {
  harness = await createHarness()
  server = await harness.start()
  client = await harness.client({ redirectUris: ['https://shop.example/back', 'http://127.0.0.1:5000/back'] })
})
after(() => {
  mock.restoreAll()
  return harness.close()
})

const introspect = (token: string, who = client, extra: Record<string, string> = {}) =>
  server.send('/oauth/introspect', form({ token, ...extra }, { authorization: basic(who) }))

test('a form is ASCII without a byte order mark: nothing is read as other letters than were sent', async () => {
  const whole = new URLSearchParams({ grant_type: 'client_credentials', ...secretInBody(client) }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  assert.equal((await server.send('/oauth/token', { headers, body: whole })).status, 200)
  for (const body of [`\ufeff${whole}`, `${whole}&state=\u00e9`, `${whole}&state=%\u00e9`, `${whole}&\u{1f600}=1`]) {
    const answer = await server.send('/oauth/token', { headers, body })
    assert.equal(answer.status, 400, `${JSON.stringify(body)} ${answer.text}`)
    assert.equal(answer.body.error, 'invalid_request')
    assert.match(String(answer.body.error_description), /beyond ASCII/)
  }
  const json = JSON.stringify({ grant_type: 'client_credentials', ...secretInBody(client) })
  const marked = await server.send('/oauth/token', {
    headers: { 'content-type': 'application/json' },
    body: `\ufeff${json}`,
  })
  assert.equal(marked.status, 400, marked.text)
})

test('metadata names what is there, under the public URL whatever the Host header says', async () => {
  for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']) {
    const { status, body, headers } = await server.send(path, {
      headers: { host: 'evil.example', origin: 'https://x.example' },
    })
    assert.equal(status, 200)
    assert.equal(headers['access-control-allow-origin'], undefined)
    assert.equal(body.issuer, ISSUER)
    assert.equal(body.token_endpoint, `${ISSUER}/oauth/token`)
    assert.equal(body.authorization_endpoint, `${ISSUER}/oauth/authorize`)
    assert.equal(body.jwks_uri, `${ISSUER}/oauth/jwks`)
    assert.equal(body.revocation_endpoint, `${ISSUER}/oauth/revoke`)
    assert.equal(body.introspection_endpoint, `${ISSUER}/oauth/introspect`)
    assert.deepEqual(body.scopes_supported, [...WALLET_SCOPES])
    assert.equal(body.pushed_authorization_request_endpoint, `${ISSUER}/oauth/par`)
    assert.deepEqual(
      new Set(body.grant_types_supported as string[]),
      new Set(['authorization_code', 'client_credentials', 'refresh_token', 'implicit']),
    )
    assert.deepEqual(body.response_types_supported, ['code', 'token'])
    assert.deepEqual(body.response_modes_supported, ['query', 'fragment'])
    assert.deepEqual(body.code_challenge_methods_supported, ['S256'])
    assert.equal(body.authorization_response_iss_parameter_supported, true)
    assert.equal(body.request_uri_parameter_supported, false)
    assert.deepEqual(body.token_endpoint_auth_methods_supported, ['client_secret_basic', 'client_secret_post', 'none'])
  }
})

test('the key set holds public keys only, and they verify the tokens', async () => {
  const { access_token: token } = await grant(server, client)
  const { body, headers } = await server.send('/oauth/jwks')
  assert.match(String(headers['content-type']), /^application\/jwk-set\+json/)
  const keys = body.keys as (JsonWebKey & { kid: string })[]
  assert.equal(keys.length, 1)
  assert.deepEqual(Object.keys(keys[0] as object).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
  const [header = '', payload = '', signature = ''] = token.split('.')
  assert.deepEqual(JSON.parse(Buffer.from(header, 'base64url').toString()), {
    alg: 'ES256',
    typ: 'at+jwt',
    kid: keys[0]?.kid,
  })
  const key = createPublicKey({ key: keys[0] as never, format: 'jwk' })
  const signed = Buffer.from(`${header}.${payload}`)
  const bytes = Buffer.from(signature, 'base64url')
  assert.ok(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, bytes))
})

test('the signing key turns over without a token being lost', async () => {
  const other = await createHarness()
  const one = await other.start()
  const two = await other.start()
  const who = await other.client()
  const old = await grant(one, who)
  const { kid } = await rotateSigningKeys(other)
  await one.oauth.sweep()
  assert.equal(one.oauth.keys.published().length, 2)
  assert.notEqual(one.oauth.keys.signer().kid, kid)
  other.time.offset += 3 * 60_000
  const fresh = await grant(one, who)
  assert.equal(one.oauth.keys.signer().kid, kid)
  // The second process has not heard of the key; it asks when it meets it.
  for (const process of [one, two])
    for (const token of [old, fresh]) {
      const principal = await process.oauth.verifyAccessToken(`Bearer ${token.access_token}`, other.clock())
      assert.equal(principal.clientId, who.id)
    }
  other.time.offset += TRANSACTION_TOKEN_MAX_MS + 4 * 3_600_000
  await one.oauth.sweep()
  assert.deepEqual(
    one.oauth.keys.published().map((key) => key.kid),
    [kid],
  )
  await other.close()
})

test('processes that start together share one signing key', async () => {
  const other = await createHarness()
  const started = await Promise.all([other.start(), other.start(), other.start(), other.start()])
  assert.equal(new Set(started.map(({ oauth }) => oauth.keys.signer().kid)).size, 1)
  await other.close()
})

test('introspection tells a client about its own tokens only', async () => {
  const wallet = await harness.wallet(client.partyId, '5550001')
  assert.ok(wallet)
  const body = await grant(server, client, { scope: 'balance' })
  const access = (await introspect(body.access_token)).body
  assert.equal(access.active, true)
  assert.equal(access.client_id, client.id)
  assert.equal(access.sub, client.partyId)
  assert.equal(access.scope, 'balance')
  assert.equal(access.iss, ISSUER)
  assert.equal(access.aud, ISSUER)
  assert.equal(access.token_type, 'Bearer')
  assert.deepEqual(access.wallets, ['us:5550001:USD'])
  assert.equal(typeof access.exp, 'number')
  const renewal = (await introspect(body.refresh_token)).body
  assert.equal(renewal.active, true)
  assert.equal(renewal.client_id, client.id)

  const stranger = await harness.client()
  for (const token of [body.access_token, body.refresh_token, 'nonsense', `${body.access_token}x`]) {
    assert.deepEqual((await introspect(token, stranger)).body, { active: false })
  }
  const unknown = await introspect(body.access_token, { ...client, secret: 'no' })
  assert.equal(unknown.status, 401)
  const browser = await harness.client({ public: true })
  const answer = await server.send('/oauth/introspect', form({ token: body.access_token, client_id: browser.id }))
  assert.deepEqual(answer.body, { active: false })
})

test('rotated and revoked tokens are inactive', async () => {
  const first = await grant(server, client)
  const second = (await refresh(server, client, first.refresh_token)).body as typeof first
  assert.deepEqual((await introspect(first.refresh_token)).body, { active: false })
  assert.equal((await introspect(second.refresh_token)).body.active, true)
  const revoked = await server.send('/oauth/revoke', json({ token: second.access_token, ...secretInBody(client) }))
  assert.equal(revoked.status, 200)
  assert.deepEqual((await introspect(second.access_token)).body, { active: false })
  assert.equal((await introspect(first.access_token)).body.active, true)
  assert.equal((await introspect(second.refresh_token)).body.active, true)
  await server.send(
    '/oauth/revoke',
    form({ token: second.refresh_token, token_type_hint: 'refresh_token', ...secretInBody(client) }),
  )
  for (const token of [first.access_token, second.refresh_token])
    assert.deepEqual((await introspect(token)).body, { active: false })
})

test('a revoked access token is refused here at once and elsewhere within five seconds', async () => {
  const elsewhere = await harness.start()
  const { access_token: token } = await grant(server, client)
  const uses = (process: Process) =>
    Promise.resolve()
      .then(() => process.oauth.verifyAccessToken(`Bearer ${token}`, harness.clock()))
      .then(
        () => true,
        () => false,
      )
  assert.deepEqual([await uses(server), await uses(elsewhere)], [true, true])
  await server.send('/oauth/revoke', form({ token, ...secretInBody(client) }))
  assert.equal(await uses(server), false)
  harness.time.offset += 5_001
  assert.equal(await uses(elsewhere), false)
  const later = await harness.start()
  assert.equal(await uses(later), false)
})

test('unknown routes and wrong methods are answered in JSON', async () => {
  for (const path of [
    '/oauth',
    '/oauth/',
    '/oauth/nothing',
    '/oauth/token/',
    '/oauth/TOKEN',
    '/oauth/session/end',
    '/oauth/authorize/',
    '/oauth/authorize/:uid',
    '/oauth/authorize/a/b',
  ]) {
    const answer = await server.send(path)
    assert.equal(answer.status, 404, path)
    assert.deepEqual(answer.body, { error: 'not_found' })
  }
  for (const [method, path, allowed] of [
    ['GET', '/oauth/token', 'POST'],
    ['OPTIONS', '/oauth/token', 'POST'],
    ['DELETE', '/oauth/token', 'POST'],
    ['POST', '/oauth/authorize', 'GET'],
    ['POST', '/oauth/jwks', 'GET, HEAD'],
    ['PUT', '/.well-known/oauth-authorization-server', 'GET, HEAD'],
  ] as const) {
    const answer = await server.send(path, { method })
    assert.equal(answer.status, 405, `${method} ${path}`)
    assert.equal(answer.headers.allow, allowed)
    assert.deepEqual(answer.body, { error: 'method_not_allowed' })
  }
})

test('while the database is away the answer says to come back, and nothing is shown of why', async () => {
  const other = await createHarness()
  const proxy = await startFaultProxy(other.db.connection)
  const db = openDatabase(proxy.connection)
  const away = await other.start({}, db)
  const who = await other.client({ redirectUris: [REDIRECT] })
  await proxy.close()
  const tries = [
    away.send('/oauth/token', json({ grant_type: 'client_credentials', ...secretInBody(who) })),
    away.send('/oauth/par', form({ client_id: who.id, response_type: 'code' }, { authorization: basic(who) })),
  ]
  for (const answer of await Promise.all(tries)) {
    assert.deepEqual([answer.status, answer.headers['retry-after']], [503, '1'])
    assert.deepEqual(answer.body, {
      error: 'temporarily_unavailable',
      error_description: 'the server cannot reach its database; try again in a moment',
    })
  }
  const page = await away.send(`/oauth/authorize?client_id=${who.id}&response_type=code`, {
    headers: { accept: 'text/html' },
  })
  assert.deepEqual([page.status, page.headers['retry-after'], page.headers['content-type']], [503, '1', 'text/html'])
  assert.match(other.logged.join('\n'), /ECONNREFUSED|Connection terminated/)
  assert.ok(!other.logged.join('\n').includes(who.secret))
  await db.close()
  await other.close()
})

test('when the database fails the answer is a plain server error, and the log has no secret', async () => {
  const other = await createHarness()
  const broken = await other.start()
  const who = await other.client()
  await grant(broken, who)
  await other.db.query('alter table refresh_family rename to refresh_family_gone')
  const answer = await broken.send('/oauth/token', json({ grant_type: 'client_credentials', ...secretInBody(who) }))
  assert.equal(answer.status, 500)
  assert.equal(answer.body.error, 'server_error')
  assert.doesNotMatch(answer.text, /refresh_family|\.ts|at /)
  assert.match(other.logged.join('\n'), /refresh_family/)
  assert.ok(!other.logged.join('\n').includes(who.secret))
  await other.close()
})

test('no secret stands in a table or a log as it is', async () => {
  const who = await harness.client({ redirectUris: [REDIRECT] })
  const first = await grant(server, who)
  const second = (await refresh(server, who, first.refresh_token)).body as typeof first
  await refresh(server, who, first.refresh_token)
  const waiting = await authorize(server, who, await makeOwner(harness))
  const byCode = await grantByCode(server, who, await makeOwner(harness))
  const tables = await harness.db.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public'`,
  )
  let dump = harness.logged.join('\n')
  for (const { name } of tables) {
    const rows = await harness.db.query<object>(`select * from ${name}`)
    dump += JSON.stringify(rows, (_key, value) => {
      if (typeof value === 'bigint') return String(value)
      if (value?.type === 'Buffer') return Buffer.from(value.data).toString('latin1')
      return value
    })
  }
  assert.ok(dump.includes(who.id))
  for (const secret of [
    who.secret,
    who.signingSecret,
    first.refresh_token,
    first.access_token,
    second.refresh_token,
    second.access_token,
    String(responseOf(waiting).code),
    byCode.code,
    byCode.refresh_token,
    byCode.access_token,
  ]) {
    assert.ok(secret.length > 40)
    assert.ok(!dump.includes(secret), secret)
    assert.ok(!dump.includes(secret.slice(4)), secret)
    assert.ok(!dump.includes(Buffer.from(secret.slice(4), 'base64url').toString('latin1')), secret)
  }
  assert.doesNotMatch(dump, /"d":/)
})

test('the library prints nothing', () => {
  for (const call of consoleCalls)
    assert.deepEqual(
      call.mock.calls.map(({ arguments: words }) => words),
      [],
    )
})
