import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { fulfilOpenOrders } from '../../../src/operations/gift-cards/fulfil-order.ts'
import { cancelVoucher, releaseReservation } from '../../../src/operations/jackpot/cancel-voucher.ts'
import { confirmVoucher } from '../../../src/operations/jackpot/confirm-voucher.ts'
import {
  confirmLeftOver,
  decideLeftOver,
  expireReservations,
} from '../../../src/operations/jackpot/expire-reservations.ts'
import { refundVoucher, settleRefund } from '../../../src/operations/jackpot/refund-voucher.ts'
import { reserveVoucher } from '../../../src/operations/jackpot/reserve-voucher.ts'
import { findVoucher } from '../../../src/storage/vouchers.ts'
import { sweepHolds } from '../../../src/worker/sweep-holds.ts'
import { createJackpotWorld, type JackpotWorld } from './world.ts'

let world: JackpotWorld
let start: { balance: bigint; held: bigint }
before(async () => {
  world = await createJackpotWorld({ float: '900000.00' })
})
after(() => world.assertClean().finally(world.stop))
beforeEach(async () => {
  start = await world.balance(world.float.id)
})

const many = <T>(count: number, work: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)))
const float = async () => {
  const { balance, held } = await world.balance(world.float.id)
  return [balance - start.balance, held - start.held]
}
const ask = (voucherId: string) => ({ voucherId, partner: world.partner })
const stateOf = async (id: string) => (await findVoucher(world.db, { id }))?.state
const states = (results: readonly ({ voucher: { state: string } } | { refusal: string })[]) => [
  ...new Set(results.map((it) => ('voucher' in it ? it.voucher.state : it.refusal))),
]

describe('64 callers at once', () => {
  test('reserve one voucher by one session, and hold its price once', async () => {
    const store = await world.store('crowd')
    const other = await world.openDeps()
    const session = await world.session(100)
    const wish = { session, storeId: store.brand.id, offerId: store.offer.id, by: 'price', amount: 10_000n } as const
    const results = await many(64, (i) => reserveVoucher(i % 2 ? world.deps : other, wish))
    const ids = new Set(results.map((it) => ('voucher' in it ? it.voucher.id : it.refusal)))
    assert.equal(ids.size, 1)
    assert.deepEqual(await float(), [0n, 10_000n])
    const others = await many(16, (i) => reserveVoucher(world.deps, { ...wish, amount: 1_000n + BigInt(i) * 500n }))
    assert.deepEqual(states(others), ['session-ended'])
    assert.deepEqual(await float(), [0n, 10_000n])
    await world.assertClean()
  })

  test('who ask for different vouchers by one session get one of them', async () => {
    const store = await world.store('differing')
    const session = await world.session(500)
    const wish = { session, storeId: store.brand.id, offerId: store.offer.id, by: 'value' } as const
    const results = await many(64, (i) => reserveVoucher(world.deps, { ...wish, amount: BigInt(i + 1) * 500n }))
    assert.equal(results.filter((it) => 'voucher' in it).length, 1)
    assert.deepEqual(states(results.filter((it) => 'refusal' in it)), ['session-ended'])
    assert.equal((await world.db.query('select from voucher where session_id = $1', [session.id])).length, 1)
    await world.assertClean()
  })

  test('confirm one voucher: it is paid once, and there is one card', async () => {
    const store = await world.store('confirmed')
    const other = await world.openDeps()
    const voucher = await world.reserve(store)
    assert.deepEqual([voucher.face, voucher.cost, voucher.state], [11_000n, 10_000n, 'reserved'])
    const results = await many(64, (i) => confirmVoucher(i % 2 ? world.deps : other, ask(voucher.id)))
    assert.deepEqual(states(results), ['ready'])
    assert.deepEqual(await float(), [-10_000n, 0n])
    assert.equal(await world.cards(voucher.id), 1)
    assert.deepEqual(await world.told(voucher.id), ['reserved', 'confirmed', 'ready'])
    await world.assertClean()
  })

  test('confirm, cancel and let expire one voucher: one of them happens', async () => {
    const store = await world.store('torn')
    for (let round = 0; round < 4; round++) {
      start = await world.balance(world.float.id)
      const voucher = await world.reserve(store)
      await many(64, async (i) => {
        if (i % 3 === 0) await confirmVoucher(world.deps, ask(voucher.id))
        else if (i % 3 === 1) await cancelVoucher(world.deps, ask(voucher.id))
        else await releaseReservation(world.deps, voucher, 'reservation-expired')
      })
      const paid = (await stateOf(voucher.id)) === 'ready'
      assert.ok(paid || (await stateOf(voucher.id)) === 'canceled')
      assert.deepEqual(await float(), [paid ? -10_000n : 0n, 0n])
      assert.equal(await world.cards(voucher.id), paid ? 1 : 0)
      assert.deepEqual(
        await world.told(voucher.id),
        paid ? ['reserved', 'confirmed', 'ready'] : ['reserved', 'canceled'],
      )
    }
    await world.assertClean()
  })

  test('ask to refund one voucher: its price comes back once', async () => {
    const store = await world.store('refunded')
    const voucher = await world.reserve(store)
    await confirmVoucher(world.deps, ask(voucher.id))
    const other = await world.openDeps()
    await many(64, (i) => refundVoucher(i % 2 ? world.deps : other, ask(voucher.id)))
    assert.equal(await stateOf(voucher.id), 'refunded')
    assert.deepEqual(states(await many(4, () => refundVoucher(world.deps, ask(voucher.id)))), ['refunded'])
    assert.deepEqual(await float(), [0n, 0n])
    assert.equal((await world.balance(store.brand.settlement)).balance, 0n)
    assert.deepEqual(await world.told(voucher.id), ['reserved', 'confirmed', 'ready', 'refunded'])
    await world.assertClean()
  })
})

