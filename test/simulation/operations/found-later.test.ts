import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { confirmVoucher } from '../../../src/operations/jackpot/confirm-voucher.ts'
import { type ReserveWish, reserveVoucher } from '../../../src/operations/jackpot/reserve-voucher.ts'
import { type CreditResult, creditPurchase } from '../../../src/operations/purchases/credit-purchase.ts'
import { payEarly } from '../../../src/operations/purchases/pay-early.ts'
import { listParts } from '../../../src/storage/purchases.ts'
import { createJackpotWorld } from '../../operations/jackpot/world.ts'
import { createPurchaseWorld, type PurchaseWorld } from '../../support/purchase-world.ts'
import { createRandom } from '../random.ts'
import { openInstallation } from './installation.ts'
import type { Action, Stage } from './life.ts'
import { type Attempt, explain } from './search.ts'
import { vouchers } from './vouchers.ts'

/** Pays a part of 90.00 early; between its look at the part and its payment some of it is credited, once. */
async function payBesideCredit(world: PurchaseWorld, held: bigint, amount: bigint) {
  const wallet = await world.wallet(held)
  const purchase = await world.accepted(9_000n, wallet, 'deferred')
  const [part] = await listParts(world.db, purchase.id)
  assert.ok(part)
  const { merchant } = world
  let credit: Promise<CreditResult> | null = null
  const submit: typeof world.deps.ledger.submit = async (command) => {
    credit ??= creditPurchase(world.deps, { purchase, merchant, amount, actor: 'test' })
    assert.ok((await credit).done)
    return world.deps.ledger.submit(command)
  }
  const wish = { purchase, merchant, partyId: wallet.partyId, parts: [part.id], key: 'early' }
  const result = await payEarly({ ...world.deps, ledger: { ...world.deps.ledger, submit } }, wish)
  return { purchase, wallet, wish, result }
}

test('who pays a part early while some of it is credited pays what is left', async (t) => {
  const world = await createPurchaseWorld()
  t.after(() => world.stop())
  for (const [title, held] of [
    ['all of it is there', 9_000n],
    ['only what is left is there', 5_000n],
  ] as const) {
    const { purchase, wallet, wish, result } = await payBesideCredit(world, held, 4_000n)
    assert.deepEqual(result.done || result.refusal, true, title)
    const [part] = await listParts(world.db, purchase.id)
    assert.deepEqual([part?.state, part?.paid, part?.reduced], ['paid', 5_000n, 4_000n])
    assert.equal(await world.balance(wallet), held - 5_000n)
    const again = await payEarly(world.deps, wish)
    assert.ok(again.done && again.replayed)
  }
  await world.assertClean()
})

test('who pays a part early that is credited as a whole meanwhile is told that nothing is open', async (t) => {
  const world = await createPurchaseWorld()
  t.after(() => world.stop())
  const { wallet, result } = await payBesideCredit(world, 9_000n, 9_000n)
  assert.deepEqual(result, { done: false, refusal: 'part-not-open' })
  assert.equal(await world.balance(wallet), 9_000n)
  await world.assertClean()
})

test('a reservation that comes twice at once gets one voucher, also when it takes the last code', async (t) => {
  const world = await createJackpotWorld()
  t.after(() => world.stop())
  await world.change({ confirmation: 'automatic' })
  const { brand, offer } = await world.store('last', {}, { supply: 'stock' })
  await world.stock(brand, 1_000n, ['LAST'])
  const session = await world.session(100)
  const wish: ReserveWish = { session, storeId: brand.id, offerId: offer.id, by: 'value', amount: 1_000n }
  // The twin is done, and has the code, between the look for it and the look at the stock.
  let twin: Awaited<ReturnType<typeof reserveVoucher>> | null = null
  const { lookUps } = world.deps
  const request: typeof lookUps.request = async (key) => {
    const found = await lookUps.request(key)
    twin ??= await reserveVoucher(world.deps, wish)
    return found
  }
  const result = await reserveVoucher({ ...world.deps, lookUps: { ...lookUps, request } }, wish)
  assert.deepEqual(
    [twin, result].map((it) => (it !== null && 'voucher' in it ? it.voucher.state : it)),
    ['ready', 'ready'],
  )
  await world.assertClean()
})

test('a reservation that is over before it is made stands, holds nothing any more and cannot be confirmed', async (t) => {
  const world = await createJackpotWorld()
  t.after(() => world.stop())
  const { brand, offer } = await world.store('over')
  const session = await world.session(100)
  const behind = { ...world.deps, clock: () => Date.now() - 49 * 3_600_000 }
  const wish = { session, storeId: brand.id, offerId: offer.id, by: 'value', amount: 1_000n } as const
  const reserved = await reserveVoucher(behind, wish)
  assert.ok('voucher' in reserved && reserved.voucher.expires_at < new Date())
  const answer = await confirmVoucher(world.deps, { voucherId: reserved.voucher.id, partner: world.partner })
  assert.deepEqual(answer, { refusal: 'reservation-expired', state: 'reserved' })
  assert.deepEqual(await world.balance(world.float.id), { balance: 100_000n, held: 0n })
  await world.assertClean()
})

test('the model explains a reservation that was over before it was made', async (t) => {
  const installation = await openInstallation()
  t.after(() => installation.close())
  const random = createRandom(1)
  const [{ deps }] = installation.processes as [(typeof installation.processes)[number]]
  const stage: Stage = { tag: '1', random, installation, deps, clock: Date.now, advance() {}, trace() {} }
  const scene = await vouchers.begin(stage)
  type State = typeof scene.start
  const attempt = async (action: Action<State>, heard: boolean): Promise<Attempt<State>> => {
    const { text, model } = action
    const from = Date.now()
    const answer = await action
      .run(heard ? deps : { ...deps, db: { ...deps.db, query: () => Promise.reject() } })
      .catch(() => null)
    return { text, model, answer, never: false, from, to: Date.now(), others: 0 }
  }
  const chosen = (state: State, fits: RegExp): Action<State> => {
    for (let tries = 0; tries < 10_000; tries++) {
      const action: Action<State> = scene.choose(state as never)
      if (fits.test(action.text)) return action
    }
    throw new Error(`nothing like ${fits} is ever chosen`)
  }
  const opened = await attempt(chosen(scene.start, /^session \w+ of 5000/), true)
  const [state] = explain([scene.start], [[opened]], () => true)
  assert.ok(state && opened.answer === 'ok')
  const late = chosen(state, /reserves own value 500 for 25 ms/)
  const unheard = await attempt(late, false)
  await sleep(40)
  const heard = await attempt(late, true)
  assert.deepEqual([unheard.answer, heard.answer], [null, 'ok'])
  const seen = await scene.observe()
  const show = (it: State) => JSON.stringify(Object.entries(scene.show(it as never)).sort())
  const books = JSON.stringify(Object.entries(seen).sort())
  const first = { ...unheard, never: true }
  assert.equal(explain([state], [[first, heard]], (it) => show(it) === books).length, 1)
})
