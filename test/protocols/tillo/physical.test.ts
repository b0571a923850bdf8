import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { assertProblem, assertSuccess, requestId, startWorld, type TestPartner, type World } from './harness.ts'

const many = <T>(count: number, make: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => make(i)))
const gbp = (amount: string | number) => ({ amount, currency: 'GBP' })

describe('plastic cards', () => {
  let world: World
  before(async () => {
    world = await startWorld()
    await world.brand({ slug: 'plastic', discountBp: 450, texts: { tillo: { physical: true } } })
    await world.brand({
      slug: 'kept',
      discountBp: 450,
      discountKeeper: 'operator',
      texts: { tillo: { physical: true } },
    })
    await world.brand({ slug: 'digital' })
  })
  after(() => world.stop())

  async function printed(brand = 'plastic') {
    const [card] = await world.plastic(brand)
    return { brand, code: card?.code as string, pin: card?.pin as string }
  }
  const identified = (more: object) => ({ client_request_id: requestId(), ...more })

  async function activated(partner: TestPartner, amount = '100.00', brand = 'plastic') {
    const card = await printed(brand)
    const body = identified({ ...card, face_value: gbp(amount), sector: 'other' })
    const answer = await partner.call('POST', 'physical/activate', body)
    return { card, body, answer, data: assertSuccess(answer), id: body.client_request_id }
  }
  const balanceOf = async (partner: TestPartner, card: object) =>
    assertSuccess(
      await partner.call('POST', 'physical/check-balance', identified({ ...card, face_value: { currency: 'GBP' } })),
    ).face_value.amount

  test('a printed card is worth nothing until it is activated, and is activated once', async () => {
    const partner = await world.partner()
    const card = await printed()
    const check = identified({ ...card, face_value: { currency: 'GBP' } })
    assertProblem(await partner.call('POST', 'physical/check-balance', check), 422, '724')
    const bodies = Array.from({ length: 32 }, () => identified({ ...card, face_value: gbp('100.00') }))
    const answers = await Promise.all(bodies.map((body) => partner.call('POST', 'physical/activate', body)))
    const done = answers.findIndex(({ status }) => status === 200)
    const data = assertSuccess(answers[done] as (typeof answers)[0])
    for (const [i, answer] of answers.entries()) if (i !== done) assertProblem(answer, 422, '433')
    assert.deepEqual([data.code, data.cost_value.amount, data.float_balance.amount], [card.code, 95.5, 904.5])
    assert.equal(await balanceOf(partner, card), 100)
    const again = await partner.call('POST', 'physical/activate', bodies[done])
    assert.equal(again.text, answers[done]?.text)
    assert.equal((await partner.balance()).balance, 90_450n)
    await world.assertClean()
  })

  test('is found by its code and PIN, at its own brand, and nobody else’s card is', async () => {
    const partner = await world.partner()
    const { card } = await activated(partner)
    const activate = (more: object) =>
      partner.call('POST', 'physical/activate', identified({ ...card, face_value: gbp(10), ...more }))
    const fresh = await printed()
    assertProblem(await activate({ ...fresh, pin: fresh.pin === '0000' ? '0001' : '0000' }), 422, '433')
    assertProblem(await activate({ ...fresh, brand: 'kept' }), 422, '433')
    assertProblem(await activate({ code: '00000000000000000000' }), 422, '433')
    assertProblem(await activate({ brand: 'digital' }), 422, '720')
    assertProblem(await activate({ ...fresh, face_value: gbp('500.01') }), 400, '704')
    const other = await world.partner()
    for (const path of ['physical/check-balance', 'physical/top-up', 'physical/cash-out-original-transaction']) {
      const value = path.includes('cash-out')
        ? {}
        : { face_value: path.includes('balance') ? { currency: 'GBP' } : gbp(5) }
      assertProblem(await other.call('POST', path, identified({ ...card, ...value })), 422, '724')
    }
    // A digital card is no plastic one, nor the other way round.
    const check = identified({ brand: 'plastic', code: card.code, face_value: { currency: 'GBP' }, sector: 'other' })
    assertProblem(await partner.call('POST', 'digital/check-balance', check), 422, '724')
  })

  test('an activation is cancelled once, while the card is whole', async () => {
    const partner = await world.partner()
    const { card, data, id } = await activated(partner)
    const cancel = (more: object = {}) =>
      identified({ ...card, original_client_request_id: id, face_value: gbp('100.00'), ...more })
    const account = await accountOf(card)
    await world.move(account, world.bank.id, 1n)
    assertProblem(await partner.call('DELETE', 'physical/activate', cancel()), 403, '728')
    await world.move(world.bank.id, account, 1n)
    assertProblem(await partner.call('DELETE', 'physical/activate', cancel({ face_value: gbp(99) })), 400, '730')
    const bodies = Array.from({ length: 16 }, () => cancel())
    const answers = await Promise.all(bodies.map((body) => partner.call('DELETE', 'physical/activate', body)))
    const done = answers.findIndex(({ status }) => status === 200)
    const result = assertSuccess(answers[done] as (typeof answers)[0])
    assert.deepEqual([result.float_balance.amount, result.reference !== data.reference], [1000, true])
    for (const [i, answer] of answers.entries()) if (i !== done) assertProblem(answer, 422, '100')
    assert.equal((await partner.call('DELETE', 'physical/activate', bodies[done])).text, answers[done]?.text)
    assert.equal(await balanceOf(partner, card), 0)
    assertProblem(
      await partner.call('POST', 'physical/activate', identified({ ...card, face_value: gbp(10) })),
      422,
      '433',
    )
    assert.equal((await partner.balance()).balance, 100_000n)
    await world.assertClean()
  })

  test('a top-up is cancelled once, as far as its value is still there', async () => {
    const partner = await world.partner()
    const { card, id: activation } = await activated(partner)
    const topUp = identified({ ...card, face_value: gbp('40.00') })
    assertSuccess(await partner.call('POST', 'physical/top-up', topUp))
    assert.equal(await balanceOf(partner, card), 140)
    const original_client_request_id = topUp.client_request_id
    const cancel = (more: object = {}) =>
      identified({ ...card, original_client_request_id, face_value: gbp('40.00'), ...more })
    assertProblem(
      await partner.call('DELETE', 'physical/top-up', cancel({ original_client_request_id: activation })),
      422,
      '724',
    )
    assertProblem(
      await partner.call('DELETE', 'physical/activate', {
        ...cancel(),
        original_client_request_id: activation,
        face_value: gbp(100),
      }),
      403,
      '728',
    )
    const account = await accountOf(card)
    await world.move(account, world.bank.id, 10_001n)
    assertProblem(await partner.call('DELETE', 'physical/top-up', cancel()), 403, '728')
    await world.move(world.bank.id, account, 10_001n)
    const answers = await many(16, () => partner.call('DELETE', 'physical/top-up', cancel()))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    for (const answer of answers) if (answer.status !== 200) assertProblem(answer, 422, '100')
    assert.equal(await balanceOf(partner, card), 100)
    assert.equal((await partner.balance()).balance, 90_450n)
    await world.assertClean()
  })

  test('a top-up request without signed fields is taken back as the vendor’s own library signs it', async () => {
    const partner = await world.partner()
    const { card } = await activated(partner)
    const topUp = identified({ ...card, face_value: gbp(5) })
    assertSuccess(await partner.call('POST', 'physical/top-up', topUp))
    const cancel = identified({ ...card, original_client_request_id: topUp.client_request_id, face_value: gbp(5) })
    assertSuccess(await partner.call('DELETE', 'physical/top-up', cancel, { parts: [] }))
  })

  for (const [brand, paid, back] of [
    ['plastic', 9_550n, 3_820n],
    ['kept', 10_000n, 4_000n],
  ] as const)
    test(`what is left of a card of ${brand} goes back at the price that was paid, once, and the card ends`, async () => {
      const partner = await world.partner()
      const { card, id } = await activated(partner, '100.00', brand)
      const account = await accountOf(card)
      await world.move(account, world.bank.id, 6_000n)
      const bodies = Array.from({ length: 16 }, () => identified({ ...card, original_client_request_id: id }))
      const answers = await Promise.all(
        bodies.map((body) => partner.call('POST', 'physical/cash-out-original-transaction', body)),
      )
      const done = answers.findIndex(({ status }) => status === 200)
      const data = assertSuccess(answers[done] as (typeof answers)[0])
      assert.deepEqual(data.face_value, { currency: 'GBP', amount: 40 })
      for (const [i, answer] of answers.entries()) if (i !== done) assertProblem(answer, 422, '100')
      const again = await partner.call('POST', 'physical/cash-out-original-transaction', bodies[done])
      assert.equal(again.text, answers[done]?.text)
      assert.deepEqual(await partner.balance(), { balance: 100_000n - paid + back, held: 0n })
      assert.equal(await balanceOf(partner, card), 0)
      assertProblem(
        await partner.call('POST', 'physical/top-up', identified({ ...card, face_value: gbp(5) })),
        422,
        '100',
      )
      await world.assertClean()
    })

  test('a card with nothing on it is not cashed out, nor one by another card’s activation', async () => {
    const partner = await world.partner()
    const one = await activated(partner)
    const two = await activated(partner)
    const cashOut = (more: object) =>
      partner.call('POST', 'physical/cash-out-original-transaction', identified({ ...one.card, ...more }))
    assertProblem(await cashOut({ original_client_request_id: two.id }), 400, '730')
    await world.move(await accountOf(one.card), world.bank.id, 10_000n)
    assertProblem(await cashOut({}), 403, '728')
  })

  const order = (more: object = {}) => ({
    client_request_id: requestId(),
    brand: 'plastic',
    face_value: gbp('50.00'),
    shipping_method: 'standard',
    fulfilment_by: 'rewardcloud',
    fulfilment_parameters: { to_name: 'Ada', address_1: '1 Street', postal_code: 'AB1 2CD', country: 'GB' },
    ...more,
  })
  const statuses = async (partner: TestPartner, ...references: string[]) =>
    assertSuccess(await partner.call('POST', 'physical/order-status', { references }))

  test('an order holds the price until somebody says which card was sent', async () => {
    const partner = await world.partner()
    const body = order()
    const answer = await partner.call('POST', 'physical/order-card', body)
    const { reference, cost_value } = assertSuccess(answer)
    assert.deepEqual(cost_value, { currency: 'GBP', amount: 47.75 })
    assert.deepEqual(await partner.balance(), { balance: 100_000n, held: 4_775n })
    // No worker makes a card for it.
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    const unknown = requestId()
    assert.deepEqual(await statuses(partner, reference, unknown), {
      [reference]: { status: 'received' },
      [unknown]: { status: 'not found' },
    })
    assert.deepEqual(await statuses(await world.partner(), reference), { [reference]: { status: 'not found' } })

    const card = await printed()
    const fulfil = (more: object = {}) => identified({ ...card, face_value: gbp('50.00'), reference, ...more })
    const call = (sent: object, who = partner) => who.call('POST', 'physical/fulfil-order', sent)
    assertProblem(await call(fulfil(), await world.partner()), 422, '724')
    assertProblem(await call(fulfil({ face_value: gbp(51) })), 400, '730')
    assertProblem(await call(fulfil({ code: '00000000000000000000' })), 422, '433')
    assertProblem(await call(fulfil({ reference: requestId() })), 422, '724')
    const { card: active } = await activated(partner, '10.00')
    assertProblem(await call(fulfil({ code: active.code, pin: active.pin })), 422, '433')
    const bodies = Array.from({ length: 16 }, () => fulfil())
    const answers = await Promise.all(bodies.map((sent) => call(sent)))
    const done = answers.findIndex(({ status }) => status === 200)
    assert.equal(assertSuccess(answers[done] as (typeof answers)[0]).code, card.code)
    for (const [i, one] of answers.entries()) if (i !== done) assertProblem(one, 422, '100')
    assert.equal((await call(bodies[done] as object)).text, answers[done]?.text)
    assert.deepEqual(await statuses(partner, reference), { [reference]: { status: 'fulfilled', code: card.code } })
    assert.equal(await balanceOf(partner, card), 50)
    assert.deepEqual(await partner.balance(), { balance: 100_000n - 4_775n - 955n, held: 0n })
    assert.equal((await partner.call('POST', 'physical/order-card', body)).text, answer.text)
    await world.assertClean()
  })

  test('the partner that a brand has its cards sent by may say so, too', async () => {
    const house = await world.partner()
    await world.brand({
      slug: 'sent',
      texts: { tillo: { physical: true, fulfilment: house.partner.slug } },
    })
    const partner = await world.partner()
    const { reference } = assertSuccess(await partner.call('POST', 'physical/order-card', order({ brand: 'sent' })))
    const card = await printed('sent')
    const fulfil = identified({ ...card, face_value: gbp('50.00'), reference })
    assertSuccess(await house.call('POST', 'physical/fulfil-order', fulfil, { parts: [] }))
    assert.equal((await statuses(partner, reference))[reference].status, 'fulfilled')
    assert.deepEqual(await partner.balance(), { balance: 95_000n, held: 0n })
    assert.equal((await house.balance()).balance, 100_000n)
    await world.assertClean()
  })

  test('an order needs somebody to send it to, and a way', async () => {
    const partner = await world.partner()
    const send = (more: object) => partner.call('POST', 'physical/order-card', order(more))
    assertProblem(await send({ fulfilment_by: 'partner' }), 422, '433')
    assertProblem(await send({ shipping_method: 'pigeon' }), 422, '433')
    assertProblem(await send({ fulfilment_parameters: { to_name: 'Ada' } }), 400, '070')
    assertProblem(await send({ brand: 'digital' }), 422, '720')
    assertProblem(await send({ personalisation: { message: 'Hi', template: 'fancy' } }), 400, '716')
    assertProblem(await partner.call('POST', 'physical/order-status', { references: ['x'] }), 422, '433')
    assertProblem(await partner.call('POST', 'physical/order-status', {}), 400, '070')
  })

  async function accountOf({ code }: { code: string }): Promise<bigint> {
    const hash = world.assembly.gift.cardHasher.own(code)
    const [row] = await world.db.query<{ account_id: bigint }>('select account_id from card where code_hash = $1', [
      hash,
    ])
    assert.ok(row)
    return row.account_id
  }

  test('none of this was a fault of the server', () => assert.deepEqual(world.faults, []))
})
