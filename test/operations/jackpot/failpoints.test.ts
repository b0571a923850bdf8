import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fulfilOpenOrders } from '../../../src/operations/gift-cards/fulfil-order.ts'
import type { GiftDeps } from '../../../src/operations/gift-cards/gift-deps.ts'
import { createGiftLookUps } from '../../../src/operations/gift-cards/look-ups.ts'
import { cancelVoucher } from '../../../src/operations/jackpot/cancel-voucher.ts'
import { confirmVoucher } from '../../../src/operations/jackpot/confirm-voucher.ts'
import { decideLeftOver } from '../../../src/operations/jackpot/expire-reservations.ts'
import { refundVoucher } from '../../../src/operations/jackpot/refund-voucher.ts'
import { reserveVoucher } from '../../../src/operations/jackpot/reserve-voucher.ts'
import { findVoucher } from '../../../src/storage/vouchers.ts'
import { createJackpotWorld, type JackpotWorld } from './world.ts'

/** The process dies here: nothing that comes later happens. */
class Crash extends Error {}

/** Everything that reaches outside of the process, with a point before and one after each; the crash comes at point `at`. */
function failing(deps: GiftDeps, at: number) {
  let point = 0
  let dead = false
  const pass = () => {
    dead ||= point++ === at
    if (dead) throw new Crash()
  }
  async function step<T>(work: () => Promise<T>): Promise<T> {
    pass()
    const result = await work()
    pass()
    return result
  }
  const db = {
    ...deps.db,
    query: <Row>(text: string, values?: unknown[]) => step(() => deps.db.query<Row>(text, values)),
  }
  const failingDeps: GiftDeps = {
    ...deps,
    db,
    lookUps: createGiftLookUps(db),
    ledger: { ...deps.ledger, submit: (command) => step(() => deps.ledger.submit(command)) },
    shelf: { ...deps.shelf, take: (...args) => step(() => deps.shelf.take(...args)) },
  }
  return { deps: failingDeps, reached: () => dead }
}

type Supply = 'own' | 'stock' | 'upstream'
const card = async () => ({ status: 'card' as const, secrets: { code: crypto.randomUUID(), pin: null } })

/**
 * Reserves, confirms and does the last step, and dies at each point in turn. Then the caller repeats everything, and a new process
 * works off what is open.
 */
async function enumerate(world: JackpotWorld, supply: Supply, last: 'confirm' | 'cancel' | 'refund'): Promise<number> {
  const restarted = { ...(await world.openDeps()), clock: () => Date.now() + 61_000 }
  for (let at = 0; ; at++) {
    const slug = `${supply}-${last}-${at}`
    const store = await world.store(
      slug,
      { funder: 'operator' },
      {
        supply,
        values: { type: 'range', min: 500n, max: 50_000n, step: 100n },
        ...(supply === 'upstream' && { upstream: {} }),
      },
    )
    await world.fund(store.brand.revenue, 1_000n)
    if (supply === 'stock') await world.stock(store.brand, 1_100n, [`${slug}-A`, `${slug}-B`])
    const before = await world.balance(world.float.id)
    const session = await world.session(10)
    const run = async (deps: GiftDeps) => {
      const wish = { session, storeId: store.brand.id, offerId: store.offer.id, by: 'price', amount: 1_000n } as const
      const result = await reserveVoucher(deps, wish)
      assert.ok('voucher' in result, 'refusal' in result ? result.refusal : '')
      const ask = { voucherId: result.voucher.id, partner: world.partner }
      if (last === 'cancel') return cancelVoucher(deps, ask)
      await confirmVoucher(deps, ask)
      await fulfilOpenOrders(deps, card)
      return last === 'refund' ? refundVoucher(deps, ask) : null
    }
    const process = failing(world.deps, at)
    await run(process.deps).catch((error) => assert.ok(process.reached(), String(error)))
    await run(restarted)
    await fulfilOpenOrders(restarted, card)
    await decideLeftOver(restarted)
    const voucher = await findVoucher(world.db, { sessionId: session.id })
    const end = { confirm: 'ready', cancel: 'canceled', refund: supply === 'upstream' ? 'refunding' : 'refunded' }[last]
    assert.equal(voucher?.state, end, `${slug}`)
    const kept = end === 'ready' || end === 'refunding'
    assert.deepEqual(
      await world.balance(world.float.id),
      { balance: before.balance - (kept ? 1_000n : 0n), held: before.held },
      slug,
    )
    assert.deepEqual(await world.balance(store.brand.revenue), { balance: kept ? 900n : 1_000n, held: 0n }, slug)
    assert.equal(await world.cards(voucher.id), last === 'cancel' ? 0 : 1, slug)
    const told = await world.told(voucher.id)
    const expected = {
      confirm: ['reserved', 'confirmed', 'ready'],
      cancel: ['reserved', 'canceled'],
      refund: ['reserved', 'confirmed', 'ready', ...(kept ? [] : ['refunded'])],
    }[last]
    assert.deepEqual(told, expected, slug)
    if (!process.reached()) return at
  }
}

for (const [supply, last] of [
  ['own', 'cancel'],
  ['own', 'refund'],
  ['stock', 'confirm'],
  ['upstream', 'refund'],
] as const) {
  test(`a crash at any point on the way of a voucher (${supply}) to its ${last} ends as if there had been none`, async (t) => {
    const world = await createJackpotWorld({ float: '9000.00' })
    t.after(() => world.stop())
    const points = await enumerate(world, supply, last)
    t.diagnostic(`${points} points`)
    assert.ok(points >= 12)
    await world.assertClean()
  })
}
