import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { createJackpot } from '#sdk/jackpot/client.ts'
import { JackpotError } from '#sdk/jackpot/error.ts'
import { createJackpotSession } from '#sdk/jackpot/session.ts'
import { instead } from '../walleo/loopback.ts'
import { credentials, startUpstream, store } from './upstream.ts'

const offer = { storeId: 's-1', offerId: 'o-1' }

async function start(t: TestContext, options: object = {}) {
  const upstream = await startUpstream(t)
  const jackpot = createJackpot({
    url: `${upstream.url}/`,
    ...credentials,
    retry: { delay: 1 },
    timeout: 500,
    ...options,
  })
  return { upstream, jackpot }
}

const failure = (code: string, applied: 'no' | 'unknown', status?: number) => (error: unknown) => {
  assert.ok(error instanceof JackpotError, String(error))
  assert.deepEqual([error.code, error.applied], [code, applied], error.message)
  if (status !== undefined) assert.equal(error.status, status)
  return true
}

test('a session is opened, looked through and used, and its voucher confirmed', async (t) => {
  const { upstream, jackpot } = await start(t)
  assert.deepEqual(await jackpot.stores(), [store])
  const session = await jackpot.openSession({ amount: 100, userId: 'u-1' })
  assert.equal(session.notificationKey, upstream.notificationKeys[0])
  assert.ok(Math.abs((session.expiresAt as number) - Date.now() - 3_600_000) < 5_000)
  assert.deepEqual(await session.stores(), [store])
  const [proposal] = await session.proposedVouchers({ amount: 50, strict: true })
  assert.equal(proposal?.price, 50)
  assert.match(upstream.seen.at(-1)?.target ?? '', /^\/v2\/stores\/proposed-vouchers\?amount=50&strict=true$/)
  assert.equal((await session.storeVouchers('s-1')).length, 1)
  assert.deepEqual(await session.offer(offer), { id: 'o-1', rate: 10 })
  const voucher = await session.reserveByPrice({ ...offer, price: 100 })
  assert.equal(voucher.state, 'RESERVED')
  assert.equal((await jackpot.confirm(voucher.id)).state, 'CONFIRMED')
  assert.equal((await jackpot.voucher(voucher.id)).state, 'CONFIRMED')
  assert.equal((await jackpot.refund(voucher.id)).state, 'REFUNDING')
})

test('a session of the first version is the same, and one that was opened elsewhere needs its token only', async (t) => {
  const { upstream, jackpot } = await start(t)
  const person = { cp: '99', age: 99, gender: 'M', userId: 'anonymous' }
  const session = await jackpot.openSessionV1({ amount: 20, notificationKey: 'mine', ...person })
  assert.equal(session.notificationKey, 'mine')
  const elsewhere = createJackpotSession({ url: upstream.url, accessToken: session.accessToken })
  assert.equal((await elsewhere.reserveByPrice({ ...offer, price: 20 })).price, 20)
  assert.equal(upstream.seen.at(-1)?.headers.apikey, undefined)
})

test('the machine’s token is shared by callers that come together, and replaced once when it is refused', async (t) => {
  const { upstream, jackpot } = await start(t)
  const session = await jackpot.openSession({ amount: 10 })
  const { id } = await session.reserveByPrice({ ...offer, price: 10 })
  const machines = () => upstream.tokens.filter((token) => token.startsWith('machine-'))
  await Promise.all(Array.from({ length: 16 }, () => jackpot.voucher(id)))
  assert.equal(machines().length, 1)
  upstream.ended.add(machines()[0] as string)
  await jackpot.voucher(id)
  assert.equal(machines().length, 2)
})

test('a token that is about to expire is not used any more', async (t) => {
  let now = Date.now()
  const { upstream, jackpot } = await start(t, { clock: () => now })
  const unknown = '0198c0de-0000-7000-8000-000000000000'
  for (const seconds of [0, 3500, 100]) {
    now += seconds * 1000
    await assert.rejects(jackpot.voucher(unknown), failure('voucher_not_found', 'no', 404))
  }
  assert.equal(upstream.tokens.length, 2)
})

