import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cancelOrder } from '../../../src/operations/gift-cards/cancel-order.ts'
import { cashOutCard } from '../../../src/operations/gift-cards/cash-out-card.ts'
import { fulfilOrder } from '../../../src/operations/gift-cards/fulfil-order.ts'
import { loadCard } from '../../../src/operations/gift-cards/load-card.ts'
import { placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { unloadCard } from '../../../src/operations/gift-cards/unload-card.ts'
import { OperationRefusal } from '../../../src/operations/input.ts'
import { confirmVoucher } from '../../../src/operations/jackpot/confirm-voucher.ts'
import { settleRefund } from '../../../src/operations/jackpot/refund-voucher.ts'
import { creditPurchase } from '../../../src/operations/purchases/credit-purchase.ts'
import { findSale } from '../../../src/storage/gift-sales.ts'
import { findOrder } from '../../../src/storage/orders.ts'
import { findVoucher } from '../../../src/storage/vouchers.ts'
import { createJackpotWorld } from '../../operations/jackpot/world.ts'
import { createGiftWorld } from '../../support/gift-world.ts'
import { createPurchaseWorld } from '../../support/purchase-world.ts'
import { account } from './books.ts'
import { valueActions } from './partners-cards.ts'
import type { PartnerScene } from './partners-scene.ts'
import { emptyPartner } from './partners-state.ts'
import { createVendor, createWorkers, type Happening, VENDOR } from './upstream.ts'

test('a credit that comes twice at once under one key is told twice that it was made, also when it takes all that the merchant has', async (t) => {
  const world = await createPurchaseWorld()
  t.after(() => world.stop())
  const purchase = await world.accepted(9_000n, await world.wallet(9_000n), 'now')
  const credit = () =>
    creditPurchase(world.deps, { purchase, merchant: world.merchant, amount: 9_000n, actor: 'test', key: 'once' })
  const results = await Promise.all([credit(), credit()])
  assert.deepEqual(
    results.map((result) => result.done || result.refusal),
    [true, true],
  )
  assert.equal(await world.balance(world.shop), 0n)
  await world.assertClean()
})

test('a cancellation that comes twice at once under one request id is told twice that it was done', async (t) => {
  const world = await createGiftWorld()
  t.after(() => world.stop())
  const brand = await world.brand({ slug: 'twice', cancellable: true })
  const placed = await placeOrder(world.deps, world.wish(brand, 1000n, 'order'))
  assert.ok(!('refusal' in placed) && placed.card)
  const { order, card } = placed
  const request = { scope: 'tillo', requestId: 'cancel', operation: 'cancel', content: 'order' }
  const cancel = () =>
    cancelOrder(world.deps, { ...request, partner: world.partner, order, card: card.row, brand, how: 'cancelled' })
  const results = await Promise.all([cancel(), cancel()])
  assert.deepEqual(
    results.map((result) => ('refusal' in result ? result.refusal : 'done')),
    ['done', 'done'],
  )
  assert.deepEqual(await world.balance(world.float.id), { balance: 100_000n, held: 0n })
  await world.assertClean()
})

test('an order and a top-up that come twice at once get one answer, also when they take the last code and all of the float', async (t) => {
  const world = await createGiftWorld({ float: '30.00', repeatsFollow: 0 })
  t.after(() => world.stop())
  const stocked = await world.brand({ slug: 'last', supply: 'stock' })
  await world.stock(stocked, 1000n, ['LAST'])
  const own = await world.brand({ slug: 'own' })
  const twice = <T>(make: () => Promise<T>) => Promise.all([make(), make()])
  const cards = []
  for (const brand of [stocked, own]) {
    const results = await twice(() => placeOrder(world.deps, world.wish(brand, 1000n, brand.slug)))
    assert.deepEqual(
      results.map((result) => ('refusal' in result ? result.refusal : result.repeated)).sort(),
      [false, true],
      brand.slug,
    )
    cards.push(...results.flatMap((result) => ('refusal' in result || !result.card ? [] : [result.card.row])))
  }
  const card = cards.at(-1) as (typeof cards)[number]
  const wish = { ...world.wish(own, 1000n, 'load'), operation: 'top-up', protocol: 'tillo' as const, card }
  const loaded = await twice(() => loadCard(world.deps, wish))
  assert.deepEqual(loaded.map((result) => ('refusal' in result ? result.refusal : result.repeated)).sort(), [
    false,
    true,
  ])
  assert.deepEqual(await world.balance(world.float.id), { balance: 0n, held: 0n })
  await world.assertClean()
})

test('a voucher that an operator cannot take back, because its card was used, stays as it was', async (t) => {
  const world = await createJackpotWorld()
  t.after(() => world.stop())
  const store = await world.store('used')
  const { id } = await world.reserve(store)
  assert.ok('voucher' in (await confirmVoucher(world.deps, { voucherId: id, partner: world.partner })))
  const [card] = await world.db.query<{ account_id: bigint }>('select account_id from card where order_id = $1', [id])
  await world.takeOut(card?.account_id as bigint, 1n)
  const settle = () => settleRefund(world.deps, 'operator', { voucherId: id, accept: true })
  await assert.rejects(settle, (error) => error instanceof OperationRefusal && error.code === 'conflict')
  assert.equal((await findVoucher(world.db, { id }))?.state, 'ready')
  await world.fund(card?.account_id as bigint, 1n)
  assert.equal((await settle()).state, 'refunded')
  await world.assertClean()
})

test('an order whose card the vendor has sold unheard does not fail when the vendor refuses its next caller', async (t) => {
  const world = await createGiftWorld()
  t.after(() => world.stop())
  const brand = await world.brand({ slug: 'bought', supply: 'upstream', upstream: VENDOR })
  const placed = await placeOrder(world.deps, world.wish(brand, 5_000n, 'order'))
  assert.ok(!('refusal' in placed))
  const happenings: Happening[] = ['lost-answer', 'lost-answer', 'denied', 'denied', 'well']
  const vendor = createVendor(() => happenings.shift() ?? 'well', 1)
  const worker = createWorkers()
  const look = async () => {
    await fulfilOrder(worker(world.deps), vendor.buy(world.deps), placed.order.id)
    return (await findOrder(world.db, placed.order.id))?.status
  }
  assert.deepEqual([await look(), vendor.sold(placed.order.id)], ['processing', true])
  while (happenings.length > 1) assert.equal(await look(), 'processing', 'the vendor has not said that it sold none')
  assert.equal(await look(), 'succeeded')
  await world.assertClean()
})

test('a cash-out that comes twice at once is told twice that it was done', async (t) => {
  const world = await createGiftWorld()
  t.after(() => world.stop())
  const brand = await world.brand({ slug: 'own' })
  const placed = await placeOrder(world.deps, world.wish(brand, 5_000n, 'order'))
  assert.ok(!('refusal' in placed) && placed.card)
  const wish = { ...world.wish(brand, 5_000n, 'cash-out'), operation: 'cash-out', card: placed.card.row }
  // The twin is done between the look for it and the look at the card.
  let twin: Awaited<ReturnType<typeof cashOutCard>> | null = null
  const { lookUps } = world.deps
  const request: typeof lookUps.request = async (key) => {
    const found = await lookUps.request(key)
    twin ??= await cashOutCard(world.deps, wish)
    return found
  }
  const result = await cashOutCard({ ...world.deps, lookUps: { ...lookUps, request } }, wish)
  assert.deepEqual(
    [twin, result].map((it) => (it === null || 'refusal' in it ? it : it.repeated)),
    [false, true],
  )
  assert.deepEqual(await world.balance(world.float.id), { balance: 100_000n, held: 0n })
  await world.assertClean()
})

test('a code that another request has handed back meanwhile has ended: it is not said that the books cannot pay at present', async (t) => {
  const world = await createGiftWorld()
  t.after(() => world.stop())
  const brand = await world.brand({
    ...{ slug: 'stock', supply: 'stock', cancellable: true },
    ...{ discountBp: 500, discountKeeper: 'operator' },
  })
  await world.stock(brand, 1_000n, ['ONLY'])
  const placed = await placeOrder(world.deps, world.wish(brand, 1_000n, 'order'))
  assert.ok(!('refusal' in placed) && placed.card)
  const { order, card } = placed
  const wish = {
    scope: 'tillo',
    operation: 'cancel',
    content: 'order',
    partner: world.partner,
    how: 'cancelled' as const,
  }
  // Each has read the card before the other was done.
  const cancel = (requestId: string) => cancelOrder(world.deps, { ...wish, requestId, order, card: card.row, brand })
  assert.ok(!('refusal' in (await cancel('first'))))
  assert.deepEqual(await cancel('second'), { refusal: 'card-ended' })
  assert.deepEqual(await world.balance(world.float.id), { balance: 100_000n, held: 0n })
  await world.assertClean()
})

test('a top-up that another request has taken back meanwhile has ended, also when the card holds less than its value now', async (t) => {
  const world = await createGiftWorld()
  t.after(() => world.stop())
  const brand = await world.brand({ slug: 'own', discountBp: 500, discountKeeper: 'operator' })
  const placed = await placeOrder(world.deps, world.wish(brand, 1_000n, 'order'))
  assert.ok(!('refusal' in placed) && placed.card)
  const card = placed.card.row
  const loaded = await loadCard(world.deps, { ...world.wish(brand, 4_000n, 'load'), protocol: 'tillo', card })
  assert.ok(!('refusal' in loaded))
  const sale = await findSale(world.db, loaded.request.order_id as string)
  assert.ok(sale)
  const unload = (name: string) => unloadCard(world.deps, { ...world.wish(brand, 4_000n, name), brand, card, sale })
  assert.ok(!('refusal' in (await unload('first'))))
  assert.deepEqual(await unload('second'), { refusal: 'card-ended' })
  assert.deepEqual(await world.balance(card.account_id as bigint), { balance: 1_000n, held: 0n })
  await world.assertClean()
})

test('a top-up of a card that ends meanwhile may hear what the float misses, and the model knows it', async (t) => {
  const world = await createGiftWorld({ float: '10.00' })
  t.after(() => world.stop())
  const brand = await world.brand({ slug: 'own' })
  const placed = await placeOrder(world.deps, world.wish(brand, 1_000n, 'order'))
  assert.ok(!('refusal' in placed) && placed.card)
  const card = placed.card.row
  assert.ok(!('refusal' in (await cashOutCard(world.deps, { ...world.wish(brand, 1_000n, 'cash-out'), card }))))
  // It has read the card before that ended: both are so, and the ledger names the first of its reasons.
  const result = await loadCard(world.deps, { ...world.wish(brand, 1_500n, 'load'), protocol: 'tillo', card })
  assert.deepEqual(result, { refusal: 'insufficient-float' })
  await world.assertClean()

  const ended = { ...emptyPartner(), cards: { p0: 'ended cashed-out' } }
  const state = { ...ended, accounts: { ...ended.accounts, p0: { ...account(), status: 'closed' as const } } }
  const terms: PartnerScene['terms'] = { bp: 0, keeper: 'partner', most: { partner: [3, 20_000] } }
  const scene = { stage: { tag: '' }, terms, request: () => 'r1', whose: () => ({ address: '192.0.2.1' }) }
  const known = { ...scene, pick: <T>(of: readonly T[]) => of[0] as T } as unknown as PartnerScene
  const [load] = valueActions(known, () => assert.fail())
  const answers = (others: number) =>
    load?.(state)
      .model(state, { from: 0, to: 1, others })
      .map(({ answer }) => answer)
  assert.deepEqual(answers(1), ['no card-ended', 'no insufficient-float'])
  assert.deepEqual(answers(0), ['no card-ended'], 'nothing was meanwhile')
})
