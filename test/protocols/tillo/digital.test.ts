import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, type TestContext, test } from 'node:test'
import { credentials, startUpstream } from '../../sdk/walleo/upstream.ts'
import {
  type Answer,
  assertProblem,
  assertSuccess,
  issueBody,
  requestId,
  startWorld,
  type TestPartner,
  type World,
} from './harness.ts'

const many = <T>(count: number, make: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => make(i)))

describe('orders, top-ups and balances of digital cards', () => {
  let world: World
  before(async () => {
    world = await startWorld()
    await world.brand({ slug: 'books', discountBp: 450 })
    await world.brand({ slug: 'later', asynchronous: true, discountBp: 1000 })
  })
  after(() => world.stop())

  const status = (partner: TestPartner, query: string) =>
    partner.call('GET', 'digital/order-status', undefined, { query })

  async function ended(partner: TestPartner, query: string): Promise<Answer> {
    for (let i = 0; i < 200; i++) {
      const answer = await status(partner, query)
      if (!['REQUESTED', 'PROCESSING'].includes(assertSuccess(answer).status)) return answer
      assert.equal(answer.json.message, 'Order is still processing')
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    throw new Error('the order did not end')
  }

  test('an order holds the price, ends with its card, and is read by reference and by request id', async () => {
    const partner = await world.partner()
    const body = issueBody('later', '20.00')
    const answer = await partner.call('POST', 'digital/order-card', body)
    const data = assertSuccess(answer)
    assert.equal(answer.json.message, 'Card ordered successfully')
    assert.deepEqual(Object.keys(data).sort(), ['brand', 'cost_value', 'face_value', 'reference'])
    assert.deepEqual(data.cost_value, { currency: 'GBP', amount: 18 })
    const done = await ended(partner, `reference=${data.reference}`)
    assert.equal(done.json.message, 'Order has finished processing')
    const { status: state, code, pin, float_balance, reference } = done.json.data
    assert.deepEqual([state, float_balance, reference], ['SUCCESS', { currency: 'GBP', amount: 982 }, data.reference])
    assert.match(code + pin, /^[0-9A-HJKMNP-TV-Z]{20}\d{4}$/)
    assert.deepEqual((await status(partner, `original_client_request_id=${body.client_request_id}`)).json, done.json)
    assert.deepEqual(await partner.balance(), { balance: 98_200n, held: 0n })
    // The order is answered as it was, whatever became of it.
    assert.equal((await partner.call('POST', 'digital/order-card', body)).text, answer.text)
    await world.assertClean()
  })

  test('an order that finds no card ends in an error and gives the price back', async () => {
    const partner = await world.partner()
    await world.brand({
      slug: 'empty',
      asynchronous: true,
      supply: 'stock',
      values: { type: 'fixed', values: [1000n] },
    })
    const body = issueBody('empty', 10)
    const { reference } = assertSuccess(await partner.call('POST', 'digital/order-card', body))
    const done = await ended(partner, `reference=${reference}`)
    assert.deepEqual([done.json.data.status, done.json.message], ['ERROR', 'Order failed to process'])
    assert.equal('code' in done.json.data, false)
    assert.deepEqual(await partner.balance(), { balance: 100_000n, held: 0n })
    assertSuccess(await partner.call('POST', 'digital/order-card', body))
    await world.assertClean()
  })

  test('64 orders with one id hold the price once', async () => {
    const partner = await world.partner()
    const body = issueBody('later', '20.00')
    const answers = await many(64, () => partner.call('POST', 'digital/order-card', body))
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
    await ended(partner, `original_client_request_id=${body.client_request_id}`)
    assert.deepEqual(await partner.balance(), { balance: 98_200n, held: 0n })
    await world.assertClean()
  })

  test('a status is asked for in one way, of an order that is the partner’s own', async () => {
    const partner = await world.partner()
    const body = issueBody('books', 10)
    const { reference } = assertSuccess(await partner.call('POST', 'digital/issue', body))
    const both = `reference=${reference}&original_client_request_id=${body.client_request_id}`
    for (const query of [
      '',
      both,
      `reference=${requestId()}`,
      'reference=x',
      'original_client_request_id=nothing-here',
    ])
      assertProblem(await status(partner, query), 422, '433')
    assertProblem(await status(await world.partner(), `reference=${reference}`), 422, '433')
    assert.equal(assertSuccess(await status(partner, `reference=${reference}`)).status, 'SUCCESS')
  })

  test('a brand that is only ordered is not issued, and one that is issued may be ordered', async () => {
    const partner = await world.partner()
    assertProblem(await partner.call('POST', 'digital/issue', issueBody('later', 10)), 422, '720')
    const { reference } = assertSuccess(await partner.call('POST', 'digital/order-card', issueBody('books', 10)))
    assert.equal((await ended(partner, `reference=${reference}`)).json.data.status, 'SUCCESS')
  })

  test('an issue of a brand that is bought elsewhere waits for its card, says 729 while there is none, and 603 when there will be none', async (t) => {
    const vendor = await startUpstream(t)
    const dead = await startVendor(t)
    const upstream = { protocol: 'walleo', ...credentials, code: 'IKEAFR' }
    await world.brand({ slug: 'elsewhere', supply: 'upstream', upstream: { ...upstream, url: vendor.url } })
    await world.brand({ slug: 'nowhere', supply: 'upstream', upstream: { ...upstream, url: dead.url } })
    const partner = await world.partner()
    const issue = (body: object) => partner.call('POST', 'digital/issue', body)
    const there = issueBody('elsewhere', 10)
    const bought = await issue(there)
    const { code, float_balance } = assertSuccess(bought)
    assert.deepEqual([code, float_balance.amount, vendor.cards.size], ['CODE-0', 990, 1])
    assert.equal((await issue(there)).text, bought.text)
    vendor.balance = 0
    const refused = issueBody('elsewhere', 10)
    assertProblem(await issue(refused), 503, '603')
    assertProblem(await issue(refused), 503, '603')
    assert.deepEqual(await partner.balance(), { balance: 99_000n, held: 0n })
    const body = issueBody('nowhere', 10)
    const asked = dead.asked()
    const first = issue(body)
    await asked
    assertProblem(await issue(body), 400, '729')
    assertProblem(await first, 400, '729')
    assert.deepEqual(await partner.balance(), { balance: 99_000n, held: 1000n })
    const reverse = {
      client_request_id: requestId(),
      original_client_request_id: body.client_request_id,
      brand: 'nowhere',
      face_value: body.face_value,
      sector: body.sector,
    }
    assertProblem(await partner.call('POST', 'digital/reverse', reverse), 400, '729')
    await world.assertClean()
  })

  test('a brand that is bought from a Tillo ends an order as that one does: with its card, none left, or a failure', async (t) => {
    const vendor = await startUpstream(t)
    vendor.balance = 0
    const { credentials: keys, ...there } = await world.partner()
    const chain = (slug: string, brand: string) =>
      world.brand({
        slug,
        supply: 'upstream',
        upstream: { protocol: 'tillo', url: `${world.url}/api/v2`, ...keys, brand, sector: 'marketplace' },
      })
    await world.brand({ slug: 'none-left', supply: 'stock', values: { type: 'fixed', values: [1000n] } })
    const walleo = { protocol: 'walleo', ...credentials, url: vendor.url, code: 'IKEAFR' }
    await world.brand({ slug: 'failing', supply: 'upstream', upstream: walleo })
    await chain('via-books', 'books')
    await chain('via-none-left', 'none-left')
    await chain('via-failing', 'failing')
    const partner = await world.partner()
    const issue = (slug: string) => partner.call('POST', 'digital/issue', issueBody(slug, '10.00'))
    const { code } = assertSuccess(await issue('via-books'))
    assert.match(code, /^[0-9A-HJKMNP-TV-Z]{20}$/)
    assertProblem(await issue('via-none-left'), 503, '603')
    assertProblem(await issue('via-failing'), 503, '603')
    assert.deepEqual(await partner.balance(), { balance: 99_000n, held: 0n })
    assert.deepEqual(await there.balance(), { balance: 100_000n - 955n, held: 0n })
    await world.assertClean()
  })

  test('a top-up sells value onto a card, by its code or by its reference', async () => {
    const partner = await world.partner()
    const card = assertSuccess(await partner.call('POST', 'digital/issue', issueBody('books', '10.00')))
    const topUp = (more: object) => ({
      client_request_id: requestId(),
      brand: 'books',
      face_value: { amount: '20.00', currency: 'GBP' },
      sector: 'other',
      ...more,
    })
    const body = topUp({ code: card.code, pin: card.pin })
    const answer = await partner.call('POST', 'digital/top-up', body)
    const data = assertSuccess(answer)
    assert.equal(answer.json.message, 'Card topped up successfully')
    assert.deepEqual(
      [data.code, data.pin, data.face_value.amount, data.cost_value.amount, data.discount, data.float_balance.amount],
      [card.code, card.pin, 20, 19.1, 4.5, 971.35],
    )
    assert.notEqual(data.reference, card.reference)
    assertSuccess(await partner.call('POST', 'digital/top-up', topUp({ reference: card.reference })))
    const again = await many(32, () => partner.call('POST', 'digital/top-up', body))
    for (const { text } of again) assert.equal(text, answer.text)
    assert.deepEqual(await balance(partner, { code: card.code }), { currency: 'GBP', amount: 50 })
    assert.equal((await partner.balance()).balance, 100_000n - 955n - 2n * 1910n)
    // More than a card may hold: 500.00.
    const full = await partner.call('POST', 'digital/top-up', topUp({ code: card.code, face_value: gbp('450.01') }))
    assertProblem(full, 400, '704')
    const other = await world.partner()
    assertProblem(await other.call('POST', 'digital/top-up', topUp({ code: card.code })), 422, '724')
    assertProblem(await partner.call('POST', 'digital/top-up', topUp({ code: card.code, pin: 'WRONG' })), 422, '724')
    assertProblem(await partner.call('POST', 'digital/top-up', topUp({})), 400, '070')
    assertProblem(
      await partner.call('POST', 'digital/top-up', topUp({ code: card.code, reference: card.reference })),
      422,
      '433',
    )
    assertProblem(
      await partner.call('POST', 'digital/top-up', { ...body, face_value: { amount: 21, currency: 'GBP' } }),
      400,
      '708',
    )
    await world.assertClean()
  })

  test('64 top-ups that race a float and a full card overdraw neither', async () => {
    const partner = await world.partner({ float: '300.00' })
    const card = assertSuccess(await partner.call('POST', 'digital/issue', issueBody('books', '10.00')))
    const results = await many(64, () =>
      partner.call('POST', 'digital/top-up', {
        client_request_id: requestId(),
        brand: 'books',
        face_value: { amount: 60, currency: 'GBP' },
        sector: 'other',
        code: card.code,
      }),
    )
    // 57.30 each out of 290.45.
    assert.equal(results.filter(({ status }) => status === 200).length, 5)
    assert.deepEqual(await balance(partner, { code: card.code }), { currency: 'GBP', amount: 310 })
    assert.equal((await partner.balance()).balance, 30_000n - 955n - 5n * 5730n)
    await world.assertClean()
  })

  test('a balance is read by code, reference or request id, by nobody but the buyer, and uses no id up', async () => {
    const partner = await world.partner()
    const body = issueBody('books', '30.00')
    const card = assertSuccess(await partner.call('POST', 'digital/issue', body))
    const whole = { currency: 'GBP', amount: 30 }
    assert.deepEqual(await balance(partner, { code: card.code.toLowerCase() }), whole)
    assert.deepEqual(await balance(partner, { reference: card.reference }), whole)
    assert.deepEqual(await balance(partner, { original_client_request_id: body.client_request_id }), whole)
    const id = requestId()
    assert.deepEqual(await balance(partner, { code: card.code, client_request_id: id }), whole)
    assertSuccess(await partner.call('POST', 'digital/issue', issueBody('books', 10, { client_request_id: id })))
    const check = (who: TestPartner, more: object) => who.call('POST', 'digital/check-balance', balanceBody(more))
    assertProblem(await check(await world.partner(), { code: card.code }), 422, '724')
    assertProblem(await check(partner, { code: card.code, pin: 'WRONG' }), 422, '724')
    assertProblem(await check(partner, { code: 'A0000000000000000000' }), 422, '724')
    assertProblem(await check(partner, { code: card.code, brand: 'later' }), 400, '730')
    assertProblem(await check(partner, { code: card.code, face_value: { currency: 'USD' } }), 422, '723')
    assertProblem(await check(partner, {}), 400, '070')
    await world.db.query("update card set expires_at = now() - interval '1 day' where order_id = $1", [card.reference])
    assertProblem(await check(partner, { code: card.code }), 410, '735')
    assertProblem(
      await check(partner, { code: 'AAAABBBB', brand: 'fixed-sync-us', face_value: { currency: 'USD' } }),
      422,
      '720',
    )
  })

  const gbp = (amount: string) => ({ amount, currency: 'GBP' })
  const balanceBody = (more: object) => ({
    client_request_id: requestId(),
    brand: 'books',
    face_value: { currency: 'GBP' },
    sector: 'other',
    ...more,
  })
  const balance = async (partner: TestPartner, more: object) =>
    assertSuccess(await partner.call('POST', 'digital/check-balance', balanceBody(more))).face_value

  test('none of this was a fault of the server', () => assert.deepEqual(world.faults, []))
})

/** An upstream that never answers. */
async function startVendor(t: TestContext) {
  let asked = () => {}
  const vendor = {
    url: '',
    asked: () =>
      new Promise<void>((resolve) => {
        asked = resolve
      }),
  }
  const server = createServer((_, res) => {
    asked()
    res.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  vendor.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/partners/v1`
  return vendor
}
