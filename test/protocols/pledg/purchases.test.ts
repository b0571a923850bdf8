import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { acceptPurchase } from '../../../src/operations/purchases/accept-purchase.ts'
import { findMerchant, type Merchant } from '../../../src/storage/merchants.ts'
import type { Wallet } from '../../../src/storage/wallets.ts'
import { createPledgWorld, type PledgWorld } from '../../support/pledg-world.ts'

let world: PledgWorld
let merchant: Awaited<ReturnType<PledgWorld['merchant']>>
before(async () => {
  world = await createPledgWorld()
  merchant = await world.merchant()
  await world.fund(world.purse, 1_000_000n)
})
after(() => world.stop())

const NOBODYS = 'pur_00000000-0000-7000-8000-000000000000'

/** Accepts a purchase as its person would on the page. */
async function accept(shop: typeof merchant, uid: string, plan = 'now') {
  const { assembly } = world.server
  const wallet = (await assembly.directory.find(world.purse)) as Wallet
  const found = (await findMerchant(world.db, { id: shop.id })) as Merchant
  const purchase = await world.purchase(uid)
  const wish = { purchase, merchant: found, partyId: wallet.partyId, wallet, plan, key: `key-${uid}` }
  const result = await acceptPurchase(assembly.purchases, wish)
  assert.ok(result.accepted, JSON.stringify(result))
}

describe('the purchase', () => {
  it('is shown to its merchant, before and after it is accepted', async () => {
    const headers = await world.bearer(merchant)
    const { uid } = await world.link(merchant)
    const path = `/api/merchants/${merchant.uid}/purchases/${uid}`
    const before = await world.get(path, headers)
    assert.deepEqual([before.status, before.body.state, before.body.installments], [200, 'created', []])
    await accept(merchant, uid, 'in-3')
    const { body } = await world.get(path, headers)
    assert.deepEqual([body.state, body.captured_cents, body.credited_cents], ['completed', 10_000, 0])
    assert.deepEqual(body.plan, { name: 'in-3', type: 'INSTALLMENT' })
    assert.deepEqual(
      body.installments.map((part: { amount_cents: number; state: string }) => [part.amount_cents, part.state]),
      [
        [3_334, 'paid'],
        [3_333, 'scheduled'],
        [3_333, 'scheduled'],
      ],
    )
    assert.ok(!JSON.stringify(body).includes('ada@shop.example'))
  })

  it("is nobody else's: another merchant gets what it would get for none at all", async () => {
    const { uid } = await world.link(merchant)
    const other = await world.merchant()
    const headers = await world.bearer(other)
    const none = await world.get(`/api/merchants/${other.uid}/purchases/${NOBODYS}`, headers)
    assert.equal(none.status, 404)
    for (const answer of [
      await world.get(`/api/merchants/${merchant.uid}/purchases/${uid}`, headers),
      await world.get(`/api/merchants/${other.uid}/purchases/${uid}`, headers),
      await world.get(`/api/merchants/${other.uid}/purchases/%00`, headers),
      await world.post(`/api/purchases/${uid}/capture`, undefined, headers),
      await world.post(`/api/purchases/${uid}/release`, undefined, headers),
      await world.post(`/api/purchases/${uid}/credit_by_transfer`, { amount_cents: 1 }, headers),
    ])
      assert.deepEqual([answer.status, answer.text], [404, none.text])
    const mixed = await world.get(`/api/merchants/${other.uid}/purchases/${uid}`, await world.bearer(merchant))
    assert.equal(mixed.status, 404, 'nor under the name of another merchant')
  })
})

describe('credit_by_transfer', () => {
  it('gives back in parts, never more than was paid, and once under one key', async () => {
    const headers = await world.bearer(merchant)
    const { uid } = await world.link(merchant)
    const path = `/api/purchases/${uid}/credit_by_transfer`
    const early = await world.post(path, { amount_cents: 100 }, headers)
    assert.deepEqual([early.status, early.body.error.type], [409, 'conflict'])
    await accept(merchant, uid)
    const first = await world.post(path, { amount_cents: 4_000 }, { ...headers, 'idempotency-key': 'a' })
    assert.deepEqual([first.status, first.body.credited_cents], [200, 4_000])
    const again = await world.post(path, { amount_cents: 4_000 }, { ...headers, 'idempotency-key': 'a' })
    assert.deepEqual([again.status, again.body.credited_cents], [200, 4_000])
    const other = await world.post(path, { amount_cents: 1 }, { ...headers, 'idempotency-key': 'a' })
    assert.equal(other.status, 409)
    const much = await world.post(path, { amount_cents: 6_001 }, headers)
    assert.deepEqual([much.status, much.body.error.type], [400, 'invalid_request_error'])
    assert.equal((await world.post(path, { amount_cents: 6_000 }, headers)).body.credited_cents, 10_000)
    for (const wrong of [
      {},
      { amount_cents: '1' },
      { amount_cents: 0 },
      { amount_cents: 1, currency: 'EUR' },
      '[]',
      '{"amount_cents":1,"amount_cents":2}',
    ])
      assert.equal((await world.post(path, wrong, headers)).status, 400, JSON.stringify(wrong))
  })

  it('is sixty-four times asked for and goes no further than the purchase', async () => {
    const headers = await world.bearer(merchant)
    const { uid } = await world.link(merchant)
    await accept(merchant, uid)
    const path = `/api/purchases/${uid}/credit_by_transfer`
    const answers = await Promise.all(
      Array.from({ length: 64 }, () => world.post(path, { amount_cents: 1_500 }, headers)),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 6)
    assert.equal((await world.purchase(uid)).credited, 9_000n)
  })
})

