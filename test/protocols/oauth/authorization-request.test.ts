import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  authorize,
  authorizePath,
  makeOwner,
  makePkce,
  type Owner,
  REDIRECT,
  requestOf,
  responseOf,
  targetOf,
} from './flow.ts'
import { type Answer, type ClientCredentials, createHarness, type Harness, ISSUER, type Process } from './harness.ts'

let harness: Harness
let server: Process
let client: ClientCredentials
let native: ClientCredentials
let owner: Owner

before(async () => {
  harness = await createHarness()
  server = await harness.start()
  client = await harness.client({ redirectUris: [REDIRECT], scopes: ['balance', 'payments'] })
  native = await harness.client({
    public: true,
    redirectUris: ['http://127.0.0.1/back', 'http://[::1]:9000/back?app=1', 'http://localhost/back'],
  })
  owner = await makeOwner(harness)
})
after(async () => {
  assert.doesNotMatch(harness.logged.join('\n'), /"stack"/, 'nothing here is a fault of the server')
  await harness.close()
})

const ask = (query: string | Record<string, string>, headers: Record<string, string> = { 'x-signed-in': owner.id }) =>
  server.send(typeof query === 'string' ? `/oauth/authorize?${query}` : authorizePath(query), { headers })

/** A page for the person, which leads nowhere. */
function assertPage(answer: Answer, reason: string, status = 400) {
  assert.equal(answer.status, status, answer.text)
  assert.equal(answer.headers.location, undefined)
  assert.match(String(answer.headers['content-type']), /^text\/html/)
  const refusal = JSON.parse(answer.text)
  assert.equal(refusal.reason, reason, answer.text)
  assert.doesNotMatch(answer.text, /node_modules|\.ts|\.js/)
}

function assertRedirected(answer: Answer, error: string, state: string | undefined = 'a state') {
  const response = responseOf(answer)
  assert.equal(targetOf(answer).origin + targetOf(answer).pathname, REDIRECT)
  assert.deepEqual([response.error, response.state, response.iss], [error, state, ISSUER], answer.headers.location)
  assert.equal(response.code, undefined)
}

test('an unknown or disabled client gets a page and no redirect', async () => {
  const gone = await harness.client({ redirectUris: [REDIRECT] })
  await harness.db.query('update client set disabled_at = now() where id = $1', [gone.id])
  for (const client_id of ['nobody', gone.id, 'a\0b', `${client.id}\0`, 'x'.repeat(3_000), "' or 1=1 --", '../x', '%'])
    assertPage(await ask({ ...requestOf(client), client_id }), 'client')
  assertPage(await ask({ response_type: 'code', redirect_uri: REDIRECT }), 'request')
  assertPage(await ask(''), 'request')
})

test('a redirect URI that differs in one character gets a page and no redirect', async () => {
  for (const redirect_uri of [
    `${REDIRECT}/`,
    `${REDIRECT}?x=1`,
    `${REDIRECT}#x`,
    `${REDIRECT}%2F..`,
    `${REDIRECT}/../back`,
    REDIRECT.toUpperCase(),
    REDIRECT.replace('https', 'http'),
    REDIRECT.replace('shop.example', 'shop.example:443'),
    REDIRECT.replace('shop.example', 'shop.example.evil.example'),
    REDIRECT.replace('shop.example', 'shop.example@evil.example'),
    `${REDIRECT}\0`,
    'javascript:alert(1)',
    '//evil.example/',
    'https://evil.example/',
    'x'.repeat(4_000),
  ])
    assertPage(await ask({ ...requestOf(client), redirect_uri }), 'redirect-uri')
  const { redirect_uri: _, ...missing } = requestOf(client)
  assertPage(await ask(missing), 'request')
  const query = new URLSearchParams(requestOf(client))
  assertPage(await ask(`${query}&redirect_uri=https%3A%2F%2Fevil.example%2F`), 'request')
})

test('an application on the same machine may listen on any port, and on nothing else', async () => {
  const { challenge } = makePkce()
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256' }
  for (const redirect_uri of [
    'http://127.0.0.1/back',
    'http://127.0.0.1:51004/back',
    'http://localhost:3/back',
    'http://[::1]/back?app=1',
    'http://[::1]:65535/back?app=1',
  ]) {
    const answer = await authorize(server, native, await makeOwner(harness), { parameters: { ...pkce, redirect_uri } })
    assert.ok(String(answer.headers.location).startsWith(redirect_uri), answer.headers.location)
    assert.ok(targetOf(answer).searchParams.get('code'))
  }
  for (const redirect_uri of [
    'http://127.0.0.1:65536/back',
    'http://127.0.0.1:99999/back',
    'http://127.0.0.1:/back',
    'http://127.0.0.1:1/other',
    'http://127.0.0.1:1/back/',
    'https://127.0.0.1:1/back',
    'http://127.0.0.2:1/back',
    'http://127.0.0.1:1@evil.example/back',
    'http://127.0.0.1.evil.example/back',
    'http://[::1]:1/back',
    'http://localhost.evil.example/back',
  ])
    assertPage(await ask({ ...requestOf(native), ...pkce, redirect_uri }), 'redirect-uri')
})

