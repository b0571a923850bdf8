import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import { createBuyUpstream } from '../../../src/operations/gift-cards/buy-upstream.ts'
import { fulfilOpenOrders } from '../../../src/operations/gift-cards/fulfil-order.ts'
import { startUpstream, credentials as upstreamCredentials } from '../../sdk/walleo/upstream.ts'
import type { Answer } from '../../support/wallet-client.ts'
import { assertRefused, startWalleo, type WalleoServer } from './harness.ts'

let server: WalleoServer
before(async () => {
  server = await startWalleo()
})
after(() => server.stop())

const IKEA = { amount: 50, gift_card_code: 'IKEAFR' }
const pullOf = (answer: Answer) => answer.body.pull_request

async function untilEnded(requestId: string): Promise<Answer> {
  const until = Date.now() + 10_000
  for (;;) {
    const read = await server.call('GET', `/pull_requests/${requestId}`)
    if (pullOf(read).status !== 'waiting' || Date.now() > until) return read
  }
}

/** A brand that is bought from a Walleo of the test's own. */
async function resold(t: TestContext, code: string) {
  const upstream = await startUpstream(t)
  await server.brand(code, {
    supply: 'upstream',
    upstream: { protocol: 'walleo', url: upstream.url, ...upstreamCredentials, code: 'IKEAFR' },
  })
  /** Two minutes later the worker takes over what was begun and not ended. */
  const later = (minutes = 2) =>
    fulfilOpenOrders(
      { ...server.assembly.gift, clock: () => Date.now() + minutes * 60_000 },
      createBuyUpstream(server.assembly),
    )
  return { upstream, later, card: { amount: 50, gift_card_code: code } }
}

describe('an id that was used', () => {
  it('gets the first answer byte for byte, whatever the body and the brand say now', async () => {
    await server.brand('MOVED')
    const first = await server.buy({ amount: 50, gift_card_code: 'MOVED' }, 'used-1')
    assert.equal(first.status, 200)
    const bodies: unknown[] = [
      { card: { amount: 50, gift_card_code: 'MOVED' } },
      { card: { amount: 10, gift_card_code: 'MOVED' } },
      { card: IKEA },
      { card: { amount: 7, gift_card_code: 'NOBODY' } },
      { card: 'x' },
      {},
      [],
    ]
    const repeat = async () => {
      for (const body of bodies) {
        const again = await server.call('POST', '/cards', body, { requestId: 'used-1' })
        assert.deepEqual([again.status, again.text, again.headers['x-requestid']], [200, first.text, 'used-1'])
      }
    }
    await repeat()
    await server.db.query("update brand set status = 'disabled', status_reason = 'gone' where slug = 'moved'")
    await server.db.query("update brand_code set code = 'RENAMED' where code = 'MOVED'")
    await repeat()
    await server.db.query("update brand set status = 'enabled' where slug = 'moved'")
    assert.equal((await server.call('GET', `/cards/${first.body.card.id}`)).text, first.text)
  })

  it('after a refusal for lack of stock gets it again, also when there is stock', async () => {
    const brand = await server.brand('SOLDOUT', { supply: 'stock' })
    const card = { amount: 10, gift_card_code: 'SOLDOUT' }
    const first = await server.buy(card, 'soldout-1')
    assertRefused(first, 422, 'out_of_stock', "Out of stock gift card 'SOLDOUT'")
    await server.stock(brand, 1000n, ['SOLDOUT-1'])
    const again = await server.buy(card, 'soldout-1')
    assert.deepEqual([again.status, again.text, again.headers['x-requestid']], [422, first.text, 'soldout-1'])
    assert.equal((await server.buy(IKEA, 'soldout-1')).text, first.text)
    assert.equal((await server.buy(card, 'soldout-2')).body.card.code, 'SOLDOUT-1')
    const read = pullOf(await server.call('GET', '/pull_requests/soldout-1'))
    assert.deepEqual([read.status, read.card, read.errors], ['error', null, first.body.errors])
  })

  it('after a refusal of the signature, of the body or of the gift card is still unused', async () => {
    const unused = async (answer: Answer, status: number) => assert.equal(answer.status, status, answer.text)
    await unused(await server.buy(IKEA, 'still-1', { payload: '{}' }), 401)
    await unused(await server.buy(IKEA, 'still-1', { timestamp: 1 }), 401)
    await unused(await server.buy({ amount: 7, gift_card_code: 'IKEAFR' }, 'still-1'), 422)
    await unused(await server.buy({ amount: 50, gift_card_code: 'NOBODY' }, 'still-1'), 404)
    await unused(await server.buy({}, 'still-1'), 422)
    assertRefused(await server.call('GET', '/pull_requests/still-1'), 404, 'pull_request_not_found')
    assert.equal((await server.buy(IKEA, 'still-1')).status, 200)
  })

  it('belongs to both calls: the other one gets the first answer, too', async () => {
    const card = await server.buy(IKEA, 'both-1')
    const asPull = await server.pull({ ...IKEA, request_id: 'both-1' })
    assert.deepEqual([asPull.status, asPull.text], [200, card.text])
    const read = pullOf(await server.call('GET', '/pull_requests/both-1'))
    assert.deepEqual([read.status, read.card], ['success', card.body.card])

    const pull = await server.pull({ ...IKEA, request_id: 'both-2' })
    assert.equal(pullOf(await untilEnded('both-2')).status, 'success')
    const asCard = await server.buy(IKEA, 'both-2')
    assert.deepEqual([asCard.status, asCard.text], [200, pull.text])
  })

  it('may have every visible character but the comma', async () => {
    const id = '!"#$%&\'()*+-./09:;<=>?@AZ[\\]^_`az{|}~'
    const first = await server.buy(IKEA, id)
    assert.equal(first.status, 200)
    assert.equal((await server.pull({ ...IKEA, request_id: id })).text, first.text)
    const read = await server.call('GET', `/pull_requests/${encodeURIComponent(id)}`)
    assert.equal(pullOf(read).request_id, id)
    assert.deepEqual(pullOf(read).card, first.body.card)
  })
})

