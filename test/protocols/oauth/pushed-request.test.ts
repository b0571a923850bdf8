import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  authorizePath,
  finish,
  makeOwner,
  makePkce,
  type Owner,
  REDIRECT,
  redeem,
  requestOf,
  responseOf,
  targetOf,
} from './flow.ts'
import {
  basic,
  type ClientCredentials,
  createHarness,
  form,
  type Harness,
  json,
  type Process,
  secretInBody,
} from './harness.ts'

let harness: Harness
let server: Process
let client: ClientCredentials
let owner: Owner

before(async () => {
  harness = await createHarness()
  server = await harness.start()
  client = await harness.client({ redirectUris: [REDIRECT] })
})
after(() => harness.close())

const push = (parameters: Record<string, string>, who = client) =>
  server.send('/oauth/par', form({ ...requestOf(who), ...parameters }, { authorization: basic(who) }))

async function begin(requestUri: string, who = client, extra: Record<string, string> = {}) {
  owner = await makeOwner(harness)
  const path = authorizePath({ client_id: who.id, request_uri: requestUri, ...extra })
  return server.send(path, { headers: { 'x-signed-in': owner.id } })
}

async function pushed(parameters: Record<string, string> = {}): Promise<string> {
  const { status, body, text } = await push(parameters)
  assert.equal(status, 201, text)
  assert.match(String(body.request_uri), /^urn:ietf:params:oauth:request_uri:[\w-]{40,}$/)
  assert.ok(Number(body.expires_in) > 0 && Number(body.expires_in) <= 60)
  return String(body.request_uri)
}

const assertGone = (answer: Awaited<ReturnType<typeof begin>>) => {
  assert.equal(answer.status, 400, answer.text)
  assert.equal(answer.headers.location, undefined)
  assert.equal(JSON.parse(answer.text).error, 'invalid_request_uri')
}

test('a pushed request is answered as if it had come through the browser, once', async () => {
  const uri = await pushed({ scope: 'balance,payments', state: 'pushed' })
  const begun = await begin(uri)
  const answer = await finish(server, begun, owner, { scopes: ['balance', 'payments'] })
  assert.equal(responseOf(answer).state, 'pushed')
  assert.equal((await redeem(server, client, String(responseOf(answer).code))).status, 200)
  assertGone(await begin(uri))
})

test('of one pushed request that is begun twice, one ends in a code', async () => {
  const uri = await pushed()
  const first = { begun: await begin(uri), owner }
  const second = { begun: await begin(uri), owner }
  // Deciding takes its time, and what has expired is swept meanwhile.
  harness.time.offset += 600_000
  await server.oauth.sweep()
  const answers = []
  for (const one of [first, second]) answers.push(await finish(server, one.begun, one.owner, { scopes: ['balance'] }))
  assert.ok(responseOf(answers[0] as never).code)
  assert.deepEqual(
    [responseOf(answers[1] as never).error, responseOf(answers[1] as never).code],
    ['invalid_request_uri', undefined],
  )
})

test('a pushed request cannot be used late, by another client, or changed in the browser', async () => {
  const other = await harness.client({ redirectUris: [REDIRECT] })
  const uri = await pushed({ scope: 'balance', state: 'pushed' })
  const foreign = await begin(uri, other)
  assert.equal(foreign.headers['set-cookie'], undefined)
  assert.notEqual(foreign.status, 200)
  const changed = await begin(uri, client, {
    scope: 'refunds',
    state: 'changed',
    redirect_uri: 'https://evil.example/',
  })
  const answer = await finish(server, changed, owner, { scopes: ['balance'] })
  assert.equal(targetOf(answer).origin + targetOf(answer).pathname, REDIRECT)
  assert.equal(responseOf(answer).state, 'pushed')
  const tokens = await redeem(server, client, String(responseOf(answer).code))
  assert.equal(tokens.body.scope, 'balance')
  for (const guess of ['x', `${uri}x`, uri.slice(0, -1), 'https://evil.example/request.jwt'])
    assert.ok((await begin(guess)).status >= 400)
})

test('what is wrong with a pushed request is said at once, in JSON', async () => {
  for (const [error, parameters] of [
    ['invalid_request', { redirect_uri: 'https://evil.example/' }],
    ['invalid_scope', { scope: 'nothing' }],
    ['unsupported_response_type', { response_type: 'id_token' }],
    ['unauthorized_client', { response_type: 'token' }],
    ['unsupported_response_mode', { response_mode: 'form_post' }],
    ['request_uri_not_supported', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }],
    ['request_not_supported', { request: 'eyJhbGciOiJub25lIn0.e30.' }],
    ['invalid_request', { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' }],
  ] as const) {
    const { status, body, headers } = await push(parameters as unknown as Record<string, string>)
    assert.deepEqual([status, body.error], [400, error], JSON.stringify(parameters))
    assert.equal(headers.location, undefined)
  }
  const twice = await server.send('/oauth/par', {
    ...form([...Object.entries(requestOf(client)), ['state', 'x']], { authorization: basic(client) }),
  })
  assert.deepEqual([twice.status, twice.body.error], [400, 'invalid_request'])
})

test('a client proves itself when it pushes, in either form of body', async () => {
  const request = requestOf(client)
  const inBody = await server.send('/oauth/par', json({ ...request, ...secretInBody(client) }))
  assert.equal(inBody.status, 201, inBody.text)
  const wrong = await server.send('/oauth/par', json({ ...request, ...secretInBody({ ...client, secret: 'bfs_no' }) }))
  assert.deepEqual([wrong.status, wrong.body.error], [401, 'invalid_client'])
  const none = await server.send('/oauth/par', form(request))
  assert.deepEqual([none.status, none.body.error], [401, 'invalid_client'])
  const both = await server.send(
    '/oauth/par',
    form({ ...request, ...secretInBody(client) }, { authorization: basic(client) }),
  )
  assert.deepEqual([both.status, both.body.error], [400, 'invalid_request'])
})

test('a public client pushes with PKCE, and not without', async () => {
  const browser = await harness.client({ redirectUris: [REDIRECT], public: true, implicit: true })
  const bare = await server.send('/oauth/par', form(requestOf(browser)))
  assert.deepEqual([bare.status, bare.body.error], [400, 'invalid_request'])
  const { challenge } = makePkce()
  const code = await server.send(
    '/oauth/par',
    form(requestOf(browser, { code_challenge: challenge, code_challenge_method: 'S256' })),
  )
  assert.equal(code.status, 201, code.text)
  const implicit = await server.send('/oauth/par', form(requestOf(browser, { response_type: 'token' })))
  const begun = await begin(String(implicit.body.request_uri), browser, { response_type: 'token' })
  const answer = await finish(server, begun, owner, { scopes: ['balance'] })
  assert.ok(responseOf(answer).token, answer.headers.location)
})

test('the endpoint takes POST only', async () => {
  const answer = await server.send('/oauth/par', { method: 'GET' })
  assert.deepEqual([answer.status, answer.headers.allow], [405, 'POST'])
})