test('what is wrong with a request of a known client goes back to it, with state and iss', async () => {
  for (const [error, parameters] of [
    ['unsupported_response_type', { response_type: 'id_token' }],
    ['unsupported_response_type', { response_type: 'code token' }],
    ['unsupported_response_type', { response_type: 'none' }],
    ['unsupported_response_type', { response_type: '__proto__' }],
    ['invalid_scope', { scope: 'balance refunds' }],
    ['invalid_scope', { scope: 'openid' }],
    ['invalid_scope', { scope: 'balance everything' }],
    ['invalid_scope', { scope: 'balance "' }],
    ['request_not_supported', { request: 'eyJhbGciOiJub25lIn0.e30.' }],
    ['registration_not_supported', { registration: '{}' }],
    ['invalid_request', { nonce: 'x' }],
    ['invalid_request', { max_age: '1' }],
    ['invalid_request', { id_token_hint: 'x' }],
    ['invalid_request', { prompt: 'none login' }],
    ['invalid_request', { prompt: 'select_account' }],
    ['invalid_request', { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' }],
    ['unsupported_response_mode', { response_mode: 'form_post' }],
    ['unsupported_response_mode', { response_mode: 'web_message' }],
    ['unsupported_response_mode', { response_mode: 'jwt' }],
    ['unsupported_response_mode', { response_mode: 'billfold.implicit' }],
    ['unsupported_response_mode', { response_mode: 'constructor' }],
  ] as const)
    assertRedirected(await ask(requestOf(client, parameters as unknown as Record<string, string>)), error)
  const { response_type: _, ...missing } = requestOf(client)
  assertRedirected(await ask(missing), 'invalid_request')
})

test('a request without state is answered without one', async () => {
  const { state: _, ...silent } = requestOf(client, { scope: 'balance everything' })
  const answer = await ask(silent)
  const { searchParams } = new URL(String(answer.headers.location))
  assert.deepEqual([searchParams.get('error'), searchParams.has('state')], ['invalid_scope', false])
  const whole = requestOf(client)
  const { state: __, ...quiet } = whole
  const begun = await ask(quiet)
  assert.equal(begun.status, 303, begun.text)
  assert.match(String(begun.headers.location), /\/interaction\//)
})

test('a repeated parameter is refused', async () => {
  const query = new URLSearchParams(requestOf(client)).toString()
  for (const [name, expected] of [
    ['scope', 'a state'],
    ['response_type', 'a state'],
    ['prompt', 'a state'],
    ['code_challenge', 'a state'],
    ['response_mode', 'a state'],
    ['state', undefined],
  ] as const) {
    const response = responseOf(await ask(`${query}&${name}=x&${name}=y`))
    assert.deepEqual([response.error, response.state, response.iss], ['invalid_request', expected, ISSUER], name)
  }
  assertPage(await ask(`${query}&client_id=${client.id}`), 'request')
})

test('state comes back as it was sent, whatever is in it', async () => {
  for (const state of ['', 'a b+c&d=e%20#?"<>', 'é→\u{1F600}', '\r\nSet-Cookie: x=1', 'x\0y', 'x'.repeat(3_000)]) {
    const answer = await ask(requestOf(client, { state, scope: 'nothing' }))
    assert.equal(responseOf(answer).state, state === '' ? undefined : state)
    assert.equal(answer.headers['set-cookie'], undefined)
  }
})

test('a request that is too long gets a page', async () => {
  assertPage(await ask(requestOf(client, { state: 'x'.repeat(8_200) })), 'request', 414)
  const flood = Array.from({ length: 900 }, (_, index) => `p${index}=1`).join('&')
  assert.equal((await ask(`${new URLSearchParams(requestOf(client))}&${flood}`)).status, 303)
})

test('scopes come by comma or space, and without scope a request is for all that the client may', async () => {
  for (const [scope, expected] of [
    ['balance,payments', ['balance', 'payments']],
    ['payments , balance balance', ['payments', 'balance']],
    ['', ['balance', 'payments']],
  ] as const) {
    const answer = await authorize(server, client, await makeOwner(harness), {
      parameters: { scope },
      scopes: [...expected],
    })
    assert.ok(responseOf(answer).code, answer.text)
  }
})

test('an answer may go into the fragment when the client asks for it', async () => {
  const answer = await authorize(server, client, await makeOwner(harness), {
    parameters: { response_mode: 'fragment' },
  })
  assert.equal(targetOf(answer).search, '')
  assert.ok(responseOf(answer).code)
})

test('the cookies of a request are bound to its two addresses, to this site and out of reach of scripts', async () => {
  const begun = await ask(requestOf(client), {})
  const uid = targetOf(begun).pathname.split('/').at(-1)
  const cookies = begun.headers['set-cookie'] ?? []
  assert.equal(cookies.length, 4)
  for (const cookie of cookies) {
    assert.match(cookie, /; secure/i)
    assert.match(cookie, /; httponly/i)
    assert.match(cookie, /; samesite=lax/i)
    assert.match(cookie, new RegExp(`; path=/(interaction|oauth/authorize)/${uid};`))
  }
})

test('an altered cookie or another request’s address opens nothing', async () => {
  const begun = await ask(requestOf(client), {})
  const { pathname } = targetOf(begun)
  const cookie = (begun.headers['set-cookie'] ?? []).map((line) => line.split(';', 1)[0]).join('; ')
  const decide = (path: string, sent: string) =>
    server.send(path, {
      headers: {
        cookie: sent,
        'x-decision': JSON.stringify({
          partyId: owner.id,
          wallets: owner.wallets.map(String),
          scopes: ['balance'],
          until: null,
        }),
      },
    })
  const altered = cookie.replace(/billfold_interaction=./, 'billfold_interaction=!')
  assert.equal((await decide(pathname, altered)).status, 422)
  const other = targetOf(await ask(requestOf(client), {})).pathname
  assert.equal((await decide(other, cookie)).status, 422)
  assert.equal((await decide(pathname, cookie)).status, 303)
})
