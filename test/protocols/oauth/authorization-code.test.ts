import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  authorize,
  authorizePath,
  finish,
  grantByCode,
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
  type Answer,
  basic,
  type ClientCredentials,
  createHarness,
  form,
  type Harness,
  ISSUER,
  json,
  type Process,
  refresh,
  secretInBody,
  type TokenBody,
} from './harness.ts'

let harness: Harness
let server: Process
let client: ClientCredentials
let browser: ClientCredentials
let owner: Owner

before(async () => {
  harness = await createHarness()
  server = await harness.start()
  client = await harness.client({ redirectUris: [REDIRECT] })
  browser = await harness.client({ redirectUris: [REDIRECT], public: true })
  owner = await makeOwner(harness, 2)
})
after(() => harness.close())

const principalOf = async (token: string, process = server) =>
  process.oauth.verifyAccessToken(`Bearer ${token}`, harness.clock())
const accepts = (token: string, process = server) =>
  principalOf(token, process).then(
    () => true,
    () => false,
  )

async function codeFor(who = client, parameters: Record<string, string> = {}): Promise<string> {
  // A fresh owner: the request of one who has consented already would not wait.
  const answer = await authorize(server, who, await makeOwner(harness), { parameters })
  return String(responseOf(answer).code)
}

const assertGrantRefused = async (answer: Awaited<ReturnType<typeof redeem>>, error = 'invalid_grant') => {
  assert.equal(answer.status, 400, answer.text)
  assert.equal(answer.body.error, error)
  assert.equal(answer.headers['cache-control'], 'no-store')
  assert.equal(answer.body.access_token, undefined)
}

test('an owner’s consent ends in a code, and the code in tokens that act for the owner', async () => {
  const answer = await authorize(server, client, owner)
  const { code, ...rest } = responseOf(answer)
  assert.deepEqual(rest, { state: 'a state', iss: ISSUER })
  assert.equal(targetOf(answer).origin + targetOf(answer).pathname, REDIRECT)
  assert.equal(answer.headers['cache-control'], 'no-store')
  assert.equal(answer.headers['referrer-policy'], 'no-referrer')
  assert.equal(answer.text, '')
  const tokens = await redeem(server, client, String(code))
  assert.equal(tokens.status, 200, tokens.text)
  assert.equal(tokens.body.token_type, 'Bearer')
  assert.equal(tokens.body.scope, 'balance payments')
  assert.match(String(tokens.body.refresh_token), /^bfr_/)
  const principal = await principalOf(String(tokens.body.access_token))
  assert.equal(principal.clientId, client.id)
  assert.equal(principal.clientParty, client.partyId)
  assert.equal(principal.subject, owner.id)
  assert.deepEqual([...principal.wallets], owner.wallets)
  assert.deepEqual([...principal.scopes], ['balance', 'payments'])
})

test('the token endpoint takes a code as JSON or form, with the secret in the body or by Basic, never both', async () => {
  const body = (code: string) => ({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT })
  const send = (options: ReturnType<typeof form>) => server.send('/oauth/token', options)
  const basicHeader = { authorization: basic(client) }
  for (const answer of [
    await send(json({ ...body(await codeFor()), ...secretInBody(client) })),
    await send(form({ ...body(await codeFor()), ...secretInBody(client) })),
    await send(json(body(await codeFor()), basicHeader)),
    await send(form(body(await codeFor()), basicHeader)),
  ])
    assert.equal(answer.status, 200, answer.text)
  const code = await codeFor()
  await assertGrantRefused(await send(form({ ...body(code), ...secretInBody(client) }, basicHeader)), 'invalid_request')
  const wrong = await send(form({ ...body(code), client_id: client.id, client_secret: 'bfs_wrong' }))
  assert.deepEqual([wrong.status, wrong.body.error], [401, 'invalid_client'])
  const none = await send(form({ ...body(code), client_id: client.id }))
  assert.deepEqual([none.status, none.body.error], [401, 'invalid_client'])
  assert.equal((await send(form(body(code), basicHeader))).status, 200, 'the refusals used nothing up')
})

test('64 redemptions of one code at once, in two processes, have exactly one success, and end what it got', async () => {
  const other = await harness.start()
  for (let round = 0; round < 3; round += 1) {
    const code = await codeFor()
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, index) => redeem(index % 2 ? server : other, client, code)),
    )
    const won = answers.filter(({ status }) => status === 200)
    assert.equal(won.length, 1)
    for (const answer of answers) if (answer.status !== 200) await assertGrantRefused(answer)
    const { access_token, refresh_token } = (won[0] as Answer).body as TokenBody
    harness.time.offset += 5_001
    assert.deepEqual([await accepts(access_token), await accepts(access_token, other)], [false, false])
    await assertGrantRefused(await refresh(server, client, refresh_token))
  }
  const [families] = await harness.db.query<{ count: bigint }>(
    'select count(*) from refresh_family where code_hash is not null group by code_hash having count(*) > 1',
  )
  assert.equal(families, undefined)
})

