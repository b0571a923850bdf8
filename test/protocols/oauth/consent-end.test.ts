import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { listConsents } from '../../../src/operations/list-consents.ts'
import { revokeConsent } from '../../../src/operations/revoke-consent.ts'
import {
  authorize,
  authorizePath,
  grantByCode,
  makeOwner,
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
  type Process,
  refresh,
  secretInBody,
  type TokenBody,
} from './harness.ts'

const DAY = 24 * 3_600_000

let harness: Harness
let server: Process
let elsewhere: Process
let client: ClientCredentials

before(async () => {
  harness = await createHarness()
  server = await harness.start()
  elsewhere = await harness.start()
  client = await harness.client({ redirectUris: [REDIRECT] })
})
after(() => harness.close())

const principalOf = async (token: string, process = server) =>
  process.oauth.verifyAccessToken(`Bearer ${token}`, harness.clock())
const accepts = (token: string, process = server) =>
  principalOf(token, process).then(
    () => true,
    () => false,
  )
const introspect = async (token: string) =>
  (await server.send('/oauth/introspect', form({ token }, { authorization: basic(client) }))).body

async function withdraw(owner: Owner, process = server) {
  const [consent] = await listConsents(harness.db, owner.id)
  assert.ok(consent)
  return revokeConsent({ ...harness, oauth: process.oauth }, { partyId: owner.id, id: consent.id })
}

async function assertRefused(token: string) {
  const answer = await refresh(server, client, token)
  assert.deepEqual([answer.status, answer.body.error], [400, 'invalid_grant'])
}

test('a consent that is withdrawn ends its tokens here at once, elsewhere within five seconds, and for good', async () => {
  const owner = await makeOwner(harness)
  const bystander = await makeOwner(harness)
  const [first, other] = [await grantByCode(server, client, owner), await grantByCode(server, client, bystander)]
  const second = (await refresh(server, client, first.refresh_token)).body as TokenBody
  assert.equal((await introspect(second.access_token)).active, true)
  const waiting = responseOf(await authorize(server, client, owner)).code
  for (const process of [server, elsewhere]) assert.ok(await accepts(first.access_token, process))
  assert.equal(await withdraw(owner), true)
  for (const token of [first.access_token, second.access_token]) assert.equal(await accepts(token), false)
  harness.time.offset += 5_001
  for (const token of [first.access_token, second.access_token]) assert.equal(await accepts(token, elsewhere), false)
  await assertRefused(second.refresh_token)
  const answer = await redeem(server, client, String(waiting))
  assert.deepEqual([answer.status, answer.body.error], [400, 'invalid_grant'], 'a code of it is worth nothing')
  for (const token of [second.access_token, second.refresh_token])
    assert.deepEqual(await introspect(token), { active: false })
  assert.ok(await accepts(other.access_token), 'other owners notice nothing')
  const again = await grantByCode(server, client, owner)
  assert.ok(await accepts(again.access_token))
  harness.time.offset += 5_001
  for (const process of [server, elsewhere, await harness.start()])
    assert.equal(await accepts(second.access_token, process), false, 'a new consent revives nothing')
  await assertRefused(second.refresh_token)
})

test('only the owner withdraws, and once', async () => {
  const [owner, stranger] = [await makeOwner(harness), await makeOwner(harness)]
  const { access_token } = await grantByCode(server, client, owner)
  const [consent] = await listConsents(harness.db, owner.id)
  const deps = { ...harness, oauth: server.oauth }
  assert.equal(await revokeConsent(deps, { partyId: stranger.id, id: String(consent?.id) }), false)
  assert.equal(await revokeConsent(deps, { partyId: owner.id, id: 'nonsense' }), false)
  assert.ok(await accepts(access_token))
  assert.equal(await withdraw(owner), true)
  assert.equal(await revokeConsent(deps, { partyId: owner.id, id: String(consent?.id) }), false)
  assert.deepEqual(await listConsents(harness.db, owner.id), [])
})