test('a reservation whose answer is lost is sent again, and reserves once', async (t) => {
  const { upstream, jackpot } = await start(t)
  const session = await jackpot.openSession({ amount: 100 })
  upstream.faults.push({ kind: 'lost' }, { kind: 'cut' })
  const voucher = await session.reserveByPrice({ ...offer, price: 100 })
  assert.deepEqual([...upstream.vouchers.keys()], [voucher.id])
})

test('an initialization token is for one time: nothing is sent again once it may have been used', async (t) => {
  const { upstream, jackpot } = await start(t)
  upstream.faults.push({ kind: 'lost' })
  await assert.rejects(jackpot.openSession({ amount: 1 }), failure('network-failure', 'unknown'))
  assert.equal(upstream.seen.length, 1)
  upstream.faults.push(instead(503, ''))
  await assert.rejects(jackpot.openSession({ amount: 1 }), failure('server-failure', 'unknown', 503))
  assert.equal(upstream.seen.length, 2)
  const session = await jackpot.openSession({ amount: 1, notificationKey: 'k' })
  assert.equal(session.notificationKey, 'k')
  await assert.rejects(jackpot.openSession({ amount: 1, notificationKey: 'k' }), failure('invalid_grant', 'no', 400))
})

test('a rate limit is waited out; a refusal after a lost answer does not say that nothing was done', async (t) => {
  const { upstream, jackpot } = await start(t, { comeBack: { first: 1, next: 1 } })
  upstream.faults.push(instead(429, '{}', { 'retry-after': '0' }))
  assert.equal((await jackpot.stores()).length, 1)
  const session = await jackpot.openSession({ amount: 10 })
  upstream.faults.push(
    { kind: 'lost' },
    instead(401, '{"error":"session_ended","error_description":"It has reserved"}'),
  )
  await assert.rejects(session.reserveByPrice({ ...offer, price: 10 }), failure('session_ended', 'unknown', 401))
})

test('what is no answer of the API is told apart', async (t) => {
  const { upstream, jackpot } = await start(t)
  upstream.faults.push(instead(200, '<html>'), instead(200, '[{"id":5}]'), instead(404, 'nowhere'))
  await assert.rejects(jackpot.stores(), failure('answer-malformed', 'no', 200))
  await assert.rejects(jackpot.stores(), failure('answer-malformed', 'no', 200))
  await assert.rejects(jackpot.stores(), failure('answer-malformed', 'no', 404))
  upstream.faults.push(instead(302, '', { location: 'http://elsewhere.example/' }))
  await assert.rejects(jackpot.stores(), failure('redirected', 'no', 302))
})

test('what cannot be sent is refused before anything is sent', async (t) => {
  const { upstream, jackpot } = await start(t)
  const session = createJackpotSession({ url: upstream.url, accessToken: 'x' })
  for (const amount of [0, -1, 0.1 + 0.2, Number.NaN, 1e21]) {
    await assert.rejects(jackpot.openSession({ amount }), TypeError)
    await assert.rejects(session.reserveByPrice({ ...offer, price: amount }), TypeError)
  }
  for (const id of ['', '.', '..']) await assert.rejects(jackpot.confirm(id), TypeError)
  await assert.rejects(session.reserveByPrice({ storeId: '..', offerId: 'o', price: 1 }), TypeError)
  assert.throws(() => createJackpot({ url: upstream.url, apiKey: 'a\nb' }), TypeError)
  assert.throws(() => createJackpotSession({ url: upstream.url, accessToken: 'a b' }), TypeError)
  const bare = createJackpot({ url: upstream.url, apiKey: 'ABCD' })
  await assert.rejects(bare.openSession({ amount: 1 }), /apiSignature/)
  await assert.rejects(bare.voucher('v'), /clientSecret/)
  assert.equal(upstream.seen.length, 0)
})

test('no secret stands in an error', async (t) => {
  const { upstream, jackpot } = await start(t)
  upstream.faults.push(instead(401, '{"error":"invalid_client"}'), { kind: 'lost' }, { kind: 'lost' }, { kind: 'lost' })
  for (const work of [() => jackpot.voucher('v'), () => jackpot.voucher('v')]) {
    const error: Error = await work().then(
      () => assert.fail('it should fail'),
      (thrown) => thrown,
    )
    const text = `${error.stack} ${JSON.stringify(error)} ${error.cause}`
    for (const secret of Object.values(credentials).slice(1)) assert.ok(!text.includes(secret))
  }
})
