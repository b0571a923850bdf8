import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { opaqueWalletId } from '../../../src/domain/wallet-id.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { type Caller, opened, refused } from '../../support/wallet-client.ts'
import { CALLERS, chargeOf, footprint, give, granted, many, paymentTo, refusal, tally } from './money.ts'

let server: SandboxServer
let shop: Caller & { partyId: string }
let buyer: Caller & { partyId: string }
let charging: Caller

before(async () => {
  server = await startSandboxServer()
  shop = await server.client(['stall:one:USD', 'stall:two:USD'])
  buyer = await server.client(['buy:one:USD', 'buy:two:USD'])
  charging = await granted(server, shop, buyer.partyId, ['buy:one:USD'])
  await give(server, 'buy:one:USD', 1_000)
})
after(() => server.stop())

const pay = async (amount: number | string): Promise<string> =>
  (await buyer.done('/buy:one:USD/payments', paymentTo('stall:one:USD', amount))).reference
const refundOf = (transaction: string, amount: number | string, more: object = {}) => ({
  endpoint: 'refunds',
  target: 'buy:one:USD',
  amount,
  currency: 'USD',
  transaction,
  ...more,
})
const path = '/buy:one:USD/refunds'
const refund = (transaction: string, amount: number | string, more: object = {}) =>
  shop.post(path, refundOf(transaction, amount, more))
const refuse = (caller: Caller, payload: object, at = path) => refusal(server, caller, at, payload)

describe('a refund', () => {
  it('goes from who was paid to who paid, in parts, until all of it is back', async () => {
    const original = await pay('10.00')
    const [buyers, shops] = [await server.balance('buy:one:USD'), await server.balance('stall:one:USD')]
    const { timestamp, reference, success, ...echo } = await shop.done(
      path,
      refundOf(original, 4, { description: 'broken' }),
    )
    assert.deepEqual(echo, refundOf(original, 4, { description: 'broken' }))
    assert.ok(success && timestamp)
    assert.equal(await server.balance('buy:one:USD'), buyers + 400n)
    assert.equal(await server.balance('stall:one:USD'), shops - 400n)
    const seen = opened(await buyer.get(`/buy:one:USD/transactions/${reference}`), buyer.signingSecret).transaction
    assert.deepEqual(
      [seen.endpoint, seen.transaction, seen.description, seen.source],
      ['refunds', original, 'broken', 'stall:one:USD'],
    )
    assert.equal(await refuse(shop, refundOf(original, '6.01')), '422 refund-exceeds-original')
    assert.equal((await refund(original, '5.99')).status, 200)
    assert.equal((await refund(original, '0.01')).status, 200)
    assert.equal(await refuse(shop, refundOf(original, '0.01')), '422 refund-exceeds-original')
    assert.equal(await server.balance('buy:one:USD'), buyers + 1_000n)
  })

  it('is of a charge as well, and of a payment that paid an invoice', async () => {
    const charge = await charging.done('/buy:one:USD/charges', chargeOf('buy:one:USD', 'stall:one:USD', 3))
    assert.equal((await refund(charge.reference, 3)).status, 200)
    const { reference: invoice } = await shop.done('/buy:one:USD/invoices', {
      ...paymentTo('buy:one:USD', 5, { endpoint: 'invoices' }),
      issuer: 'stall:one:USD',
    })
    const paid = await buyer.done('/buy:one:USD/payments', paymentTo('stall:one:USD', 5, { metadata: { invoice } }))
    assert.equal((await refund(paid.reference, 5)).status, 200)
    const seen = opened(await shop.get(`/stall:one:USD/invoices/${invoice}`), shop.signingSecret).invoice
    assert.deepEqual([seen.status, seen.payment], ['paid', paid.reference])
  })

  it('is of nothing else: no fund, refill, refund or invoice', async () => {
    await give(server, 'stall:one:USD', 50)
    const [fund] = await server.db.query<{ id: string }>(
      "select id from transaction where kind = 'funds' order by at desc limit 1",
    )
    const original = await pay(2)
    const back = opened(await refund(original, 2), shop.signingSecret).reference
    assert.equal(await refuse(server.gateway, refundOf(fund?.id as string, 1)), '404 transaction-not-found')
    assert.equal(
      await refuse(
        shop,
        { ...refundOf(fund?.id as string, 1), target: 'bank:gateway:USD' },
        '/bank:gateway:USD/refunds',
      ),
      '422 not-refundable',
    )
    assert.equal(
      await refuse(buyer, { ...refundOf(back, 1), target: 'stall:one:USD' }, '/stall:one:USD/refunds'),
      '422 not-refundable',
    )
    const invoice = await shop.done('/buy:one:USD/invoices', {
      ...paymentTo('buy:one:USD', 5, { endpoint: 'invoices' }),
      issuer: 'stall:one:USD',
    })
    assert.equal(await refuse(shop, refundOf(invoice.reference, 1)), '404 transaction-not-found')
    await server.open(buyer.partyId, { id: 'buy:child:USD', parent: 'buy:one:USD' })
    await setPolicy('buy:child:USD')
    const fresh = await granted(server, buyer, buyer.partyId, ['buy:child:USD', 'buy:one:USD'])
    const refill = await fresh.done('/buy:child:USD/refills', {
      endpoint: 'refills',
      target: 'buy:child:USD',
      amount: 1,
      currency: 'USD',
    })
    assert.equal(await refuse(fresh, refundOf(refill.reference, 1)), '422 not-refundable')
  })

  it('needs authority over the wallet that was paid; what others were paid is not there', async () => {
    const original = await pay(5)
    assert.equal(await refuse(buyer, refundOf(original, 1)), '404 transaction-not-found')
    assert.equal(await refuse(server.merchant, refundOf(original, 1)), '404 transaction-not-found')
    assert.equal(await refuse(charging, refundOf(original, 1)), '404 transaction-not-found')
    for (const unknown of ['x', '', original.toUpperCase(), '00000000-0000-7000-8000-000000000000'])
      assert.equal(await refuse(shop, refundOf(unknown, 1)), '404 transaction-not-found')
    const narrow = await granted(server, shop, shop.partyId, ['stall:one:USD'], ['payments', 'charges', 'funds'])
    assert.equal(await refuse(narrow, refundOf(original, 1)), '403 insufficient-scope')
  })

  it('goes to the wallet that paid and to no other, in its unit', async () => {
    const original = await pay(5)
    const other = { ...refundOf(original, 1), target: 'buy:two:USD' }
    assert.equal(await refuse(shop, other, '/buy:two:USD/refunds'), '422 refund-target-differs')
    assert.equal(await refuse(shop, other), '422 route-mismatch')
    assert.equal(await refuse(shop, { ...refundOf(original, 1), currency: 'EUR' }), '422 currency-mismatch')
    assert.equal(await refuse(shop, { ...refundOf(original, 1), metadata: {} }), '400 payload-member-unknown')
    assert.equal(await refuse(shop, { ...refundOf(original, 1), target: undefined }), '400 payload-invalid')
    assert.equal(await refuse(shop, refundOf(original, 0)), '422 amount-not-positive')
    await shop.done(`/${opaqueWalletId('buy:one:USD')}/refunds`, {
      ...refundOf(original, 1),
      target: opaqueWalletId('buy:one:USD'),
    })
    await shop.done('/buy/one/refunds', { ...refundOf(original, 1), target: undefined })
    assert.equal(await refuse(shop, refundOf(original, 1), '/buy/two/refunds'), '422 route-mismatch')
    assert.equal((await refund(original, 3)).status, 200)
  })

  it('needs the money to be there', async () => {
    const poor = await server.client(['poor:one:USD'])
    const { reference } = await buyer.done('/buy:one:USD/payments', paymentTo('poor:one:USD', 5))
    await poor.done('/poor:one:USD/payments', paymentTo('stall:one:USD', 5))
    assert.equal(await refuse(poor, refundOf(reference, 1)), '422 unavailable-funds')
    // What could not be paid back is still to be paid back.
    await give(server, 'poor:one:USD', 5)
    await poor.done(path, refundOf(reference, 5))
  })
})

