import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { assertProblem, assertSuccess, issueBody, requestId, startWorld, type World } from './harness.ts'

const many = <T>(count: number, make: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => make(i)))

describe('POST /digital/issue', () => {
  let world: World
  before(async () => {
    world = await startWorld()
    await world.brand({ slug: 'books', discountBp: 450 })
  })
  after(() => world.stop())

  test('sells a card: the float pays its price, the card has its value, and a later look shows both', async () => {
    const partner = await world.partner()
    const answer = await partner.call('POST', 'digital/issue', issueBody('books', '25.00'))
    const data = assertSuccess(answer)
    assert.equal(answer.json.message, 'Card created successfully')
    assert.match(data.code, /^[0-9A-HJKMNP-TV-Z]{20}$/)
    assert.match(data.pin, /^\d{4}$/)
    assert.match(data.reference, /^[0-9a-f-]{36}$/)
    assert.deepEqual(data.barcode, { type: 'C128', string: data.code })
    assert.deepEqual(data.face_value, { currency: 'GBP', amount: 25 })
    // 4.5 % of 25.00 is 1.125: the discount is rounded down.
    assert.deepEqual(data.cost_value, { currency: 'GBP', amount: 23.88 })
    assert.deepEqual([data.discount, data.float_balance], [4.5, { currency: 'GBP', amount: 976.12 }])
    assert.equal((await partner.balance()).balance, 97_612n)
    const body = { client_request_id: requestId(), brand: 'books', face_value: { currency: 'GBP' }, sector: 'other' }
    const balance = await partner.call('POST', 'digital/check-balance', { ...body, code: data.code, pin: data.pin })
    assert.deepEqual(assertSuccess(balance), { face_value: { currency: 'GBP', amount: 25 } })
    const floats = assertSuccess(await partner.call('GET', 'check-floats'))
    assert.deepEqual(floats.floats, { GBP: { 'universal-float': { available_balance: 976.12, pending_payments: 0 } } })
    await world.assertClean()
  })

  test('takes both forms of the signature, and the amount as it is written, shortest, or with two decimals', async () => {
    const partner = await world.partner()
    const issue = (amount: string | number, raw: string, signed: string) => {
      const body = issueBody('books', amount)
      const parts = [body.client_request_id, 'books', 'GBP', signed]
      const text = JSON.stringify(body).replace(/"amount":("[^"]*"|[\d.]+)/, `"amount":${raw}`)
      return partner.call('POST', 'digital/issue', body, { raw: text, parts })
    }
    assertSuccess(await issue('10.00', '"10.00"', '10.00'))
    for (const signed of ['10.0', '10', '10.00']) assertSuccess(await issue(10, '10.0', signed))
    assertProblem(await issue('10.00', '"10.00"', '10'), 401, '434')
    assertProblem(await issue(10, '10.0', '10.000'), 401, '434')
  })

  test('answers a repeat with the bytes of the first answer, also after other sales, a cancellation and a pause', async () => {
    const partner = await world.partner()
    const brand = await world.brand({ slug: 'kept-books', discountBp: 100 })
    const body = issueBody('kept-books', 40)
    const first = await partner.call('POST', 'digital/issue', body)
    const data = assertSuccess(first)
    await partner.call('POST', 'digital/issue', issueBody('books', 10))
    const cancel = { ...cancelBody(body), code: data.code }
    assertSuccess(await partner.call('DELETE', 'digital/issue', cancel))
    await world.db.query("update brand set status = 'paused', discount_bp = 0 where id = $1", [brand.id])
    const again = await partner.call('POST', 'digital/issue', {
      ...body,
      face_value: { currency: 'GBP', amount: '40.00' },
    })
    assert.deepEqual([again.status, again.text], [first.status, first.text])
    await world.assertClean()
  })

  test('with one request id 64 times at once sells one card, and every answer has the same bytes', async () => {
    const partner = await world.partner()
    const body = issueBody('books', '30.00')
    const answers = await many(64, () => partner.call('POST', 'digital/issue', body))
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
    const { cost_value: cost } = assertSuccess(answers[0] as (typeof answers)[0])
    assert.equal((await partner.balance()).balance, 100_000n - BigInt(Math.round(cost.amount * 100)))
    const cards = await world.db.query('select from gift_order where partner_id = $1', [partner.partner.id])
    assert.equal(cards.length, 1)
    await world.assertClean()
  })

  test('by 64 buyers never overdraws the float, and what was refused leaves its id usable', async () => {
    const partner = await world.partner({ float: '50.00' })
    await world.brand({ slug: 'raced' })
    const bodies = Array.from({ length: 64 }, () => issueBody('raced', '5.00'))
    const answers = await Promise.all(bodies.map((body) => partner.call('POST', 'digital/issue', body)))
    const refused = answers.flatMap(({ status }, i) => (status === 200 ? [] : [i]))
    assert.equal(refused.length, 54)
    for (const i of refused) assertProblem(answers[i] as (typeof answers)[0], 403, '610')
    assert.deepEqual(await partner.balance(), { balance: 0n, held: 0n })
    await world.move(world.bank.id, partner.float.id, 500n)
    assertSuccess(await partner.call('POST', 'digital/issue', bodies[refused[0] as number]))
    await world.assertClean()
  })

  test('sells the last code of a stock once, and says to the others that none is left', async () => {
    const partner = await world.partner()
    const brand = await world.brand({ slug: 'stocked', supply: 'stock', values: { type: 'fixed', values: [1000n] } })
    await world.stock(brand, 1000n, ['STOCK-0001', 'STOCK-0002'])
    const answers = await many(24, () => partner.call('POST', 'digital/issue', issueBody('stocked', 10)))
    const codes = answers.flatMap(({ json }) => (json.code === '000' ? [json.data.code] : []))
    assert.deepEqual(codes.sort(), ['STOCK-0001', 'STOCK-0002'])
    for (const answer of answers.filter(({ status }) => status !== 200)) assertProblem(answer, 500, '725')
    assert.equal((await partner.balance()).balance, 98_000n)
    await world.assertClean()
  })

  test('tells ids and brands with dashes apart, although both sign alike', async () => {
    const partner = await world.partner()
    await world.brand({ slug: 'dash' })
    await world.brand({ slug: 'x-dash' })
    const one = issueBody('x-dash', 10, { client_request_id: 'order' })
    const other = issueBody('dash', 10, { client_request_id: 'order-x' })
    const parts = ['order-x-dash']
    const first = assertSuccess(await partner.call('POST', 'digital/issue', one, { parts }))
    const second = assertSuccess(await partner.call('POST', 'digital/issue', other, { parts }))
    assert.deepEqual([first.brand, second.brand], ['x-dash', 'dash'])
    assert.notEqual(first.code, second.code)
  })

  test('refuses an id that was used for another brand, value or operation', async () => {
    const partner = await world.partner()
    await world.brand({ slug: 'others' })
    const body = issueBody('books', 10)
    const { code } = assertSuccess(await partner.call('POST', 'digital/issue', body))
    const same = { client_request_id: body.client_request_id }
    assertProblem(await partner.call('POST', 'digital/issue', issueBody('others', 10, same)), 400, '708')
    assertProblem(await partner.call('POST', 'digital/issue', issueBody('books', 11, same)), 400, '708')
    assertProblem(await partner.call('POST', 'digital/order-card', body), 400, '708')
    assertProblem(await partner.call('DELETE', 'digital/issue', { ...cancelBody(body), ...same, code }), 400, '708')
    assert.equal((await partner.balance()).balance, 100_000n - 955n)
  })

  test('gives the address of the card’s page where that is asked for, and nothing of a card that is mailed', async () => {
    const partner = await world.partner()
    const byUrl = assertSuccess(
      await partner.call('POST', 'digital/issue', issueBody('books', 10, { delivery_method: 'url' })),
    )
    assert.match(byUrl.url, /^http:\/\/billfold\.example\/cards\/[\w-]{32}$/)
    assert.equal('code' in byUrl || 'pin' in byUrl, false)
    const mail = { to_email: 'ada@example.com', from_name: 'Shop', from_email: 'shop@example.com', subject: 'A gift' }
    const body = issueBody('books', 10, { fulfilment_by: 'rewardcloud', delivery_method: 'email' })
    assertProblem(await partner.call('POST', 'digital/issue', body), 400, '070')
    const mailed = assertSuccess(await partner.call('POST', 'digital/issue', { ...body, fulfilment_parameters: mail }))
    assert.deepEqual(
      Object.keys(mailed).filter((name) => /code|url|pin|barcode/.test(name)),
      [],
    )
  })

  test('keeps what was asked for sealed, and no code or address of a person in any other column', async () => {
    const partner = await world.partner()
    const mail = { to_email: 'grace@example.com', from_name: 'S', from_email: 's@example.com', subject: 'Hello' }
    const body = issueBody('books', 10, {
      fulfilment_by: 'rewardcloud',
      delivery_method: 'url',
      fulfilment_parameters: mail,
    })
    const { reference } = assertSuccess(await partner.call('POST', 'digital/issue', body))
    const bought = assertSuccess(await partner.call('POST', 'digital/issue', issueBody('books', 10)))
    for (const table of ['gift_order', 'partner_request', 'card', 'order_event', 'transaction']) {
      const [row] = await world.db.query<{ text: string }>(
        `select coalesce(json_agg(t)::text, '') as text from ${table} t`,
      )
      assert.equal(row?.text.includes(bought.code), false, table)
      assert.equal(row?.text.includes('grace@example.com'), false, table)
    }
    const [order] = await world.db.query<{ details: Buffer }>('select details from gift_order where id = $1', [
      reference,
    ])
    const opened = world.assembly.keyring.open(order?.details as Buffer, `order:${reference}:details`)
    assert.equal(JSON.parse(opened).fulfilment_parameters.to_email, 'grace@example.com')
  })
})

const cancelBody = (issued: ReturnType<typeof issueBody>) => ({
  client_request_id: requestId(),
  original_client_request_id: issued.client_request_id,
  brand: issued.brand,
  face_value: issued.face_value,
  sector: 'marketplace',
})