describe('capture and release', () => {
  it('end what was authorized, one of them and once', async () => {
    const shop = await world.merchant({ manualCapture: true })
    const headers = await world.bearer(shop)
    const { uid } = await world.link(shop)
    await accept(shop, uid)
    const results = await Promise.all(
      Array.from({ length: 32 }, (_, i) =>
        world.post(`/api/purchases/${uid}/${i % 2 ? 'capture' : 'release'}`, i % 2 ? {} : undefined, headers),
      ),
    )
    assert.equal(results.filter(({ status }) => status === 200).length, 1)
    for (const { status } of results) assert.ok(status === 200 || status === 409, String(status))
  })

  it('captures a part, and refuses more than there is', async () => {
    const shop = await world.merchant({ manualCapture: true })
    const headers = await world.bearer(shop)
    const { uid } = await world.link(shop)
    await accept(shop, uid)
    const path = `/api/purchases/${uid}/capture`
    assert.equal((await world.post(path, { amount_cents: 10_001 }, headers)).status, 400)
    const { body } = await world.post(path, { amount_cents: 6_000 }, headers)
    assert.deepEqual([body.state, body.captured_cents], ['completed', 6_000])
    assert.equal(await world.server.balance(shop.wallet), 6_000n)
  })
})

describe('simulate_payment_schedule', () => {
  const path = (kind: string, uid: string) => `/api/users/me/${kind}/${uid}/simulate_payment_schedule`

  it('shows the parts of the example: what would be later than a year is in the last one', async () => {
    const shop = await world.merchant({ plans: [{ name: 'five', kind: 'instalments', parts: 5 }] })
    const ask = { amount_cents: 50_000, created: '2020-01-01', second_installment_date: '2020-11-15' }
    const { status, body } = await world.post(path('merchants', shop.uid), ask)
    assert.equal(status, 200)
    assert.deepEqual(body, {
      INSTALLMENT: [
        { amount_cents: 10_000, fees: 0, payment_date: '2020-01-01' },
        { amount_cents: 10_000, fees: 0, payment_date: '2020-11-15' },
        { amount_cents: 30_000, fees: 0, payment_date: '2020-12-15' },
      ],
    })
  })

  it('shows all plans of a company, and what they cost', async () => {
    const ask = { amount_cents: 10_000, created: '2026-01-31' }
    const { body } = await world.post(path('companies', merchant.companyUid), ask)
    const [deferred, parts] = body.items
    assert.deepEqual(deferred.DEFERRED, { amount_cents: 10_000, fees: 0, payment_date: '2026-03-02' })
    assert.equal(parts.debit_rate, 1.5)
    assert.deepEqual(
      parts.INSTALLMENT.map((line: { payment_date: string }) => line.payment_date),
      ['2026-01-31', '2026-02-28', '2026-03-31'],
    )
  })

  it('makes no schedule on days that no calendar of four digits has', async () => {
    const shop = await world.merchant({ plans: [{ name: 'five', kind: 'instalments', parts: 5 }] })
    for (const created of [
      '9999-12-31',
      '9998-01-01',
      '0001-01-31',
      '0099-12-31',
      '1969-12-31',
      '２０２６-01-01',
      ' 2026-01-01',
    ]) {
      const { status, body } = await world.post(path('merchants', shop.uid), { amount_cents: 500, created })
      assert.deepEqual([status, body.error?.type], [400, 'invalid_request_error'], created)
    }
    const last = await world.post(path('merchants', shop.uid), { amount_cents: 500, created: '9997-12-31' })
    assert.equal(last.body.INSTALLMENT.at(-1).payment_date, '9998-04-30')
  })

  it('needs no proof, and says what is wrong', async () => {
    assert.equal((await world.post(path('merchants', 'mer_nobody'), { amount_cents: 1 })).status, 404)
    assert.equal((await world.post(path('merchants', '%00'), { amount_cents: 1 })).status, 404)
    assert.equal((await world.post(path('merchants', merchant.uid), { amount_cents: '5' })).status, 400)
    const second = { amount_cents: 10_000, created: '2026-01-31', second_installment_date: '2020-01-01' }
    const only = await world.merchant({ plans: [{ name: 'five', kind: 'instalments', parts: 5 }] })
    const wrong = await world.post(path('merchants', only.uid), second)
    assert.deepEqual([wrong.status, wrong.body.error.type], [422, 'not_eligible'])
  })
})

describe('the prefix', () => {
  it('answers unknown paths and methods in its own form, without a CORS header', async () => {
    for (const path of ['/api/nothing', '/api/purchases', '/api/merchants/x', '/api']) {
      const answer = await world.get(path, { origin: 'https://shop.example' })
      assert.deepEqual([answer.status, answer.body.error.type], [404, 'not_found'], path)
      assert.equal(answer.headers['access-control-allow-origin'], undefined)
    }
    for (const path of ['/api/token', '/api/purchase_link/', '/api/purchases/x/release']) {
      const answer = await world.get(path)
      assert.deepEqual([answer.status, answer.headers.allow], [405, 'POST'], path)
    }
    const head = await world.post(`/api/merchants/${merchant.uid}/purchases/x`)
    assert.deepEqual([head.status, head.headers.allow], [405, 'GET'])
  })
})
