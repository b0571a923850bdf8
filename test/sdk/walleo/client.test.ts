import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { createWalleo } from '#sdk/walleo/client.ts'
import { WalleoError } from '#sdk/walleo/error.ts'
import type { WalleoOptions } from '#sdk/walleo/types.ts'
import { type Fault, instead, replacing } from './loopback.ts'
import { credentials, giftCard, inventory, refusal, startUpstream } from './upstream.ts'

async function setUp(t: TestContext, options: Partial<WalleoOptions> = {}) {
  const upstream = await startUpstream(t, options.clock)
  const comeBack = { first: 5, next: 2, patience: 50 }
  const walleo = createWalleo({ ...credentials, url: `${upstream.url}/`, retry: { delay: 1 }, comeBack, ...options })
  return { upstream, walleo }
}

const purchase = { amount: 50, gift_card_code: 'IKEAFR' }

const failure = async (promise: Promise<unknown>): Promise<WalleoError> => {
  const error = await promise.then(
    () => assert.fail('it succeeded'),
    (reason) => reason,
  )
  assert.ok(error instanceof WalleoError, String(error))
  return error
}

test('a card is bought under a request id and a signature that plain node:crypto confirms', async (t) => {
  const { upstream, walleo } = await setUp(t)
  const card = await walleo.createCard(purchase)
  assert.equal(card.code, 'CODE-0')
  assert.equal(card.amount, 50)
  assert.match(String(upstream.seen[0]?.headers['x-requestid']), /^[0-9a-f]{8}-[0-9a-f]{4}-4/)
  assert.equal(upstream.seen[0]?.body, '{"card":{"amount":50,"gift_card_code":"IKEAFR"}}')
  assert.deepEqual(await walleo.card(card.id), card)
})

test('every reading returns what the server holds', async (t) => {
  const { walleo } = await setUp(t)
  assert.deepEqual(await walleo.giftCards(), [giftCard])
  assert.deepEqual(await walleo.giftCard('IKEAFR'), giftCard)
  assert.deepEqual(await walleo.inventory('IKEAFR'), inventory)
  assert.deepEqual(await walleo.balance(), { amount_cents: 50_000, currency: 'EUR' })
})

const accidents: [name: string, fault: Fault][] = [
  ['that never arrived', { kind: 'unreached' }],
  ['whose answer was lost', { kind: 'lost' }],
  ['whose answer broke off', { kind: 'cut' }],
  ['whose answer is late', { kind: 'slow' }],
  ['whose answer never ends', { kind: 'hang' }],
  ['that a gateway failed', instead(502, '<html>')],
  ['that met status 500', instead(500, '')],
  ['that met status 503', instead(503, '', { 'retry-after': '0' })],
]

for (const [name, fault] of accidents) {
  test(`a request ${name} is repeated with its id, a new timestamp and a new signature, and buys one card`, async (t) => {
    let now = 1_800_000_000_000
    const clock = () => (now += 1000)
    const { upstream, walleo } = await setUp(t, { timeout: 300, clock })
    upstream.faults.push(fault)
    const card = await walleo.createCard(purchase, { requestId: 'order-1' })
    assert.equal(card.code, 'CODE-0')
    assert.equal(upstream.cards.size, 1)
    const ids = upstream.seen.map(({ headers }) => headers['x-requestid'])
    assert.ok(ids.every((id) => id === 'order-1'))
    assert.equal(new Set(upstream.signatures).size, upstream.signatures.length)
    assert.equal(new Set(upstream.timestamps).size, upstream.timestamps.length)
  })

  test(`when every request is one ${name}, the error names the accident and the request id`, async (t) => {
    const { upstream, walleo } = await setUp(t, { timeout: 300 })
    upstream.faults.push(fault, fault, fault, fault)
    const error = await failure(walleo.createCard(purchase, { requestId: 'order-1' }))
    const expected =
      fault.kind === 'instead' ? 'server-failure' : /slow|hang/.test(fault.kind) ? 'timeout' : 'network-failure'
    assert.deepEqual([error.code, error.requestId, error.applied], [expected, 'order-1', 'unknown'])
    assert.equal(upstream.faults.length, 1)
    upstream.faults.length = 0
    await walleo.createCard(purchase, { requestId: 'order-1' })
    assert.equal(upstream.cards.size, 1)
  })
}

