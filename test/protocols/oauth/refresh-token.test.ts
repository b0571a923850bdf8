import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { OAUTH_SETTINGS } from '../../../src/protocols/oauth/settings.ts'
import { sweepOauth } from '../../../src/protocols/oauth/sweep.ts'
import {
  type ClientCredentials,
  createHarness,
  form,
  grant,
  type Harness,
  type Process,
  refresh,
  secretInBody,
  type TokenBody,
} from './harness.ts'

let harness: Harness
let server: Process
let client: ClientCredentials
let first: TokenBody

before(async () => {
  harness = await createHarness()
  server = await harness.start()
  client = await harness.client()
})
beforeEach(async () => {
  first = await grant(server, client)
})
after(() => harness.close())

const pair = async (token: string, process = server) => {
  const answer = await refresh(process, client, token)
  assert.equal(answer.status, 200, answer.text)
  return answer.body as TokenBody
}

const assertRefused = async (token: string, process = server, who = client) => {
  const answer = await refresh(process, who, token)
  assert.equal(answer.status, 400, answer.text)
  assert.equal(answer.body.error, 'invalid_grant')
}

const accepts = async (token: string, process = server) => {
  try {
    await process.oauth.verifyAccessToken(`Bearer ${token}`, harness.clock())
    return true
  } catch {
    return false
  }
}

test('a refresh token gives a new pair and can be used on and on', async () => {
  const seen = new Set([first.refresh_token])
  let current = first
  for (let round = 0; round < 4; round += 1) {
    current = await pair(current.refresh_token)
    assert.ok(!seen.has(current.refresh_token))
    assert.equal(current.scope, first.scope)
    assert.ok(await accepts(current.access_token))
    seen.add(current.refresh_token)
  }
})

test('64 redemptions at once mint one new pair and all get it', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { refresh_token: token } = await grant(server, client)
    const other = await harness.start()
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, index) => refresh(index % 2 ? server : other, client, token)),
    )
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
    const winner = JSON.parse(String(answers[0]?.text)) as TokenBody
    await pair(winner.refresh_token)
    await other.close()
  }
})

test('a retry within the window gets the same pair, after it the family ends', async () => {
  const second = await pair(first.refresh_token)
  harness.time.offset += 9_000
  assert.deepEqual(await pair(first.refresh_token), second)
  harness.time.offset += 2_000
  await assertRefused(first.refresh_token)
  await assertRefused(second.refresh_token)
  assert.equal(await accepts(second.access_token), false)
})

test('an old token ends the family once its successor was used, even within the window', async () => {
  const second = await pair(first.refresh_token)
  const third = await pair(second.refresh_token)
  await assertRefused(first.refresh_token)
  await assertRefused(third.refresh_token)
})

test('scopes can be narrowed but not widened, and a refused scope does not use up the token', async () => {
  const narrow = await grant(server, client, { scope: 'balance,payments' })
  const wider = await refresh(server, client, narrow.refresh_token, { scope: 'balance refunds' })
  assert.equal(wider.body.error, 'invalid_scope')
  const narrower = await refresh(server, client, narrow.refresh_token, { scope: 'balance' })
  assert.equal(narrower.body.scope, 'balance')
  assert.equal((await pair((narrower.body as TokenBody).refresh_token)).scope, 'balance payments')
})

test('another client’s refresh token is refused and stays good for its owner', async () => {
  const other = await harness.client()
  await assertRefused(first.refresh_token, server, other)
  await pair(first.refresh_token)
})

test('things that are no refresh tokens are refused', async () => {
  const altered = `${first.refresh_token.slice(0, -1)}${first.refresh_token.endsWith('A') ? 'B' : 'A'}`
  for (const token of ['x', first.access_token, 'bfr_', `bfr_${'A'.repeat(64)}`]) await assertRefused(token)
  const missing = await server.send('/oauth/token', form({ grant_type: 'refresh_token', ...secretInBody(client) }))
  assert.equal(missing.body.error, 'invalid_request')
  // Whoever knows the family but not the secret must have seen one of its tokens.
  await assertRefused(altered)
  await assertRefused(first.refresh_token)
})

test('a refresh token needs its client’s secret', async () => {
  const answer = await refresh(server, { ...client, secret: 'bfs_no' }, first.refresh_token)
  assert.equal(answer.status, 401)
  await pair(first.refresh_token)
})

test('a refresh token expires a day after its last use', async () => {
  harness.time.offset += 23 * 3_600_000
  const second = await pair(first.refresh_token)
  harness.time.offset += 23 * 3_600_000
  const third = await pair(second.refresh_token)
  harness.time.offset += 24 * 3_600_000
  await assertRefused(third.refresh_token)
})

test('a revoked refresh token stays revoked after a restart, and its access tokens end elsewhere within five seconds', async () => {
  const elsewhere = await harness.start()
  assert.ok(await accepts(first.access_token, elsewhere))
  const answer = await server.send('/oauth/revoke', form({ token: first.refresh_token, ...secretInBody(client) }))
  assert.equal(answer.status, 200)
  assert.equal(await accepts(first.access_token), false)
  harness.time.offset += 5_001
  assert.equal(await accepts(first.access_token, elsewhere), false)
  const restarted = await harness.start()
  await assertRefused(first.refresh_token, restarted)
  assert.equal(await accepts(first.access_token, restarted), false)
})

test('revoking with a token that was just rotated ends the family too', async () => {
  const second = await pair(first.refresh_token)
  await server.send('/oauth/revoke', form({ token: first.refresh_token, ...secretInBody(client) }))
  await assertRefused(second.refresh_token)
})

test('a stranger cannot revoke a refresh token', async () => {
  const other = await harness.client()
  const answer = await server.send('/oauth/revoke', form({ token: first.refresh_token, ...secretInBody(other) }))
  assert.equal(answer.status, 200)
  await pair(first.refresh_token)
})

test('revocation and redemption at once never leave a living pair', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { refresh_token: token } = await grant(server, client)
    const [redeemed] = await Promise.all([
      refresh(server, client, token),
      server.send('/oauth/revoke', form({ token, ...secretInBody(client) })),
    ])
    if (redeemed.status === 200) await assertRefused((redeemed.body as TokenBody).refresh_token)
    else assert.equal(redeemed.body.error, 'invalid_grant')
  }
})

test('the sweep empties answers kept for retries and deletes what has expired, a bounded amount at a time', async () => {
  await pair(first.refresh_token)
  harness.time.offset += 12_000
  await sweepOauth(harness.db, harness.clock(), OAUTH_SETTINGS)
  const [kept] = await harness.db.query<{ count: bigint }>('select count(successor) as count from refresh_family')
  assert.equal(kept?.count, 0n)
  harness.time.offset += 25 * 3_600_000
  await sweepOauth(harness.db, harness.clock(), OAUTH_SETTINGS)
  const [left] = await harness.db.query<{ count: bigint }>(
    `select (select count(*) from refresh_family) + (select count(*) from token_revocation) as count`,
  )
  assert.equal(left?.count, 0n)
})
