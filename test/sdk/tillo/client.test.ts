import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { createTillo } from '#sdk/tillo/client.ts'
import { TilloError } from '#sdk/tillo/error.ts'
import type { TilloOptions } from '#sdk/tillo/types.ts'
import type { TilloIssueRequest } from '#sdk/tillo/wire.ts'
import { brand, credentials, promotion, startUpstream, transfer } from './upstream.ts'

async function setUp(t: TestContext, options: Partial<TilloOptions> = {}) {
  const upstream = await startUpstream(t)
  const comeBack = { first: 5, next: 2, patience: 50 }
  const tillo = createTillo({ ...credentials, url: `${upstream.url}/`, retry: { delay: 1 }, comeBack, ...options })
  return { upstream, tillo }
}

const issue: TilloIssueRequest = {
  brand: 'amazon',
  face_value: { amount: '25.00', currency: 'GBP' },
  delivery_method: 'code',
  fulfilment_by: 'partner',
  sector: 'other',
}
const issued = { ...issue, client_request_id: 'order-1' }
const original = { original_client_request_id: 'order-1', sector: 'other' } as const
const { face_value } = issue

const failure = async (promise: Promise<unknown>): Promise<TilloError> => {
  const error = await promise.then(
    () => assert.fail('it succeeded'),
    (reason) => reason,
  )
  assert.ok(error instanceof TilloError, String(error))
  return error
}

for (const form of ['simplified', 'full'] as const) {
  test(`a card is issued, read, and cancelled with a body, under signatures of the ${form} form that plain node:crypto confirms`, async (t) => {
    const { upstream, tillo } = await setUp(t, { form })
    const card = await tillo.digital.issue(issue)
    const { client_request_id: id } = JSON.parse(upstream.seen[0]?.body ?? '')
    assert.match(id, /^[0-9a-f-]{36}$/)
    assert.deepEqual(
      [card.brand, card.code, card.face_value],
      ['amazon', 'SECRET-0001', { amount: 25, currency: 'GBP' }],
    )
    const { reference } = card
    const balance = await tillo.digital.checkBalance({
      brand: 'amazon',
      face_value: { currency: 'GBP' },
      sector: 'other',
      reference,
    })
    assert.deepEqual(balance.face_value, { amount: 25, currency: 'GBP' })
    const cancelled = await tillo.digital.cancel({
      ...original,
      original_client_request_id: id,
      brand: 'amazon',
      face_value,
      code: 'SECRET-0001',
    })
    assert.equal(cancelled.reference, reference)
    assert.deepEqual(cancelled.float_balance, { amount: 500, currency: 'GBP' })
    const { method, body } = upstream.seen[2] ?? {}
    assert.equal(method, 'DELETE')
    assert.equal(JSON.parse(body ?? '').code, 'SECRET-0001')
  })
}

test('every reading returns what the server holds, empty lists as empty objects', async (t) => {
  const { upstream, tillo } = await setUp(t)
  const last_refreshed_at = '2026-01-02T03:04:05Z'
  assert.deepEqual(await tillo.brands({ brand: 'amazon', detail: true }), {
    brands: { amazon: brand },
    last_refreshed_at,
  })
  assert.equal(upstream.seen[0]?.target, '/api/v2/brands?brand=amazon&detail=true')
  assert.deepEqual((await tillo.templates()).templates, { amazon: { birthday: 3 }, empty: {} })
  assert.deepEqual(await tillo.promotions(), { standard: { amazon: [promotion] }, last_refreshed_at })
  assert.deepEqual(await tillo.checkStock({ brand: 'amazon' }), { amazon: { '10.00': 'OUT', '25.00': '7' }, empty: {} })
  assert.deepEqual((await tillo.checkFloats({ currency: 'GBP' })).floats, {
    GBP: { 'universal-float': { available_balance: 500.5, pending_payments: 0 } },
    EUR: {},
  })
  assert.deepEqual(await tillo.floatTransferRequests({ status: 'pending' }), [transfer])
  const file = await tillo.template({ brand: 'amazon', template: 'birthday' })
  assert.equal(file.filename, 'amazon.zip')
  assert.equal(file.bytes.length, 22)
  upstream.faults.push({ kind: 'altered', alter: () => '{"code":"000","data":{"brands":[]}}' })
  assert.deepEqual((await tillo.brands()).brands, {})
})

test('an order is placed once, read while it is at work, and ends in its card', async (t) => {
  const { upstream, tillo } = await setUp(t)
  upstream.readings = 2
  upstream.faults.push({ kind: 'lost' })
  const order = await tillo.digital.orderCard(issued)
  assert.equal((await tillo.digital.orderStatus({ reference: order.reference })).status, 'PROCESSING')
  const done = await tillo.digital.awaitOrder({ original_client_request_id: 'order-1' }, { interval: 1 })
  assert.deepEqual([done.status, done.code, done.reference], ['SUCCESS', 'SECRET-0001', order.reference])
  assert.equal(upstream.sales.length, 1)
})