const oddAnswers: [name: string, fault: Fault, code: string, status: number][] = [
  ['a redirect', instead(302, '', { location: 'http://127.0.0.1:1/' }), 'redirected', 302],
  ['a redirect that keeps the method', instead(308, '', { location: '/elsewhere' }), 'redirected', 308],
  ['malformed JSON', { kind: 'altered', alter: (body) => body.slice(0, -1) }, 'answer-malformed', 200],
  ["another server's page", instead(200, '<html>'), 'answer-malformed', 200],
  [
    'bytes that are not UTF-8',
    { kind: 'instead', reply: { status: 200, body: new Uint8Array([0xff]) } },
    'answer-malformed',
    200,
  ],
  ['an amount that is a text', { kind: 'altered', alter: replacing('amount', '50') }, 'answer-malformed', 200],
  ['an amount with a fraction', { kind: 'altered', alter: replacing('amount', 50.5) }, 'answer-malformed', 200],
  ['a card without a code', { kind: 'altered', alter: replacing('code', undefined) }, 'answer-malformed', 200],
  ['no card', instead(200, '{}'), 'answer-malformed', 200],
  ['a list', instead(200, '[]'), 'answer-malformed', 200],
  ['another amount', { kind: 'altered', alter: replacing('amount', 500) }, 'answer-mismatch', 200],
  ['another gift card', { kind: 'altered', alter: replacing('gift_card_code', 'X') }, 'answer-mismatch', 200],
  ['a page that is not found', instead(404, '<html>'), 'answer-malformed', 404],
]

for (const [name, fault, code, status] of oddAnswers) {
  test(`${name} is no answer to a purchase, and not repeated`, async (t) => {
    const { upstream, walleo } = await setUp(t)
    upstream.faults.push(fault)
    const error = await failure(walleo.createCard(purchase, { requestId: 'order-1' }))
    assert.deepEqual([error.code, error.status, error.applied], [code, status, 'unknown'])
    assert.equal(error.requestId, 'order-1')
    assert.equal(upstream.seen.length, 1)
    assert.doesNotMatch(`${error.message} ${error.cause}`, /CODE-0|1234/)
  })
}

test('an answer that is too large is given up', async (t) => {
  const { upstream, walleo } = await setUp(t)
  upstream.faults.push(instead(200, ' '.repeat(40 * 1024 * 1024)))
  assert.equal((await failure(walleo.giftCards())).code, 'answer-too-large')
})

test('refusals carry the code, the words and the status of the server, and are not repeated', async (t) => {
  const { upstream, walleo } = await setUp(t)
  const poor = await failure(walleo.createCard({ ...purchase, amount: 501 }))
  assert.deepEqual([poor.code, poor.status, poor.applied], ['not_enough_funds', 422, 'no'])
  assert.equal(poor.message, 'It is not_enough_funds')
  assert.deepEqual(poor.errors, [{ code: 'not_enough_funds', message: 'It is not_enough_funds' }])
  assert.equal((await failure(walleo.card('none'))).code, 'card_not_found')
  assert.equal((await failure(walleo.giftCard('none'))).code, 'gift_card_not_found')
  assert.equal((await failure(walleo.pullRequest('none'))).code, 'pull_request_not_found')
  assert.equal(upstream.seen.length, 4)
})

test('a clock that is off is refused, and known to have bought nothing', async (t) => {
  const upstream = await startUpstream(t)
  const walleo = createWalleo({ ...credentials, url: upstream.url, clock: () => Date.now() - 301_000 })
  const error = await failure(walleo.createCard(purchase))
  assert.deepEqual([error.code, error.status, error.applied], ['invalid_signature', 401, 'no'])
})

test('a refused signature after a lost answer leaves it open whether a card was bought', async (t) => {
  const { upstream, walleo } = await setUp(t)
  upstream.faults.push({ kind: 'lost' }, instead(401, refusal(401, 'invalid_signature').body as string))
  const error = await failure(walleo.createCard(purchase))
  assert.deepEqual([error.code, error.applied, upstream.cards.size], ['invalid_signature', 'unknown', 1])
})

test('a purchase that is still at work is asked for again, after the first wait and then the next ones', async (t) => {
  const { upstream, walleo } = await setUp(t)
  upstream.busy.set('order-1', 3)
  const card = await walleo.createCard(purchase, { requestId: 'order-1' })
  assert.equal(card.code, 'CODE-0')
  assert.equal(upstream.seen.length, 4)
  assert.equal(upstream.cards.size, 1)
})

test('patience with a purchase that stays at work ends in an error that keeps the request id', async (t) => {
  const { upstream, walleo } = await setUp(t, { comeBack: { first: 5, next: 2, patience: 9 } })
  upstream.busy.set('order-1', 100)
  const error = await failure(walleo.createCard(purchase, { requestId: 'order-1' }))
  assert.deepEqual([error.code, error.requestId, error.applied], ['come_back_later', 'order-1', 'unknown'])
  assert.equal(upstream.seen.length, 4)
})

test('a rate limit is waited for as long as the server says', async (t) => {
  const { upstream, walleo } = await setUp(t)
  upstream.faults.push(instead(429, '{}', { 'retry-after': '0' }))
  assert.equal((await walleo.createCard(purchase)).code, 'CODE-0')
  upstream.faults.push(instead(429, '{}', { 'retry-after': '60' }))
  const error = await failure(walleo.createCard(purchase))
  assert.deepEqual([error.code, error.status, error.applied], ['rate-limited', 429, 'no'])
})