test('a code that comes again, even when it is long forgotten, ends the tokens that it brought', async () => {
  const { code, verifier, access_token, refresh_token } = await grantByCode(server, client, owner)
  const renewed = (await refresh(server, client, refresh_token)).body as TokenBody
  harness.time.offset += 120_000
  await server.oauth.sweep()
  await harness.db.query(`delete from oauth_artifact where model = 'AuthorizationCode'`)
  await assertGrantRefused(await redeem(server, client, code, { code_verifier: verifier }))
  for (const token of [access_token, renewed.access_token]) assert.equal(await accepts(token), false)
  await assertGrantRefused(await refresh(server, client, renewed.refresh_token))
  assert.match(harness.logged.join('\n'), /an authorization code was used again/)
  assert.ok(!harness.logged.join('\n').includes(code))
})

test('a code is bound to its client, its redirect URI and its time', async () => {
  const stranger = await harness.client({ redirectUris: [REDIRECT] })
  const code = await codeFor()
  await assertGrantRefused(await redeem(server, stranger, code))
  for (const redirect_uri of [`${REDIRECT}/`, `${REDIRECT}?x=1`, 'https://shop.example', 'https://evil.example/back'])
    await assertGrantRefused(await redeem(server, client, code, { redirect_uri }))
  await assertGrantRefused(await redeem(server, client, code, { redirect_uri: '' }), 'invalid_request')
  await assertGrantRefused(await redeem(server, client, ''), 'invalid_request')
  for (const guess of ['x', code.slice(1), `${code}A`, 'x'.repeat(5_000), '\0'])
    await assertGrantRefused(await redeem(server, client, guess))
  assert.equal((await redeem(server, client, code)).status, 200, 'the refusals used nothing up')
  const late = await codeFor()
  harness.time.offset += 61_000
  await assertGrantRefused(await redeem(server, client, late))
})

test('a public client needs PKCE by S256, and its verifier', async () => {
  for (const parameters of [
    {},
    { code_challenge: makePkce().challenge },
    { code_challenge: makePkce().verifier, code_challenge_method: 'plain' },
    { code_challenge_method: 'S256' },
    { code_challenge: 'short', code_challenge_method: 'S256' },
  ]) {
    const answer = await authorize(server, browser, owner, { parameters })
    const { error, state, iss } = responseOf(answer)
    assert.deepEqual([error, state, iss], ['invalid_request', 'a state', ISSUER])
  }
  const { verifier, challenge } = makePkce()
  const code = await codeFor(browser, { code_challenge: challenge, code_challenge_method: 'S256' })
  for (const wrong of [
    {},
    { code_verifier: makePkce().verifier },
    { code_verifier: challenge },
    { code_verifier: 'x' },
  ])
    await assertGrantRefused(await redeem(server, browser, code, wrong as Record<string, string>))
  const answer = await redeem(server, browser, code, { code_verifier: verifier })
  assert.equal(answer.status, 200, answer.text)
  const renewed = await server.send(
    '/oauth/token',
    form({ grant_type: 'refresh_token', refresh_token: String(answer.body.refresh_token), client_id: browser.id }),
  )
  assert.equal(renewed.status, 200, renewed.text)
  assert.equal((await principalOf(String(renewed.body.access_token))).public, true)
})

test('PKCE cannot be taken away or added on the way', async () => {
  const { verifier, challenge } = makePkce()
  const protectedCode = await codeFor(client, { code_challenge: challenge, code_challenge_method: 'S256' })
  await assertGrantRefused(await redeem(server, client, protectedCode))
  const bareCode = await codeFor()
  await assertGrantRefused(await redeem(server, client, bareCode, { code_verifier: verifier }))
})

test('an owner narrows operations and wallets, and the tokens reach no further', async () => {
  const person = await makeOwner(harness, 3)
  const wallets = person.wallets.slice(1, 2)
  const { access_token, refresh_token, scope } = await grantByCode(server, client, person, {
    parameters: { scope: 'balance,payments,refunds' },
    scopes: ['balance'],
    wallets,
  })
  assert.equal(scope, 'balance')
  const renewed = (await refresh(server, client, refresh_token)).body as TokenBody
  for (const token of [access_token, renewed.access_token]) {
    const principal = await principalOf(token)
    assert.deepEqual([...principal.scopes], ['balance'])
    assert.deepEqual([...principal.wallets], wallets)
  }
  const wider = await refresh(server, client, renewed.refresh_token, { scope: 'balance payments' })
  await assertGrantRefused(wider, 'invalid_scope')
})