describe('a reservation', () => {
  test('is confirmed at once where the account says so, unless the session does not', async () => {
    const store = await world.store('auto')
    await world.change({ confirmation: 'automatic' })
    assert.equal((await world.reserve(store)).state, 'ready')
    const manual = await world.reserve(store, 10_000n, await world.session(100, { forceManualConfirm: true }))
    assert.equal(manual.state, 'reserved')
    await world.change({ confirmation: 'manual' })
    await cancelVoucher(world.deps, ask(manual.id))
    assert.deepEqual(await float(), [-10_000n, 0n])
  })

  test('that was to be confirmed at once, by a process that died, is confirmed by the worker', async () => {
    const store = await world.store('auto-later')
    await world.change({ confirmation: 'automatic' })
    const session = await world.session(100)
    let submitted = 0
    const dying = {
      ...world.deps,
      ledger: {
        ...world.deps.ledger,
        submit: (command: Parameters<typeof world.deps.ledger.submit>[0]) =>
          submitted++ === 0 ? world.deps.ledger.submit(command) : Promise.reject(new Error('gone')),
      },
    }
    const wish = { session, storeId: store.brand.id, offerId: store.offer.id, by: 'price', amount: 10_000n } as const
    const result = await reserveVoucher(dying, wish)
    assert.deepEqual(states([result]), ['reserved'])
    await world.change({ confirmation: 'manual' })
    await confirmLeftOver({ ...world.deps, clock: () => Date.now() + 20_000 })
    assert.deepEqual(states([await reserveVoucher(world.deps, wish)]), ['ready'])
  })

  test('that was to be confirmed at once is, however many wait before it for codes that are not there', async () => {
    const empty = await world.store('no-codes', {}, { supply: 'stock' })
    const full = await world.store('has-cards')
    await world.change({ confirmation: 'automatic' })
    const waiting = await many(202, async () => {
      // The last code is there when it is looked for, and sold when it is wanted.
      let looks = 0
      const shelf = { ...world.deps.shelf, take: async () => (looks++ === 0 ? ({} as never) : undefined), putBack() {} }
      const at = { storeId: empty.brand.id, offerId: empty.offer.id, by: 'price', amount: 10_000n } as const
      return reserveVoucher({ ...world.deps, shelf }, { session: await world.session(100), ...at })
    })
    assert.deepEqual(states(waiting), ['reserved'])
    let submitted = 0
    const submit: typeof world.deps.ledger.submit = (command) =>
      submitted++ === 0 ? world.deps.ledger.submit(command) : Promise.reject(new Error('gone'))
    const dying = { ...world.deps, ledger: { ...world.deps.ledger, submit } }
    const at = { storeId: full.brand.id, offerId: full.offer.id, by: 'price', amount: 10_000n } as const
    const last = await reserveVoucher(dying, { session: await world.session(100), ...at })
    await world.change({ confirmation: 'manual' })
    assert.ok('voucher' in last && last.voucher.state === 'reserved')
    const soon = { ...world.deps, clock: () => Date.now() + 20_000 }
    await world.db.query('update partner set disabled_at = clock_timestamp() where id = $1', [world.partner.id])
    await confirmLeftOver(soon)
    assert.equal(await stateOf(last.voucher.id), 'reserved', 'a partner that is disabled pays for nothing more')
    await world.db.query('update partner set disabled_at = null where id = $1', [world.partner.id])
    await confirmLeftOver(soon)
    assert.equal(await stateOf(last.voucher.id), 'ready')
    for (const it of waiting) if ('voucher' in it) await cancelVoucher(world.deps, ask(it.voucher.id))
    assert.deepEqual(await float(), [-10_000n, 0n])
  })

  test('ends after 48 hours: the float is free, also where the ledger has freed it before', async () => {
    const store = await world.store('slow')
    const past = { ...world.deps, clock: () => Date.now() - 49 * 3_600_000 }
    for (const swept of [false, true]) {
      const session = await world.session(100)
      const wish = { session, storeId: store.brand.id, offerId: store.offer.id, by: 'price', amount: 10_000n } as const
      const result = await reserveVoucher(past, wish)
      assert.ok('voucher' in result)
      if (swept) await sweepHolds(world.deps)
      assert.deepEqual(states([await confirmVoucher(world.deps, ask(result.voucher.id))]), ['reservation-expired'])
      assert.equal(await expireReservations(world.deps), 1)
      assert.equal(await stateOf(result.voucher.id), 'canceled')
      assert.deepEqual(states([await confirmVoucher(world.deps, ask(result.voucher.id))]), ['voucher-state'])
      const [step] = await world.db.query<{ what: string }>('select what from voucher_step where voucher_id = $1', [
        result.voucher.id,
      ])
      assert.equal(step?.what, 'expired')
    }
    assert.deepEqual(await float(), [0n, 0n])
    await world.assertClean()
  })

  test('is refused for another partner, above the session, for what is not on sale, and moves nothing', async () => {
    const store = await world.store('picky', {}, { values: { type: 'fixed', values: [2_000n, 50_000n] } })
    const other = await world.store('other')
    const reserve = async (more: object) => {
      const session = await world.session(100)
      const wish = { session, storeId: store.brand.id, offerId: store.offer.id, by: 'value', amount: 2_000n } as const
      return states([await reserveVoucher(world.deps, { ...wish, ...more })])[0]
    }
    assert.equal(await reserve({ amount: 2_500n }), 'value-not-offered')
    assert.equal(await reserve({ amount: 1_000n, by: 'price' }), 'value-not-offered')
    assert.equal(await reserve({ amount: 50_000n }), 'amount-exceeds-session')
    assert.equal(await reserve({ amount: 10_001n, by: 'price' }), 'amount-exceeds-session')
    assert.equal(await reserve({ offerId: other.offer.id }), 'offer-not-found')
    assert.equal(await reserve({ storeId: world.party.id }), 'store-not-found')
    assert.deepEqual(await float(), [0n, 0n])
    const voucher = await world.reserve(other)
    for (const operation of [confirmVoucher, cancelVoucher, refundVoucher])
      assert.deepEqual(states([await operation(world.deps, { voucherId: voucher.id, partner: world.party })]), [
        'voucher-not-found',
      ])
    assert.deepEqual(states([await refundVoucher(world.deps, ask(voucher.id))]), ['voucher-state'])
    assert.deepEqual(states([await cancelVoucher(world.deps, ask(voucher.id))]), ['canceled'])
    assert.deepEqual(states([await cancelVoucher(world.deps, ask(voucher.id))]), ['canceled'])
    assert.deepEqual(await float(), [0n, 0n])
  })
})

