import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createWalleo } from '#sdk/walleo/client.ts'
import { WalleoError } from '#sdk/walleo/error.ts'
import type { Walleo } from '#sdk/walleo/types.ts'
import { PUBLIC_URL } from '../../support/server.ts'
import { startWalleo, type WalleoServer } from './harness.ts'

let server: WalleoServer
let walleo: Walleo
/** How many of the next answers are lost on their way. */
let lose = 0

before(async () => {
  server = await startWalleo()
  walleo = createWalleo({
    ...server.credentials,
    url: `${PUBLIC_URL}/partners/v1`,
    retry: { delay: 1 },
    // The name of the server leads to it.
    async fetch(url, init) {
      const answer = await fetch(String(url).replace(PUBLIC_URL, server.url), init)
      if (lose-- > 0) throw new TypeError('fetch failed')
      return answer
    },
  })
})
after(() => server.stop())

const IKEA = { amount: 50, gift_card_code: 'IKEAFR' }
const failure = async (promise: Promise<unknown>): Promise<WalleoError> => {
  const error = await promise.then(
    () => assert.fail('it succeeded'),
    (reason) => reason,
  )
  assert.ok(error instanceof WalleoError, String(error))
  return error
}

describe('the client of the SDK', () => {
  it('buys a card, reads it, and repeats itself under one id when answers are lost', async () => {
    const before = await walleo.balance()
    lose = 2
    const card = await walleo.createCard(IKEA, { requestId: 'sdk-1' })
    assert.deepEqual(await walleo.card(card.id), card)
    assert.deepEqual(await walleo.createCard(IKEA, { requestId: 'sdk-1' }), card)
    const balance = await walleo.balance()
    assert.deepEqual([before.amount_cents - balance.amount_cents, balance.currency], [4750, 'EUR'])
    const other = await walleo.createCard(IKEA)
    assert.notEqual(other.code, card.code)
  })

  it('creates a pull request, and waits for its card', async () => {
    lose = 1
    const pull = await walleo.createPullRequest(IKEA, { requestId: 'sdk/2' })
    assert.equal(pull.request_id, 'sdk/2')
    const card = await walleo.awaitPullRequest('sdk/2', { interval: 20, patience: 10_000 })
    assert.deepEqual(await walleo.card(card.id), card)
    assert.deepEqual((await walleo.pullRequest('sdk/2')).card, card)
  })

  it('reads the catalogue, the inventory and the balance', async () => {
    const giftCards = await walleo.giftCards()
    assert.deepEqual(
      giftCards.map(({ code }) => code),
      ['EMPTYFR', 'IKEAFR', 'TRIOFR'],
    )
    for (const giftCard of giftCards) assert.deepEqual(await walleo.giftCard(giftCard.code), giftCard)
    assert.equal((await walleo.inventory('TRIOFR')).stocks.length, 3)
    assert.equal((await walleo.balance()).currency, 'EUR')
  })

  it('learns of every refusal by its code, and that nothing was bought', async () => {
    const code = async (promise: Promise<unknown>) => {
      const { code, applied } = await failure(promise)
      return `${code} ${applied}`
    }
    assert.equal(await code(walleo.createCard({ amount: 7, gift_card_code: 'IKEAFR' })), 'invalid_amount no')
    assert.equal(await code(walleo.createCard({ amount: 5, gift_card_code: 'NOBODY' })), 'gift_card_not_found no')
    assert.equal(await code(walleo.createCard({ amount: 10, gift_card_code: 'EMPTYFR' })), 'out_of_stock no')
    assert.equal(await code(walleo.card('nothing')), 'card_not_found no')
    assert.equal(await code(walleo.giftCard('NOBODY')), 'gift_card_not_found no')
    assert.equal(await code(walleo.inventory('NOBODY')), 'gift_card_not_found no')
    assert.equal(await code(walleo.pullRequest('nothing')), 'pull_request_not_found unknown')
    await walleo.createPullRequest({ amount: 10, gift_card_code: 'EMPTYFR' }, { requestId: 'sdk-3' })
    const failed = await failure(walleo.awaitPullRequest('sdk-3', { interval: 20, patience: 10_000 }))
    assert.deepEqual([failed.code, failed.applied, failed.errors[0]?.code], ['pull-failed', 'no', 'out_of_stock'])
    const off = createWalleo({
      ...server.credentials,
      url: `${PUBLIC_URL}/partners/v1`,
      clock: () => Date.now() - 400_000,
      fetch: (url, init) => fetch(String(url).replace(PUBLIC_URL, server.url), init),
    })
    assert.equal(await code(off.createCard(IKEA)), 'invalid_signature no')
  })

  it('finds that an id was used for something else', async () => {
    await walleo.createCard(IKEA, { requestId: 'sdk-4' })
    const error = await failure(walleo.createCard({ ...IKEA, amount: 10 }, { requestId: 'sdk-4' }))
    assert.equal(error.code, 'answer-mismatch')
  })
})

it('the books are clean after all of it', () => server.assertClean())