describe('a request id', () => {
  const wrong = ['', ' ', 'a b', 'a,b', 'é', 'a\tb', '.', '..', 'x'.repeat(256)]

  it('is refused when it is malformed', async () => {
    for (const id of wrong) {
      const pull = await server.pull({ ...IKEA, request_id: id })
      assertRefused(pull, 422, 'invalid_request', /^pull_request\.request_id must be/)
    }
    for (const id of [5, null, true, {}, ['a']]) {
      const pull = await server.pull({ ...IKEA, request_id: id })
      assertRefused(pull, 422, 'invalid_request', /^pull_request\.request_id must be/)
    }
    for (const id of ['', 'a b', 'a,b', '..', 'x'.repeat(256)])
      assertRefused(await server.buy(IKEA, id), 422, 'invalid_request', /^X-RequestId must be/)
  })

  it('is refused when it comes twice', async () => {
    const twice = { headers: { 'X-RequestId': ['twice-1', 'twice-1'] as unknown as string } }
    const answer = await server.call('POST', '/cards', { card: IKEA }, twice)
    assertRefused(answer, 422, 'invalid_request', /^X-RequestId must be .+, once$/)
  })

  it('must stand in the body of a pull request', async () => {
    const message = 'pull_request.request_id is missing: the pull request is found again by it'
    assertRefused(await server.pull(IKEA), 422, 'invalid_request', message)
    assertRefused(await server.pull(IKEA, { requestId: 'header-1' }), 422, 'invalid_request', message)
  })

  it('must be the same in header and body, where both have one', async () => {
    const differ = /^X-RequestId and (card|pull_request)\.request_id differ$/
    const pull = await server.pull({ ...IKEA, request_id: 'agree-1' }, { requestId: 'agree-2' })
    assertRefused(pull, 422, 'invalid_request', differ)
    assertRefused(await server.buy({ ...IKEA, request_id: 'agree-1' }, 'agree-2'), 422, 'invalid_request', differ)
    assert.equal((await server.pull({ ...IKEA, request_id: 'agree-1' }, { requestId: 'agree-1' })).status, 200)
    // An id in the wrong place is one all the same: the repeat must not buy again.
    const first = await server.call('POST', '/cards', { card: { ...IKEA, request_id: 'agree-3' } })
    assert.equal(first.headers['x-requestid'], 'agree-3')
    assert.equal((await server.call('POST', '/cards', { card: { ...IKEA, request_id: 'agree-3' } })).text, first.text)
    assert.equal((await server.buy(IKEA, 'agree-3')).text, first.text)
  })
})