describe('a bonus that the operator adds', () => {
  const bear = { funder: 'operator' } as const

  test('is held with the reservation, paid with the confirmation, and comes back with a refund', async () => {
    const store = await world.store('bonus', bear, { discountBp: 500 })
    const session = await world.session(100)
    const wish = { session, storeId: store.brand.id, offerId: store.offer.id, by: 'price', amount: 10_000n } as const
    assert.deepEqual(states([await reserveVoucher(world.deps, wish)]), ['offer-exhausted'])
    await world.fund(store.brand.revenue, 1_000n)
    // 110 of a brand that gives 5 %: it wants 104.50, the partner pays 100, the operator adds 4.50.
    const voucher = await world.reserve(store)
    assert.deepEqual(await world.balance(store.brand.revenue), { balance: 1_000n, held: 450n })
    await confirmVoucher(world.deps, ask(voucher.id))
    assert.deepEqual(await world.balance(store.brand.revenue), { balance: 550n, held: 0n })
    assert.equal((await world.balance(store.brand.settlement)).balance, -550n)
    await refundVoucher(world.deps, ask(voucher.id))
    assert.deepEqual(await world.balance(store.brand.revenue), { balance: 1_000n, held: 0n })
    assert.equal((await world.balance(store.brand.settlement)).balance, 0n)
    const canceled = await world.reserve(store)
    await cancelVoucher(world.deps, ask(canceled.id))
    assert.deepEqual(await world.balance(store.brand.revenue), { balance: 1_000n, held: 0n })
    assert.deepEqual(await float(), [0n, 0n])
    await world.assertClean()
  })

  test('out of a greater discount of the brand leaves the rest with the operator', async () => {
    const store = await world.store('margin', { ...bear, kind: 'discount', rate: '4' }, { discountBp: 1000 })
    const voucher = await world.reserve(store, 9_600n)
    assert.deepEqual([voucher.face, voucher.cost], [10_000n, 9_600n])
    await confirmVoucher(world.deps, ask(voucher.id))
    assert.equal((await world.balance(store.brand.revenue)).balance, 600n)
    assert.equal((await world.balance(store.brand.settlement)).balance, 9_600n - 600n - 10_000n)
    await refundVoucher(world.deps, ask(voucher.id))
    assert.equal((await world.balance(store.brand.revenue)).balance, 0n)
    assert.deepEqual(await float(), [0n, 0n])
    await world.assertClean()
  })
})

