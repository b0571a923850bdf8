import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assemble } from '../../src/assembly.ts'
import { createLocalRates } from '../../src/credentials/rate.ts'
import { createRequestLimits } from '../../src/credentials/request-limits.ts'
import { listen, type Running } from '../../src/main.ts'
import { call } from '../protocols/walleo/harness.ts'
import { type SandboxServer, startSandboxServer } from '../support/server.ts'
import { type Answer, send } from '../support/wallet-client.ts'

const MOST = 20
const rateLimits = { webwallet: MOST, walleo: 3, jackpot: 3, admin: MOST, failures: 10 }

let one: SandboxServer
/** a second server, on the first one's database */
let other: Running
before(async () => {
  one = await startSandboxServer({ config: { rateLimits, trustedProxies: ['127.0.0.1'] } })
  const { config, db, log } = one.assembly
  const logs = { log, requestLog: () => {} }
  other = await listen(await assemble(config, { keys: null }, db.connection, logs))
})
after(async () => {
  await other.stop()
  await one.stop()
})

const otherUrl = () => `http://127.0.0.1:${other.port}`
const from = (address: string, headers: Record<string, string> = {}) => ({
  headers: { 'x-forwarded-for': address, ...headers },
})

function assertTooMany(answer: Answer): void {
  assert.equal(answer.status, 429, answer.text)
  const wait = Number(answer.headers['retry-after'])
  assert.ok(wait >= 1 && wait <= 60, String(wait))
}

test('two servers on one database keep a limit together', async () => {
  const { token } = one.merchant
  const balance = (url: string) =>
    send(url, '/shop:corner-cafe:USD/balance', from('192.0.2.1', { authorization: `Bearer ${token}` }))
  const statuses = async (url: string, count: number) =>
    (await Promise.all(Array.from({ length: count }, () => balance(url)))).map(({ status }) => status)
  // Sixty-four at once: no more than the limit gets through at one server.
  const burst = await statuses(one.url, 64)
  assert.deepEqual(
    [burst.filter((status) => status === 200).length, burst.filter((status) => status === 429).length],
    [MOST, 64 - MOST],
  )
  await new Promise((resolve) => setTimeout(resolve, 1_300))
  // The other one lets through what comes before it has heard, and nothing after it.
  assert.deepEqual(await statuses(otherUrl(), 1), [200])
  await new Promise((resolve) => setTimeout(resolve, 1_300))
  const refused = await balance(otherUrl())
  assertTooMany(refused)
  const { payload } = refused.body
  assert.deepEqual([payload.success, payload.endpoint, payload.error.code], [false, 'balance', 'too-many-requests'])
  // A proven client's refusal is signed like any answer.
  assert.ok(refused.body.signature)
  // Other clients are not held back.
  const gateway = from('192.0.2.1', { authorization: `Bearer ${one.gateway.token}` })
  assert.notEqual((await send(otherUrl(), '/shop:corner-cafe:USD/balance', gateway)).status, 429)
})

test('a network that proves nothing is refused by all six interfaces, and no other network', async () => {
  const now = String(Date.now())
  const wrong = {
    authorization: 'Bearer bfk_x',
    apikey: 'x',
    'api-key': 'x',
    signature: 'ab'.repeat(32),
    timestamp: now,
  }
  const ask = (path: string, address: string) => send(one.url, path, from(address, wrong))
  const wallets = ['/shop:corner-cafe:USD/balance', '/partners/v1/gift_cards', '/v2/stores', '/admin/v1/parties']
  const paths = [...wallets, '/api/v2/brands', '/api/merchants/m/purchases/p']
  for (let n = 0; n < 10; n++) {
    const answer = await ask(paths[n % paths.length] as string, `2001:db8::${n}`)
    assert.equal(answer.status, 401, answer.text)
  }
  const refused = await Promise.all(paths.map((path) => ask(path, '2001:db8::ffff')))
  for (const answer of refused) assertTooMany(answer)
  const [wallet, walleo, jackpot, admin, tillo, pledg] = refused.map(({ body }) => body)
  assert.equal(wallet.payload.error.code, 'too-many-requests')
  assert.deepEqual([walleo.errors[0].code, walleo.status], ['too_many_requests', 'too_many_requests'])
  assert.equal(jackpot.error, 'too_many_requests')
  assert.deepEqual([admin.code, admin.status], ['too-many-requests', 429])
  assert.deepEqual([tillo.code, tillo.status], ['211', 'error'])
  assert.equal(pledg.error.type, 'rate_limited')
  const form = { 'content-type': 'application/x-www-form-urlencoded', authorization: 'Basic eDp5' }
  const body = 'grant_type=client_credentials'
  assertTooMany(await send(one.url, '/api/token', { ...from('2001:db8::a', form), body }))
  // What asks for no proof goes on: it has limits of its own.
  const open = { ...from('2001:db8::a', { 'content-type': 'application/json' }), body: '{}' }
  const simulated = await send(one.url, '/api/users/me/merchants/m/simulate_payment_schedule', open)
  assert.ok(![401, 429].includes(simulated.status), simulated.text)
  for (const path of paths) assert.equal((await ask(path, '2001:db8:0:1::1')).status, 401)
  // Nobody is shut out behind a proxy of this machine that the settings do not name.
  for (let n = 0; n < 15; n++) assert.equal((await ask(paths[n % paths.length] as string, '127.0.0.1')).status, 401)
})

test('a key has so many requests at the Walleo interface', async () => {
  const { api_key: apiKey, identifier, shared_key: sharedKey } = one.sandbox.walleo
  const ask = () => call(one.url, { apiKey, identifier, sharedKey }, 'GET', '/gift_cards')
  const answers = await Promise.all(Array.from({ length: rateLimits.walleo }, ask))
  assert.ok(answers.every(({ status }) => status === 200))
  assertTooMany(await ask())
})

test('a key has so many requests at the Jackpot and the admin interface', async () => {
  const { jackpot, admin } = credentialsOf(one)
  for (const [path, headers, most] of [
    ['/v2/stores', { apikey: jackpot }, rateLimits.jackpot],
    ['/admin/v1/parties', { authorization: `Bearer ${admin}` }, rateLimits.admin],
  ] as const) {
    const ask = () => send(one.url, path, from('192.0.2.9', headers as Record<string, string>))
    for (let n = 0; n < most; n++) assert.equal((await ask()).status, 200, path)
    assertTooMany(await ask())
  }
})

test('counting costs a request less than a microsecond', () => {
  const limits = createRequestLimits(
    { rates: createLocalRates(), config: { rateLimits: { webwallet: 1e9 } } },
    'webwallet',
  )
  const clients = Array.from({ length: 100 }, (_, n) => `0199-client-${n}`)
  let refused = 0
  const round = () => {
    const began = performance.now()
    for (let n = 0; n < 100_000; n++) {
      refused += limits.before(() => '192.0.2.1')
      refused += limits.take(clients[n % 100] as string)
    }
    return ((performance.now() - began) * 1e6) / 100_000
  }
  const best = Math.min(...Array.from({ length: 10 }, round))
  assert.equal(refused, 0)
  assert.ok(best < 1_000, `${Math.round(best)} ns`)
})

function credentialsOf({ sandbox }: SandboxServer) {
  return { jackpot: sandbox.jackpot.api_key, admin: sandbox.operator.api_key }
}