test('a pull request is created once, read while it waits, and ends in its card', async (t) => {
  const { upstream, walleo } = await setUp(t)
  upstream.readings = 2
  upstream.faults.push({ kind: 'lost' })
  const pull = await walleo.createPullRequest(purchase, { requestId: 'pull/1' })
  assert.deepEqual([pull.status, pull.request_id, pull.amount_cents, pull.card], ['waiting', 'pull/1', 5000, null])
  const card = await walleo.awaitPullRequest('pull/1', { interval: 1 })
  assert.equal(card.code, 'CODE-0')
  assert.equal((await walleo.pullRequest('pull/1')).status, 'success')
  assert.equal(upstream.cards.size, 1)
  assert.equal(upstream.seen[0]?.headers['x-requestid'], undefined)
})

test('a repeated pull request that is told to come back later is read instead', async (t) => {
  const { upstream, walleo } = await setUp(t)
  await walleo.createPullRequest(purchase, { requestId: 'pull-1' })
  upstream.busy.set('pull-1', 1)
  upstream.readings = 1
  assert.equal((await walleo.createPullRequest(purchase, { requestId: 'pull-1' })).status, 'waiting')
  assert.deepEqual(
    upstream.seen.map(({ method }) => method),
    ['POST', 'POST', 'GET'],
  )
})

test('a pull request that fails, or stays waiting, is an error with its request id', async (t) => {
  const { upstream, walleo } = await setUp(t)
  await walleo.createPullRequest(purchase, { requestId: 'pull-1' })
  upstream.readings = 100
  const waiting = await failure(walleo.awaitPullRequest('pull-1', { interval: 1, patience: 3 }))
  assert.deepEqual([waiting.code, waiting.requestId, waiting.applied], ['still-waiting', 'pull-1', 'unknown'])
  upstream.readings = 0
  const pull = upstream.pulls.get('pull-1')
  const errors = [{ code: 'out_of_stock', message: 'None left' }]
  if (pull) Object.assign(pull, { card: null, errors })
  const failed = await failure(walleo.awaitPullRequest('pull-1'))
  assert.deepEqual([failed.code, failed.message, failed.applied], ['pull-failed', 'None left', 'no'])
  assert.deepEqual(failed.errors, errors)
})

test('a reading of a purchase that fails does not say that nothing was bought', async (t) => {
  const { upstream, walleo } = await setUp(t, { retry: { times: 0 } })
  upstream.faults.push({ kind: 'lost' }, instead(401, refusal(401, 'invalid_signature').body as string))
  for (const code of ['network-failure', 'invalid_signature']) {
    const error = await failure(walleo.pullRequest('pull-1'))
    assert.deepEqual([error.code, error.requestId, error.applied], [code, 'pull-1', 'unknown'])
  }
  const absent = await failure(walleo.pullRequest('pull-1'))
  assert.deepEqual([absent.code, absent.applied], ['pull_request_not_found', 'unknown'])
})

test('a signal gives a call up, before it is sent, while it hangs, and between two attempts', async (t) => {
  const { upstream, walleo } = await setUp(t, { comeBack: { first: 60_000, patience: 300_000 } })
  const before = await failure(walleo.createCard(purchase, { signal: AbortSignal.abort() }))
  assert.deepEqual([before.code, before.applied, upstream.seen.length], ['aborted', 'no', 0])
  upstream.faults.push({ kind: 'hang' })
  const during = await failure(walleo.createCard(purchase, { signal: AbortSignal.timeout(50) }))
  assert.deepEqual([during.code, during.applied], ['aborted', 'unknown'])
  upstream.busy.set('order-1', 5)
  const between = await failure(walleo.createCard(purchase, { requestId: 'order-1', signal: AbortSignal.timeout(50) }))
  assert.deepEqual([between.code, between.applied], ['aborted', 'unknown'])
})

test('what can not be sent is a TypeError, and nothing is sent', async (t) => {
  const { upstream, walleo } = await setUp(t)
  for (const amount of [0, -1, 0.5, Number.NaN, 2 ** 53, '50' as never]) {
    await assert.rejects(walleo.createCard({ amount, gift_card_code: 'IKEAFR' }), TypeError)
    await assert.rejects(walleo.createPullRequest({ amount, gift_card_code: 'IKEAFR' }), TypeError)
  }
  await assert.rejects(walleo.createCard(purchase, { requestId: 'a\r\nb' }), TypeError)
  await assert.rejects(walleo.createCard(purchase, { requestId: '' }), TypeError)
  await assert.rejects(walleo.card('..'), TypeError)
  await assert.rejects(walleo.card('\ud800'), TypeError)
  await assert.rejects(walleo.createCard({ amount: 5, gift_card_code: '\ud800' }), TypeError)
  assert.equal(upstream.seen.length, 0)
  assert.throws(() => createWalleo({ ...credentials, apiKey: 'a,b', url: upstream.url }), TypeError)
  const bad = createWalleo({ ...credentials, sharedKey: 'xyz', url: upstream.url })
  await assert.rejects(bad.giftCards(), (error) => error instanceof TypeError && !error.message.includes('xyz'))
})