describe('a voucher of a brand', () => {
  test('whose codes are in stock is READY with one of them, and stays reserved where none is left', async () => {
    const store = await world.store('stocked', {}, { supply: 'stock' })
    await world.stock(store.brand, 11_000n, ['STOCK-1'])
    const [a, b] = [await world.reserve(store), await world.reserve(store)]
    const results = await many(32, (i) => confirmVoucher(world.deps, ask(i % 2 ? a.id : b.id)))
    assert.deepEqual(states(results).sort(), ['out-of-stock', 'ready'])
    const left = (await stateOf(a.id)) === 'reserved' ? a : b
    assert.deepEqual(await float(), [-10_000n, 10_000n])
    await world.stock(store.brand, 11_000n, ['STOCK-2'])
    assert.deepEqual(states([await confirmVoucher(world.deps, ask(left.id))]), ['ready'])
    assert.deepEqual(await float(), [-20_000n, 0n])
    await world.assertClean()
  })

  test('that is bought elsewhere is CONFIRMED and paid, then READY; or its price comes back', async () => {
    const store = await world.store('elsewhere', { funder: 'operator' }, { supply: 'upstream', upstream: {} })
    await world.fund(store.brand.revenue, 10_000n)
    const voucher = await world.reserve(store)
    assert.deepEqual(states(await many(16, () => confirmVoucher(world.deps, ask(voucher.id)))), ['confirmed'])
    assert.deepEqual(await float(), [-10_000n, 0n])
    assert.deepEqual(states([await cancelVoucher(world.deps, ask(voucher.id))]), ['voucher-state'])
    const card = { status: 'card' as const, secrets: { code: 'THEIRS', pin: null } }
    await many(8, () => fulfilOpenOrders(world.deps, async () => card))
    assert.equal(await stateOf(voucher.id), 'ready')
    assert.equal(await world.cards(voucher.id), 1)
    assert.deepEqual(await world.told(voucher.id), ['reserved', 'confirmed', 'ready'])
    assert.deepEqual(states([await refundVoucher(world.deps, ask(voucher.id))]), ['refunding'])
    await assert.rejects(
      () => settleRefund(world.deps, 'key:1', { voucherId: world.party.id, accept: true }),
      /no such/,
    )
    await settleRefund(world.deps, 'key:1', { voucherId: voucher.id, accept: true })
    assert.equal(await stateOf(voucher.id), 'refunded')

    const lost = await world.reserve(store)
    await confirmVoucher(world.deps, ask(lost.id))
    await fulfilOpenOrders(world.deps, async () => ({ status: 'failed', error: 'upstream: none' }))
    assert.equal(await stateOf(lost.id), 'refunded')
    assert.deepEqual(await world.told(lost.id), ['reserved', 'confirmed', 'refunded'])
    assert.deepEqual(await float(), [0n, 0n])
    assert.deepEqual(await world.balance(store.brand.revenue), { balance: 10_000n, held: 0n })
    assert.equal((await world.balance(store.brand.settlement)).balance, 0n)
    await world.assertClean()
  })

  test('that is asked back before its card is there is refunded when it is', async () => {
    const store = await world.store('hasty', {}, { asynchronous: true })
    const voucher = await world.reserve(store)
    await confirmVoucher(world.deps, ask(voucher.id))
    assert.deepEqual(states([await refundVoucher(world.deps, ask(voucher.id))]), ['refunding'])
    await many(4, () => fulfilOpenOrders(world.deps, async () => ({ status: 'pending' })))
    assert.equal(await stateOf(voucher.id), 'refunding')
    await many(4, () => decideLeftOver(world.deps))
    assert.equal(await stateOf(voucher.id), 'refunded')
    assert.deepEqual(await float(), [0n, 0n])
    await world.assertClean()
  })

  test('whose refund an operator refuses before its card is there keeps its way back to the price', async () => {
    const store = await world.store('refused-early', {}, { supply: 'upstream', upstream: {} })
    const voucher = await world.reserve(store)
    await confirmVoucher(world.deps, ask(voucher.id))
    assert.deepEqual(states([await refundVoucher(world.deps, ask(voucher.id))]), ['refunding'])
    await assert.rejects(
      () => settleRefund(world.deps, 'key:1', { voucherId: voucher.id, accept: false }),
      /cannot be decided so: not-ready/,
    )
    await fulfilOpenOrders(world.deps, async () => ({ status: 'failed', error: 'upstream: none' }))
    assert.equal(await stateOf(voucher.id), 'refunded')
    assert.deepEqual(await float(), [0n, 0n])
    await world.assertClean()
  })

  test('whose refund the operator cannot pay at present waits for it, and is not refused for good', async () => {
    const margin = { kind: 'discount', rate: '4', funder: 'operator' } as const
    const store = await world.store('spent-margin', margin, { discountBp: 1000 })
    const voucher = await world.reserve(store, 9_600n)
    await confirmVoucher(world.deps, ask(voucher.id))
    await world.takeOut(store.brand.revenue, 600n)
    assert.deepEqual(states(await many(16, () => refundVoucher(world.deps, ask(voucher.id)))), ['refunding'])
    await world.fund(store.brand.revenue, 600n)
    await many(4, () => decideLeftOver(world.deps))
    assert.equal(await stateOf(voucher.id), 'refunded')
    assert.deepEqual(await float(), [0n, 0n])
    await world.assertClean()
  })

  test('of which something was spent is not taken back', async () => {
    const store = await world.store('spent')
    const voucher = await world.reserve(store)
    await confirmVoucher(world.deps, ask(voucher.id))
    const [card] = await world.db.query<{ account_id: bigint }>('select account_id from card where order_id = $1', [
      voucher.id,
    ])
    await world.deps.ledger.submit({
      principal: 'test',
      transaction: crypto.randomUUID(),
      kind: 'spending',
      legs: [{ type: 'transfer', source: card?.account_id as bigint, target: world.float.id, amount: 1n }],
      payload: '{}',
      answer: () => ({ status: 0, body: '{}' }),
    })
    assert.deepEqual(states(await many(16, () => refundVoucher(world.deps, ask(voucher.id)))), ['refund_rejected'])
    assert.deepEqual(await world.told(voucher.id), ['reserved', 'confirmed', 'ready', 'refund_rejected'])
    assert.deepEqual(await float(), [-9_999n, 0n])
  })

  test('that takes no card back waits for an operator, who decides once', async () => {
    const store = await world.store('strict', {}, { cancellable: false })
    const voucher = await world.reserve(store)
    await confirmVoucher(world.deps, ask(voucher.id))
    assert.deepEqual(states([await refundVoucher(world.deps, ask(voucher.id))]), ['refunding'])
    const settle = (accept: boolean) =>
      settleRefund(world.deps, 'key:1', { voucherId: voucher.id, accept }).then(
        ({ state }) => state,
        () => 'conflict',
      )
    const results = await many(16, (i) => settle(i % 2 === 0))
    const end = await stateOf(voucher.id)
    assert.equal(results.filter((it) => it === end).length, 8)
    assert.deepEqual(await float(), [end === 'refunded' ? 0n : -10_000n, 0n])
    await world.assertClean()
  })
})