test('a list of consents says what each allows and when it was used', async () => {
  const owner = await makeOwner(harness, 2)
  const until = harness.clock() + 30 * DAY
  const { refresh_token } = await grantByCode(server, client, owner, { wallets: owner.wallets.slice(0, 1), until })
  const [consent] = await listConsents(harness.db, owner.id)
  assert.equal(consent?.clientId, client.id)
  assert.equal(consent?.clientName, 'Till')
  assert.deepEqual(consent?.scopes, ['balance', 'payments'])
  assert.equal(consent?.wallets.length, 1)
  assert.match(String(consent?.wallets[0]), /^us:\d+:USD$/)
  assert.equal(consent?.expiresAt?.getTime(), until)
  const used = consent?.lastUsedAt?.getTime() ?? 0
  assert.ok(used >= (consent?.grantedAt.getTime() ?? 0))
  harness.time.offset += 60_000
  await refresh(server, client, refresh_token)
  assert.ok(((await listConsents(harness.db, owner.id))[0]?.lastUsedAt?.getTime() ?? 0) > used)
})

test('a new answer takes the place of the old one, and tokens reach no further than it', async () => {
  const owner = await makeOwner(harness, 2)
  const before = await grantByCode(server, client, owner)
  const narrow = await grantByCode(server, client, owner, {
    parameters: { prompt: 'consent' },
    scopes: ['balance'],
    wallets: owner.wallets.slice(1),
  })
  assert.equal((await listConsents(harness.db, owner.id)).length, 1)
  harness.time.offset += 5_001
  for (const [token, process] of [
    [before.access_token, server],
    [before.access_token, elsewhere],
    [narrow.access_token, elsewhere],
  ] as const) {
    const principal = await principalOf(token, process)
    assert.deepEqual([...principal.scopes], ['balance'])
    assert.deepEqual([...principal.wallets], owner.wallets.slice(1))
  }
  const renewed = await refresh(server, client, before.refresh_token)
  assert.equal(renewed.body.scope, 'balance')
  const wider = await grantByCode(server, client, owner, { parameters: { prompt: 'consent' } })
  assert.equal(wider.scope, 'balance payments')
  harness.time.offset += 5_001
  assert.deepEqual([...(await principalOf(narrow.access_token)).scopes], ['balance'], 'nor further than itself')
})

