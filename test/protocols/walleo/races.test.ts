import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Answer } from '../../support/wallet-client.ts'
import { assertRefused, many, startWalleo, type WalleoServer } from './harness.ts'

let server: WalleoServer
before(async () => {
  server = await startWalleo()
})
after(() => server.stop())

const codesOf = (answers: Answer[]) => answers.flatMap(({ body }) => (body.card ? [body.card.code as string] : []))
const countCards = async (brand: { id: string }) =>
  (await server.db.query('select from card where brand_id = $1', [brand.id])).length

describe('64 requests at once', () => {
  it('with one id buy one card, and all get the same bytes', async () => {
    const brand = await server.brand('ONCE')
    const { buy, float } = await server.partner('once', 10_000n)
    const answers = await many(64, () => buy({ amount: 50, gift_card_code: 'ONCE' }, 'once-1'))
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
    assert.equal(await countCards(brand), 1)
    assert.deepEqual(await server.account(float), { balance: 5_000n, held: 0n })
  })

  it('with one id and different bodies buy one card, and all get the same bytes', async () => {
    const brand = await server.brand('FIRST')
    const { buy, float } = await server.partner('first', 1_000_000n)
    const answers = await many(64, (i) => buy({ amount: 5 * (i + 1), gift_card_code: 'FIRST' }, 'first-1'))
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
    assert.equal(await countCards(brand), 1)
    const [amount] = answers.map(({ body }) => body.card.amount as number)
    assert.deepEqual(await server.account(float), { balance: 1_000_000n - BigInt(amount as number) * 100n, held: 0n })
  })

  it('never overdraw the float', async () => {
    const brand = await server.brand('RACED')
    const { buy, float } = await server.partner('raced', 10_000n)
    const answers = await many(64, (i) => buy({ amount: 10, gift_card_code: 'RACED' }, `raced-${i}`))
    assert.equal(new Set(codesOf(answers)).size, 10)
    const refused = answers.filter(({ status }) => status !== 200)
    assert.equal(refused.length, 54)
    const message = 'Your balance account is not high enough'
    for (const answer of refused) assertRefused(answer, 422, 'not_enough_funds', message)
    assert.equal(await countCards(brand), 10)
    assert.deepEqual(await server.account(float), { balance: 0n, held: 0n })
  })

  it('with one id and an empty float get one refusal, whose bytes stay when there is money', async () => {
    const brand = await server.brand('POOR')
    const { buy, float } = await server.partner('poor', 0n)
    const card = { amount: 10, gift_card_code: 'POOR' }
    const answers = await many(64, () => buy(card, 'poor-1'))
    for (const answer of answers) assertRefused(answer, 422, 'not_enough_funds')
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
    await server.fund(float, 5_000n)
    assert.equal((await buy(card, 'poor-1')).text, answers[0]?.text)
    assert.equal(await countCards(brand), 0)
    assert.equal((await buy(card, 'poor-2')).status, 200)
    assert.deepEqual(await server.account(float), { balance: 4_000n, held: 0n })
    const orders = await server.db.query("select from gift_order where brand_id = $1 and status = 'failed'", [brand.id])
    assert.equal(orders.length, 1)
  })

  it('for the last code of a stock: one gets it, the others are told that it is out', async () => {
    const brand = await server.brand('LAST', { supply: 'stock' })
    await server.stock(brand, 1000n, ['LAST-1'])
    const { buy, float } = await server.partner('last', 1_000_000n)
    const answers = await many(64, (i) => buy({ amount: 10, gift_card_code: 'LAST' }, `last-${i}`))
    assert.deepEqual(codesOf(answers), ['LAST-1'])
    for (const answer of answers.filter(({ status }) => status !== 200))
      assertRefused(answer, 422, 'out_of_stock', "Out of stock gift card 'LAST'")
    assert.deepEqual(await server.account(float), { balance: 999_000n, held: 0n })
  })

  it('for pull requests with one id make one, which has one card', async () => {
    const brand = await server.brand('PULLED')
    const { call, float } = await server.partner('pulled', 10_000n)
    const pull = { amount: 50, gift_card_code: 'PULLED', request_id: 'pulled-1' }
    const answers = await many(64, () => call('POST', '/pull_requests', { pull_request: pull }))
    const made = answers.filter(({ status }) => status === 200)
    assert.ok(made.length >= 1)
    assert.equal(new Set(made.map(({ text }) => text)).size, 1)
    for (const answer of answers.filter(({ status }) => status !== 200)) assertRefused(answer, 422, 'come_back_later')
    const until = Date.now() + 10_000
    let read: Answer
    do read = await call('GET', '/pull_requests/pulled-1')
    while (read.body.pull_request.status === 'waiting' && Date.now() < until)
    assert.equal(read.body.pull_request.status, 'success')
    assert.equal(await countCards(brand), 1)
    assert.deepEqual(await server.account(float), { balance: 5_000n, held: 0n })
  })
})

it('the books are clean after all of it', () => server.assertClean())
