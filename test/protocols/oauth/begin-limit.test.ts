import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { authorizePath, makePkce, REDIRECT, requestOf } from './flow.ts'
import { basic, type ClientCredentials, createHarness, form, type Harness, type Process } from './harness.ts'

let harness: Harness
let server: Process
let anyone: ClientCredentials
let client: ClientCredentials

before(async () => {
  harness = await createHarness()
  server = await harness.start()
  anyone = await harness.client({ redirectUris: [REDIRECT], public: true })
  client = await harness.client({ redirectUris: [REDIRECT] })
})
after(() => harness.close())

const MOST = 120
const { challenge } = makePkce()
const parameters = (who: ClientCredentials) =>
  requestOf(who, { code_challenge: challenge, code_challenge_method: 'S256' })

const begin = (address: string) => server.send(authorizePath(parameters(anyone)), { headers: { 'x-address': address } })
const push = (address: string, extra: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  server.send('/oauth/par', form({ ...parameters(anyone), ...extra }, { 'x-address': address, ...headers }))

async function countRows() {
  const [row] = await harness.db.query<{ count: bigint }>('select count(*) from oauth_artifact')
  return row?.count ?? 0n
}

test('a stranger can make the server keep so many authorization requests a minute, and no more', async () => {
  const answers = await Promise.all(
    Array.from({ length: MOST }, (_, i) => (i % 2 === 0 ? begin('2001:db8::1') : push('2001:db8::2'))),
  )
  assert.ok(answers.every(({ status }) => status === 303 || status === 201))
  const kept = await countRows()

  const refused = await begin('2001:db8:0:0:ffff::9')
  assert.equal(refused.status, 429)
  assert.ok(Number(refused.headers['retry-after']) > 0)
  assert.equal(JSON.parse(refused.text).reason, 'busy')
  const pushed = await push('2001:db8::1')
  assert.equal(pushed.status, 429)
  assert.equal(pushed.body.error, 'temporarily_unavailable')
  // What proves nothing does not count as a proof, and what is no proof leaves nothing.
  for (const [extra, headers, status] of [
    [{ client_secret: '' }, {}, 429],
    [{}, { authorization: '' }, 429],
    [{ client_secret: 'x' }, {}, 401],
    [{}, { authorization: basic({ id: anyone.id, secret: 'x' }) }, 401],
  ] as const) {
    const answer = await push('2001:db8::1', extra, headers)
    assert.equal(answer.status, status, answer.text)
  }
  assert.equal(await countRows(), kept)

  assert.equal((await begin('2001:db8:0:1::1')).status, 303)
  const proven = { authorization: basic(client), 'x-address': '2001:db8::1' }
  assert.equal((await server.send('/oauth/par', form(parameters(client), proven))).status, 201)
  harness.time.offset += 60_000
  assert.equal((await begin('2001:db8::1')).status, 303)
})

test('a pushed request is no longer than one in the address bar', async () => {
  assert.equal((await push('192.0.2.1', { state: 'x'.repeat(7_000) })).status, 201)
  const refused = await push('192.0.2.1', { state: 'x'.repeat(8_192) })
  assert.equal(refused.status, 413)
  assert.equal(refused.body.error, 'invalid_request')
})

test('what strangers leave behind is swept away however much it is', async () => {
  await harness.db.query(
    `insert into oauth_artifact (model, id_hash, payload, expires_at)
     select 'Interaction', sha256(i::text::bytea), '\\x00', now() - interval '1 day' from generate_series(1, 12000) i`,
  )
  harness.time.offset += 2 * 3_600_000
  const { deleted } = await server.oauth.sweep()
  assert.ok(deleted >= 12_000)
  assert.equal(await countRows(), 0n)
})
