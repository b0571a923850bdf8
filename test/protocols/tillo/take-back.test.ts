import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { fulfilOpenOrders } from '../../../src/operations/gift-cards/fulfil-order.ts'
import {
  assertProblem,
  assertSuccess,
  issueBody,
  requestId,
  startWorld,
  type TestPartner,
  type World,
} from './harness.ts'

const HOUR = 3_600_000
const many = <T>(count: number, make: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => make(i)))

describe('taking digital cards back', () => {
  let world: World
  before(async () => {
    world = await startWorld()
    await world.brand({ slug: 'books', discountBp: 450 })
    await world.brand({ slug: 'kept', discountBp: 450, discountKeeper: 'operator' })
    await world.brand({ slug: 'firm', cancellable: false })
  })
  after(() => world.stop())

  async function bought(partner: TestPartner, brand = 'books', more: object = {}) {
    const body = issueBody(brand, '25.00', more)
    const data = assertSuccess(await partner.call('POST', 'digital/issue', body))
    const takeBack = (extra: object = {}) => ({
      client_request_id: requestId(),
      original_client_request_id: body.client_request_id,
      brand,
      face_value: body.face_value,
      sector: body.sector,
      ...extra,
    })
    return { body, data, takeBack }
  }
  const cardOf = async (reference: string) => {
    const [row] = await world.db.query<{ id: string; account_id: bigint; status: string }>(
      'select id, account_id, status from card where order_id = $1',
      [reference],
    )
    assert.ok(row)
    return row
  }
  const statusOf = (partner: TestPartner, reference: string) =>
    partner.call('GET', 'digital/order-status', undefined, { query: `reference=${reference}` })

  test('a cancelled card gives its price back once, and can be used no more', async () => {
    const partner = await world.partner()
    const { data, takeBack } = await bought(partner)
    const cancel = takeBack({ code: data.code, pin: data.pin })
    const answer = await partner.call('DELETE', 'digital/issue', cancel)
    assert.equal(answer.json.message, 'Card cancelled successfully')
    assert.deepEqual(assertSuccess(answer).float_balance, { currency: 'GBP', amount: 1000 })
    assert.notEqual(answer.json.data.reference, data.reference)
    assert.equal((await partner.call('DELETE', 'digital/issue', cancel)).text, answer.text)
    assertProblem(await partner.call('DELETE', 'digital/issue', takeBack({ code: data.code })), 422, '100')
    assertProblem(await partner.call('POST', 'digital/reverse', takeBack()), 422, '100')
    assert.deepEqual(await partner.balance(), { balance: 100_000n, held: 0n })
    const card = await cardOf(data.reference)
    assert.deepEqual([card.status, (await world.account(card.account_id)).balance], ['ended', 0n])
    assert.equal(assertSuccess(await statusOf(partner, data.reference)).status, 'CANCELLED')
    await world.assertClean()
  })

  test('where the operator keeps the discount, it is taken from its revenue again', async () => {
    const partner = await world.partner()
    const { data, takeBack } = await bought(partner, 'kept')
    assert.deepEqual([data.cost_value.amount, data.discount], [25, 0])
    assertSuccess(await partner.call('DELETE', 'digital/issue', takeBack({ code: data.code })))
    assert.equal((await partner.balance()).balance, 100_000n)
    await world.assertClean()
  })

  test('of 32 cancellations and reversals at once, one takes effect', async () => {
    const partner = await world.partner()
    const { data, takeBack } = await bought(partner)
    const answers = await many(32, (i) =>
      i % 2
        ? partner.call('POST', 'digital/reverse', takeBack())
        : partner.call('DELETE', 'digital/issue', takeBack({ code: data.code })),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    for (const answer of answers) if (answer.status !== 200) assertProblem(answer, 422, '100')
    assert.equal((await partner.balance()).balance, 100_000n)
    await world.assertClean()
  })

  test('with one id 32 times, a cancellation takes effect once and is answered with the same bytes', async () => {
    const partner = await world.partner()
    const { data, takeBack } = await bought(partner)
    const cancel = takeBack({ code: data.code })
    const answers = await many(32, () => partner.call('DELETE', 'digital/issue', cancel))
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
    assertSuccess(answers[0] as (typeof answers)[0])
    assert.equal((await partner.balance()).balance, 100_000n)
    await world.assertClean()
  })

  test('a card that was used, or is being redeemed, stays sold', async () => {
    const partner = await world.partner()
    const { data, takeBack } = await bought(partner)
    const { account_id: account } = await cardOf(data.reference)
    const shop = await world.brand({ slug: `shop-${requestId().slice(0, 8)}` })
    await world.move(account, shop.settlement, 1n)
    assertProblem(await partner.call('DELETE', 'digital/issue', takeBack({ code: data.code })), 422, '100')
    assertProblem(await partner.call('POST', 'digital/reverse', takeBack()), 422, '100')
    await world.move(shop.settlement, account, 1n)
    const transaction = requestId()
    await world.assembly.ledger.submit({
      principal: 'till',
      transaction,
      kind: 'hold',
      legs: [
        {
          type: 'hold',
          hold: transaction,
          source: account,
          target: shop.settlement,
          amount: 500n,
          expiresAt: Date.now() + 60_000,
        },
      ],
      payload: '{}',
      answer: () => ({ status: 0, body: '{}' }),
    })
    assertProblem(await partner.call('DELETE', 'digital/issue', takeBack({ code: data.code })), 425, '732')
    await world.assertClean()
  })

  test('a reversal needs no code, and comes within 48 hours', async () => {
    const partner = await world.partner()
    const one = await bought(partner)
    const late = await bought(partner)
    const inTime = Date.now() + 47 * HOUR + 30 * 60_000
    world.setClock(() => inTime)
    const reverse = one.takeBack()
    const first = await partner.call('POST', 'digital/reverse', reverse, { timestamp: inTime })
    assertSuccess(first)
    const tooLate = Date.now() + 48 * HOUR + 60_000
    world.setClock(() => tooLate)
    try {
      assertProblem(await partner.call('POST', 'digital/reverse', late.takeBack(), { timestamp: tooLate }), 422, '100')
      // What was done in time is answered the same, however late it is asked again.
      assert.equal((await partner.call('POST', 'digital/reverse', reverse, { timestamp: tooLate })).text, first.text)
      // A cancellation has no such limit.
      const cancel = late.takeBack({ code: late.data.code })
      assertSuccess(await partner.call('DELETE', 'digital/issue', cancel, { timestamp: tooLate }))
    } finally {
      world.setClock(Date.now)
    }
    await world.assertClean()
  })

  test('a request that names another card, brand or value takes nothing back', async () => {
    const partner = await world.partner()
    const other = await world.partner()
    const one = await bought(partner)
    const two = await bought(partner)
    const cancel = (extra: object, who = partner) => who.call('DELETE', 'digital/issue', one.takeBack(extra))
    const { code } = one.data
    assertProblem(await cancel({ code: two.data.code }), 400, '730')
    assertProblem(await cancel({ code, brand: 'kept' }), 400, '730')
    assertProblem(await cancel({ code, face_value: { amount: 24, currency: 'GBP' } }), 400, '730')
    assertProblem(await cancel({ code, brand: 'nothing' }), 400, '072')
    assertProblem(await cancel({ code, pin: one.data.pin === '0000' ? '0001' : '0000' }), 422, '724')
    assertProblem(await cancel({ code, original_client_request_id: requestId() }), 422, '724')
    assertProblem(await cancel({ code, url: 'https://example.com/card' }), 422, '433')
    assertProblem(await cancel({}), 400, '070')
    assertProblem(await cancel({ code, face_value: { amount: 25, currency: 'EUR' } }), 422, '723')
    // Another partner's sale is not there.
    assertProblem(await cancel({ code }, other), 422, '724')
    assertProblem(await other.call('POST', 'digital/reverse', one.takeBack()), 422, '724')
    assertProblem(await statusOf(other, one.data.reference), 422, '433')
    assert.equal((await partner.balance()).balance, 100_000n - 2n * 2388n)
  })

  test('a card that came as an address is taken back by its address', async () => {
    const partner = await world.partner()
    const { data, takeBack } = await bought(partner, 'books', { delivery_method: 'url' })
    assertProblem(await partner.call('DELETE', 'digital/issue', takeBack({ url: `${data.url}x` })), 400, '730')
    assertSuccess(await partner.call('DELETE', 'digital/issue', takeBack({ url: data.url })))
    await world.assertClean()
  })

  test('a brand that takes nothing back still lets an issue be reversed', async () => {
    const partner = await world.partner()
    const { data, takeBack } = await bought(partner, 'firm')
    assertProblem(await partner.call('DELETE', 'digital/issue', takeBack({ code: data.code })), 422, '720')
    assertSuccess(await partner.call('POST', 'digital/reverse', takeBack()))
  })

  test('a code from stock is taken back and not sold again', async () => {
    const partner = await world.partner()
    const brand = await world.brand({ slug: 'pool', supply: 'stock', values: { type: 'fixed', values: [2500n] } })
    await world.stock(brand, 2500n, ['POOL-0001'])
    const { data, takeBack } = await bought(partner, 'pool')
    assertSuccess(await partner.call('DELETE', 'digital/issue', takeBack({ code: data.code })))
    assertProblem(await partner.call('POST', 'digital/issue', issueBody('pool', 25)), 500, '725')
    assert.equal((await partner.balance()).balance, 100_000n)
    await world.assertClean()
  })

  test('blocked and expired cards stay as they are', async () => {
    const partner = await world.partner()
    const { data, takeBack } = await bought(partner)
    const card = await cardOf(data.reference)
    await world.db.query("update card set status = 'blocked' where id = $1", [card.id])
    assertProblem(await partner.call('DELETE', 'digital/issue', takeBack({ code: data.code })), 400, '711')
    await world.db.query("update card set status = 'active', expires_at = now() - interval '1 day' where id = $1", [
      card.id,
    ])
    assertProblem(await partner.call('DELETE', 'digital/issue', takeBack({ code: data.code })), 410, '735')
  })

  test('what is ordered for later cannot be reversed, and is taken back only when it is there', async () => {
    const partner = await world.partner()
    await world.brand({
      slug: 'later',
      supply: 'stock',
      asynchronous: true,
      values: { type: 'fixed', values: [2500n] },
    })
    const body = issueBody('later', '25.00')
    // Without a worker in between: the clock of the orders stands still.
    const { reference } = assertSuccess(await partner.call('POST', 'digital/order-card', body))
    const cancel = {
      client_request_id: requestId(),
      original_client_request_id: body.client_request_id,
      brand: 'later',
      face_value: body.face_value,
      sector: body.sector,
      code: 'ANY-CODE-1',
    }
    const { code: _, ...reverse } = cancel
    assertProblem(await partner.call('POST', 'digital/reverse', reverse), 422, '100')
    await fulfilOpenOrders(world.assembly.gift, async () => ({ status: 'pending' }))
    await untilEnded(reference)
    assertProblem(await partner.call('DELETE', 'digital/issue', cancel), 422, '100')
    assert.deepEqual(await partner.balance(), { balance: 100_000n, held: 0n })
  })

  async function untilEnded(reference: string): Promise<void> {
    for (let i = 0; i < 100; i++) {
      const rows = await world.db.query('select from gift_order where id = $1 and ended_at is not null', [reference])
      if (rows.length === 1) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    assert.fail('the order did not end')
  }

  test('none of this was a fault of the server', () => assert.deepEqual(world.faults, []))
})