describe('a pull request', () => {
  it('waits, and has its card soon after', async () => {
    const made = await server.pull({ ...IKEA, request_id: 'pull-1' })
    const pull = pullOf(made)
    const { id, created_at } = pull
    assert.deepEqual(made.body, {
      pull_request: {
        id,
        status: 'waiting',
        request_id: 'pull-1',
        amount_cents: 5000,
        created_at,
        updated_at: created_at,
        card: null,
      },
    })
    assert.match(id, /^[0-9a-f-]{36}$/)
    assert.equal(made.headers['x-requestid'], 'pull-1')
    const done = pullOf(await untilEnded('pull-1'))
    assert.deepEqual([done.id, done.status, done.request_id, done.amount_cents], [id, 'success', 'pull-1', 5000])
    assert.equal(done.created_at, created_at)
    assert.ok(done.updated_at >= created_at)
    assert.deepEqual((await server.call('GET', `/cards/${done.card.id}`)).body.card, done.card)
    assert.equal((await server.pull({ ...IKEA, request_id: 'pull-1' })).text, made.text)
    assert.equal((await server.pull({ amount: 7, gift_card_code: 'X', request_id: 'pull-1' })).text, made.text)
  })

  it('that failed says so, and its repeat gets the error', async () => {
    const made = await server.pull({ amount: 10, gift_card_code: 'EMPTYFR', request_id: 'pull-2' })
    assert.equal(pullOf(made).status, 'waiting')
    const failed = pullOf(await untilEnded('pull-2'))
    const errors = [{ code: 'out_of_stock', message: "Out of stock gift card 'EMPTYFR'" }]
    assert.deepEqual([failed.status, failed.card, failed.errors], ['error', null, errors])
    const again = await server.pull({ amount: 10, gift_card_code: 'EMPTYFR', request_id: 'pull-2' })
    assertRefused(again, 422, 'out_of_stock', errors[0]?.message)
    assert.equal((await server.buy(IKEA, 'pull-2')).text, again.text)
  })

  it('without funds is refused at once, and stays refused', async () => {
    const { call } = await server.partner('nofunds', 0n)
    const pull = { pull_request: { ...IKEA, request_id: 'pull-3' } }
    const first = await call('POST', '/pull_requests', pull)
    assertRefused(first, 422, 'not_enough_funds')
    assert.equal((await call('POST', '/pull_requests', pull)).text, first.text)
    assert.equal(pullOf(await call('GET', '/pull_requests/pull-3')).status, 'error')
  })

  it('at work upstream holds the money, and its repeats are told to come back later', async (t) => {
    const { upstream, later, card } = await resold(t, 'SLOW')
    upstream.faults.push(...Array.from({ length: 12 }, () => ({ kind: 'unreached' as const })))
    const made = await server.pull({ ...card, request_id: 'slow-1' })
    assert.equal(pullOf(made).status, 'waiting')
    for (const repeat of [await server.pull({ ...card, request_id: 'slow-1' }), await server.buy(IKEA, 'slow-1')]) {
      assertRefused(repeat, 422, 'come_back_later')
      assert.deepEqual([repeat.headers['retry-after'], repeat.headers['x-requestid']], ['10', 'slow-1'])
    }
    assert.equal(pullOf(await server.call('GET', '/pull_requests/slow-1')).status, 'waiting')
    upstream.faults.length = 0
    for (let minutes = 2; pullOf(await server.call('GET', '/pull_requests/slow-1')).status === 'waiting'; minutes += 2)
      await later(minutes)
    const done = pullOf(await server.call('GET', '/pull_requests/slow-1'))
    assert.deepEqual([done.status, done.card.code, upstream.cards.size], ['success', 'CODE-0', 1])
    assert.equal((await server.pull({ ...card, request_id: 'slow-1' })).text, made.text)
  })
})