test('an order that fails, is cancelled or stays at work is an error with its request id', async (t) => {
  const { upstream, tillo } = await setUp(t)
  await tillo.digital.orderCard(issued)
  upstream.readings = 100
  const query = { original_client_request_id: 'order-1' }
  const polling = { interval: 1, patience: 3 }
  const still = await failure(tillo.digital.awaitOrder(query, polling))
  assert.deepEqual([still.code, still.clientRequestId, still.applied], ['still-processing', 'order-1', 'unknown'])
  for (const [state, code] of [
    ['ERROR', 'order-failed'],
    ['CANCELLED', 'order-cancelled'],
  ]) {
    Object.assign(upstream.sales[0] ?? {}, { state })
    const ended = await failure(tillo.digital.awaitOrder(query, polling))
    assert.deepEqual([ended.code, ended.clientRequestId, ended.applied], [code, 'order-1', 'no'])
  }
})

test('an order whose answer was lost for good is reversed by its request id', async (t) => {
  const { upstream, tillo } = await setUp(t, { retry: { times: 0 } })
  upstream.faults.push({ kind: 'lost' })
  const lost = await failure(tillo.digital.issue(issued))
  assert.deepEqual([lost.code, lost.clientRequestId, lost.applied], ['network-failure', 'order-1', 'unknown'])
  assert.equal(upstream.balance, 475)
  await tillo.digital.reverse({ ...original, brand: 'amazon', face_value })
  assert.equal(upstream.balance, 500)
})

test('what is done with cards goes to its own endpoint, once', async (t) => {
  const { upstream, tillo } = await setUp(t)
  const held = { brand: 'amazon', code: 'PLASTIC-01', face_value }
  const { physical, digital } = tillo
  await digital.topUp({ brand: 'amazon', face_value, sector: 'other', code: 'SECRET-0001' })
  await physical.activate(held)
  await physical.cancelActivation({ ...held, original_client_request_id: 'order-1' })
  await physical.topUp(held)
  await physical.cancelTopUp({ ...held, original_client_request_id: 'order-1' })
  await physical.cashOut({ brand: 'amazon', code: 'PLASTIC-01' })
  await physical.orderCard({
    brand: 'amazon',
    face_value,
    shipping_method: 'standard',
    fulfilment_by: 'rewardcloud',
    fulfilment_parameters: { to_name: 'A', address_1: 'B', postal_code: 'C', country: 'GB' },
  })
  await physical.fulfilOrder({ ...held, reference: 'ref' })
  await physical.checkBalance({ ...held, face_value: { currency: 'GBP' } })
  assert.deepEqual(await physical.orderStatus({ references: ['r1'] }), { r1: { status: 'not found' } })
  assert.deepEqual(upstream.done, [
    'POST digital/top-up',
    'POST physical/activate',
    'DELETE physical/activate',
    'POST physical/top-up',
    'DELETE physical/top-up',
    'POST physical/cash-out-original-transaction',
    'POST physical/order-card',
    'POST physical/fulfil-order',
    'POST physical/check-balance',
  ])
})

test('what can not be sent is a TypeError, and nothing is sent', async (t) => {
  const { upstream, tillo } = await setUp(t)
  const amount = (value: string | number) => ({ ...issue, face_value: { amount: value, currency: 'GBP' } })
  for (const value of [0.1 + 0.2, -1, 1e21, Number.NaN, '1e3', '-5', '5.001', ' 5', '', '٥']) {
    await assert.rejects(tillo.digital.issue(amount(value)), TypeError)
    await assert.rejects(tillo.requestFloatTransfer({ float: 'f', currency: 'GBP', amount: value }), TypeError)
  }
  for (const client_request_id of ['abcd', 'a'.repeat(51), 'order 1', 'order\n1', 'ördër']) {
    await assert.rejects(tillo.digital.issue({ ...issue, client_request_id }), TypeError)
  }
  await assert.rejects(tillo.digital.issue({ ...issue, brand: 'Amazon' }), TypeError)
  assert.equal(upstream.seen.length, 0)
  assert.throws(() => createTillo({ ...credentials, apiKey: 'a\nb', url: upstream.url }), TypeError)
})

test('an amount that is a number is sent and signed as it prints', async (t) => {
  const { upstream, tillo } = await setUp(t, { form: 'full' })
  await tillo.digital.issue({ ...issue, face_value: { amount: 10.5, currency: 'GBP' } })
  assert.equal(upstream.sales[0]?.amount, 10.5)
})