describe('many refunds at once', () => {
  it(`of one payment by ${CALLERS} callers never exceed it, whatever their parts are`, async () => {
    for (let round = 0; round < 3; round++) {
      const original = await pay(10)
      const before = await server.balance('buy:one:USD')
      const cents = Array.from({ length: CALLERS }, () => 1 + Math.floor(Math.random() * 99))
      const answers = await many((i) =>
        refund(original, ((cents[i] as number) / 100).toFixed(2), i % 2 ? { nonce: `part-${round}-${i}` } : {}),
      )
      const sum = cents.reduce((total, each, i) => total + (answers[i]?.status === 200 ? each : 0), 0)
      const counts = tally(answers, shop.signingSecret)
      assert.equal(
        (counts['200 true'] ?? 0) + (counts['422 refund-exceeds-original'] ?? 0),
        CALLERS,
        JSON.stringify(counts),
      )
      assert.ok(sum <= 1_000, String(sum))
      assert.equal(await server.balance('buy:one:USD'), before + BigInt(sum))
      // Nothing that would have fitted into what is left was refused at the end.
      assert.equal(sum === 1_000 || (await refund(original, ((1_000 - sum) / 100).toFixed(2))).status === 200, true)
    }
  })

  it('that are all of it: one goes through', async () => {
    const original = await pay(7)
    const counts = tally(await many(() => refund(original, 7)), shop.signingSecret)
    assert.deepEqual(counts, { '200 true': 1, '422 refund-exceeds-original': CALLERS - 1 })
  })

  it('under one key are one, and a repeat that is refused re-applies nothing', async () => {
    const original = await pay(7)
    const answers = await many(() => refund(original, 2, { nonce: 'refund-1' }))
    assert.equal(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1)
    const before = await footprint(server)
    assert.equal((await refund(original, 2, { nonce: 'refund-1' })).text, answers[0]?.text)
    assert.equal(
      refused(await refund(original, 3, { nonce: 'refund-1' }), shop.signingSecret),
      '409 idempotency-conflict',
    )
    assert.equal(
      refused(await refund(original, 9, { nonce: 'refund-2' }), shop.signingSecret),
      '422 refund-exceeds-original',
    )
    assert.equal(await footprint(server), before)
    assert.equal(await server.balance('buy:one:USD'), await server.balance('buy:one:USD'))
    // Once refunded whole, the first answer is still the answer of its key.
    await refund(original, 5)
    assert.equal((await refund(original, 2, { nonce: 'refund-1' })).text, answers[0]?.text)
  })
})

async function setPolicy(id: string) {
  const { setRefillPolicy } = await import('../../../src/operations/set-refill-policy.ts')
  await setRefillPolicy(server.assembly, 'test', id, { perRefill: 5, perPeriod: 50, periodSeconds: 86_400 })
}

it('the books are clean after all of it', () => server.assertClean())