it('a card at once of a brand that is only sold asynchronously is waited for', async () => {
  await server.brand('ASYNC', { asynchronous: true })
  const card = { amount: 50, gift_card_code: 'ASYNC' }
  const first = await server.buy(card, 'async-1')
  assert.equal(first.status, 200, first.text)
  assert.equal((await server.buy(card, 'async-1')).text, first.text)
})

describe('a card at once of an upstream brand', () => {
  it('is bought there, and its repeats get the same bytes', async (t) => {
    const { upstream, card } = await resold(t, 'RESOLD')
    const first = await server.buy(card, 'resold-1')
    assert.equal(first.status, 200, first.text)
    const { code, pin_code, expire_at, amount, gift_card_code } = first.body.card
    assert.deepEqual([code, pin_code, amount, gift_card_code], ['CODE-0', '1234', 50, 'RESOLD'])
    assert.equal(expire_at, '2030-06-23T22:00:00.000Z')
    assert.equal((await server.buy(card, 'resold-1')).text, first.text)
    assert.equal((await server.call('GET', `/cards/${first.body.card.id}`)).text, first.text)
    assert.equal(upstream.cards.size, 1)
  })

  it('that the upstream does not have is out of stock, now and later', async (t) => {
    const { upstream, card } = await resold(t, 'LACKING')
    const refusal = { errors: [{ code: 'out_of_stock', message: 'none' }], status: 'unprocessable_entity' }
    upstream.faults.push({ kind: 'instead', reply: { status: 422, body: JSON.stringify(refusal) } })
    const first = await server.buy(card, 'lacking-1')
    assertRefused(first, 422, 'out_of_stock', "Out of stock gift card 'LACKING'")
    assert.equal((await server.buy(card, 'lacking-1')).text, first.text)
  })

  it('that the upstream refuses us for our own want of money is unavailable, and nothing is held', async (t) => {
    const { upstream, card } = await resold(t, 'UNPAID')
    upstream.balance = 0
    const { body } = await server.call('GET', '/balance')
    assertRefused(await server.buy(card, 'unpaid-1'), 422, 'card_unavailable')
    assert.deepEqual((await server.call('GET', '/balance')).body, body)
  })

  it('that the upstream cannot give in time: come back later, and then the card', async (t) => {
    const { upstream, later, card } = await resold(t, 'LATE')
    const hangs = Array.from({ length: 6 }, () => ({ kind: 'hang' as const }))
    upstream.faults.push(...hangs)
    const started = performance.now()
    const first = await server.buy(card, 'late-1')
    assertRefused(first, 422, 'come_back_later')
    assert.ok(performance.now() - started < 9_500, 'the caller gives up after 10 seconds')
    assert.equal((await server.buy(card, 'late-1')).text, first.text)
    upstream.faults.length = 0
    for (let minutes = 2; (await server.buy(card, 'late-1')).status !== 200; minutes += 2) await later(minutes)
    const done = await server.buy(card, 'late-1')
    assert.deepEqual([done.body.card.code, upstream.cards.size], ['CODE-0', 1])
  })
})

it('the books are clean after all of it', () => server.assertClean())