test('tokens end when the consent does, and no later', async () => {
  const owner = await makeOwner(harness)
  const grant = await grantByCode(server, client, owner, { until: harness.clock() + 600_000 })
  assert.ok(grant.expires_in <= 600 && grant.expires_in > 590, String(grant.expires_in))
  harness.time.offset += 300_000
  const renewed = (await refresh(server, client, grant.refresh_token)).body as TokenBody
  assert.ok(renewed.expires_in <= 300)
  harness.time.offset += 300_001
  assert.equal(await accepts(renewed.access_token), false)
  await assertRefused(renewed.refresh_token)
  assert.deepEqual(await listConsents(harness.db, owner.id, harness.clock()), [])
  const again = await server.send(authorizePath(requestOf(client)), { headers: { 'x-signed-in': owner.id } })
  assert.match(targetOf(again).pathname, /^\/interaction\//, 'the owner is asked again')
  await grantByCode(server, client, owner)
  await assertRefused(renewed.refresh_token)
})

test('an owner’s refresh tokens last for 30 days after their last use', async () => {
  const owner = await makeOwner(harness)
  const { refresh_token } = await grantByCode(server, client, owner)
  harness.time.offset += 29 * DAY
  const second = await refresh(server, client, refresh_token)
  assert.equal(second.status, 200, second.text)
  harness.time.offset += 30 * DAY + 1_000
  await assertRefused(String(second.body.refresh_token))
})

test('a wallet that is no longer the owner’s is not reached, and with the last one the consent is empty', async () => {
  const owner = await makeOwner(harness, 2)
  const buyer = await makeOwner(harness)
  const { access_token, refresh_token } = await grantByCode(server, client, owner)
  assert.deepEqual((await principalOf(access_token)).wallets, new Set(owner.wallets))
  await harness.db.query('update wallet set party_id = $2 where id = $1', [String(owner.wallets[0]), buyer.id])
  harness.time.offset += 5_001
  for (const process of [server, elsewhere])
    assert.deepEqual([...(await principalOf(access_token, process)).wallets], owner.wallets.slice(1))
  const renewed = (await refresh(server, client, refresh_token)).body as TokenBody
  assert.deepEqual((await principalOf(renewed.access_token)).wallets, new Set(owner.wallets.slice(1)))
  await harness.db.query('update wallet set party_id = $2 where id = $1', [String(owner.wallets[1]), buyer.id])
  harness.time.offset += 5_001
  assert.deepEqual((await principalOf(renewed.access_token)).wallets, new Set())
  await assertRefused(renewed.refresh_token)
})

test('a client that is disabled, or loses a scope, loses it under every consent', async () => {
  const mortal = await harness.client({ redirectUris: [REDIRECT] })
  const owner = await makeOwner(harness)
  const { access_token, refresh_token } = await grantByCode(server, mortal, owner)
  await harness.db.query(`update client set scopes = '{balance}' where id = $1`, [mortal.id])
  harness.time.offset += 5_001
  assert.deepEqual([...(await principalOf(access_token)).scopes], ['balance'])
  await harness.db.query('update client set disabled_at = now() where id = $1', [mortal.id])
  harness.time.offset += 5_001
  assert.equal(await accepts(access_token), false)
  assert.equal((await refresh(server, mortal, refresh_token)).status, 401)
})

test('revoking a refresh token ends that family and no other of the same consent', async () => {
  const owner = await makeOwner(harness)
  const [one, two] = [await grantByCode(server, client, owner), await grantByCode(server, client, owner)]
  await server.send('/oauth/revoke', form({ token: one.refresh_token, ...secretInBody(client) }))
  assert.deepEqual([await accepts(one.access_token), await accepts(two.access_token)], [false, true])
  await assertRefused(one.refresh_token)
  assert.equal((await refresh(server, client, two.refresh_token)).status, 200)
})

test('rotation, grace and reuse of an owner’s refresh tokens are those of a client’s', async () => {
  const owner = await makeOwner(harness)
  const { refresh_token } = await grantByCode(server, client, owner)
  const answers = await Promise.all(
    Array.from({ length: 64 }, (_, index) => refresh(index % 2 ? server : elsewhere, client, refresh_token)),
  )
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
  assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
  const next = JSON.parse(String(answers[0]?.text)) as TokenBody
  harness.time.offset += 11_000
  await assertRefused(refresh_token)
  await assertRefused(next.refresh_token)
  assert.equal(await accepts(next.access_token), false)
})

test('consents that ended more than a year ago, and what has expired, are swept', async () => {
  const owner = await makeOwner(harness)
  await grantByCode(server, client, owner)
  await authorize(server, client, await makeOwner(harness))
  await withdraw(owner)
  const count = async (text: string) => Number((await harness.db.query<{ n: bigint }>(text))[0]?.n)
  const ended = 'select count(*) as n from consent where revoked_at is not null'
  harness.time.offset += 2 * 3_600_000
  await server.oauth.sweep()
  assert.equal(await count('select count(*) as n from oauth_artifact'), 0)
  assert.ok((await count(ended)) > 0)
  harness.time.offset += 366 * DAY
  await server.oauth.sweep()
  assert.equal(await count(ended), 0)
})

test('a token of 50 wallets with the longest names still fits into a header', async () => {
  const owner = await makeOwner(harness, 0)
  const wallets = await Promise.all(
    Array.from({ length: 50 }, (_, index) => harness.wallet(owner.id, `${index}`.padStart(64, 'x'))),
  )
  const { access_token } = await grantByCode(server, client, { ...owner, wallets })
  assert.ok(access_token.length < 4_096, String(access_token.length))
  assert.deepEqual((await principalOf(access_token)).wallets, new Set(wallets))
})

test('when the database is away an authorization request ends in a page that says no more than that', async (t) => {
  const other = await createHarness()
  t.after(() => other.close())
  const broken = await other.start()
  const who = await other.client({ redirectUris: [REDIRECT] })
  const owner = await makeOwner(other)
  const send = () => broken.send(authorizePath(requestOf(who)), { headers: { 'x-signed-in': owner.id } })
  assert.equal((await send()).status, 303)
  for (const table of ['consent', 'client']) {
    await other.db.query(`alter table ${table} rename to ${table}_gone`)
    other.time.offset += 6_000
    const page = await send()
    assert.deepEqual([page.status, JSON.parse(page.text).reason], [500, 'failure'])
    assert.doesNotMatch(page.text, /gone|relation|\.ts|oops/)
  }
})