test('an owner cannot give what is not asked for or not theirs', async () => {
  const other = await makeOwner(harness)
  const person = await makeOwner(harness)
  for (const wish of [
    { scopes: ['balance', 'refunds'] },
    { scopes: [] },
    { wallets: [] },
    { wallets: other.wallets },
    { wallets: [...person.wallets, ...other.wallets] },
    { wallets: [999_999n] },
    { until: harness.clock() - 1 },
  ]) {
    const answer = await authorize(server, client, person, wish)
    assert.equal(answer.status, 422, answer.text)
  }
  const rows = await harness.db.query('select 1 from consent where party_id = $1', [person.id])
  assert.equal(rows.length, 0)
})

test('a declined request goes back as access_denied, and nothing is kept', async () => {
  const person = await makeOwner(harness)
  const answer = await authorize(server, client, person, { decline: true })
  const { error, state, iss, code } = responseOf(answer)
  assert.deepEqual([error, state, iss, code], ['access_denied', 'a state', ISSUER, undefined])
  assert.equal((await harness.db.query('select 1 from consent where party_id = $1', [person.id])).length, 0)
})

test('an owner who has consented is not asked again by a client with a secret, unless more is asked for', async () => {
  const person = await makeOwner(harness)
  await grantByCode(server, client, person)
  const again = await authorize(server, client, person, { parameters: { scope: 'payments' } })
  const tokens = await redeem(server, client, String(responseOf(again).code))
  assert.equal(tokens.body.scope, 'payments')
  const begin = (parameters: Record<string, string>, who = client) =>
    server.send(authorizePath(requestOf(who, parameters)), { headers: { 'x-signed-in': person.id } })
  for (const parameters of [{ scope: 'balance refunds' }, { prompt: 'consent' }])
    assert.match(targetOf(await begin(parameters as Record<string, string>)).pathname, /^\/interaction\//)
  const { challenge } = makePkce()
  await grantByCode(server, browser, person)
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256' }
  assert.match(targetOf(await begin(pkce, browser)).pathname, /^\/interaction\//, 'a public client always waits')
})

test('prompt=none never shows a page', async () => {
  const person = await makeOwner(harness)
  const begin = (who: ClientCredentials, headers: Record<string, string>, extra: Record<string, string> = {}) =>
    server.send(authorizePath(requestOf(who, { prompt: 'none', ...extra })), { headers })
  const signedIn = { 'x-signed-in': person.id }
  assert.equal(responseOf(await begin(client, {})).error, 'login_required')
  assert.equal(responseOf(await begin(client, signedIn)).error, 'consent_required')
  await grantByCode(server, client, person)
  assert.ok(responseOf(await begin(client, signedIn)).code)
  assert.equal(responseOf(await begin(client, signedIn, { scope: 'refunds' })).error, 'consent_required')
  await grantByCode(server, browser, person)
  const pkce = { code_challenge: makePkce().challenge, code_challenge_method: 'S256' }
  const silent = responseOf(await begin(browser, signedIn, pkce))
  assert.deepEqual([silent.error, silent.state, silent.iss], ['consent_required', 'a state', ISSUER])
})

test('what one person allowed does not end in another person’s browser', async () => {
  const [one, two] = [await makeOwner(harness), await makeOwner(harness)]
  const begun = await server.send(authorizePath(requestOf(client)), { headers: { 'x-signed-in': one.id } })
  const swapped = await finish(server, begun, one, { scopes: ['balance'] }, two)
  assert.equal(swapped.status, 400)
  assert.equal(JSON.parse(swapped.text).reason, 'interaction')
  assert.equal(swapped.headers.location, undefined)
  const nobody = await server.send(targetOf(begun).pathname, {
    headers: {
      'x-decision': JSON.stringify({ partyId: one.id, wallets: one.wallets.map(String), scopes: ['balance'] }),
    },
  })
  assert.equal(nobody.status, 422, 'without the cookie of the browser that began it there is no request')
  const [, uid = ''] = /^\/interaction\/(.+)$/.exec(targetOf(begun).pathname) ?? []
  const resumed = await server.send(`/oauth/authorize/${uid}`, { headers: { 'x-signed-in': one.id } })
  assert.deepEqual([resumed.status, JSON.parse(resumed.text).reason], [400, 'interaction'])
})
