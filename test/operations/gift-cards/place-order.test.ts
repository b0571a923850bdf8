import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { cancelOrder } from '../../../src/operations/gift-cards/cancel-order.ts'
import { fulfilOpenOrders } from '../../../src/operations/gift-cards/fulfil-order.ts'
import { type OrderRefused, type PlacedOrder, placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { createGiftWorld, type GiftWorld } from '../../support/gift-world.ts'

const many = <T>(count: number, make: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => make(i)))
const placed = (result: PlacedOrder | OrderRefused): PlacedOrder => {
  assert.ok(!('refusal' in result), JSON.stringify('refusal' in result && result.refusal))
  return result
}
const refusalOf = (result: object) => ('refusal' in result ? result.refusal : 'done')
const noUpstream = async () => ({ status: 'pending' as const })

describe('buying a gift card', () => {
  let world: GiftWorld
  before(async () => {
    world = await createGiftWorld({ float: '100000.00' })
  })
  after(() => world.stop())

  test('of our own moves the price from the float, and the value to the card’s account', async () => {
    const brand = await world.brand({ slug: 'own-ten', discountBp: 333 })
    const { balance: before } = await world.balance(world.float.id)
    const { order, card, request } = placed(await placeOrder(world.deps, world.wish(brand, 1000n, 'own-1')))
    // 3.33 % of 10.00 is 33.3 cents: rounded down.
    assert.deepEqual([order.cost, order.status], [967n, 'succeeded'])
    assert.equal((await world.balance(world.float.id)).balance, before - 967n)
    assert.deepEqual([order.float_after, request.float_after], [before - 967n, before - 967n])
    assert.equal((await world.balance(card?.row.account_id as bigint)).balance, 1000n)
    assert.equal((await world.balance(brand.settlement)).balance, -33n)
    assert.match(card?.secrets.code ?? '', /^[0-9A-HJKMNP-TV-Z]{20}$/)
    await world.assertClean()
  })

  test('leaves the discount to the operator where the operator keeps it', async () => {
    const brand = await world.brand({ slug: 'kept', discountBp: 500, discountKeeper: 'operator' })
    const { order } = placed(await placeOrder(world.deps, world.wish(brand, 2000n, 'kept-1')))
    assert.equal(order.cost, 2000n)
    assert.equal((await world.balance(brand.revenue)).balance, 100n)
    await world.assertClean()
  })

  test('with one request id, 64 times in two processes, buys one card', async () => {
    const brand = await world.brand({ slug: 'once' })
    const other = await world.openDeps()
    const { balance: before } = await world.balance(world.float.id)
    const wish = world.wish(brand, 2500n, 'once-1')
    const results = await many(64, (i) => placeOrder(i % 2 ? world.deps : other, wish))
    const codes = new Set(results.map((result) => placed(result).card?.secrets.code))
    assert.equal(codes.size, 1)
    assert.equal(results.filter((result) => !placed(result).repeated).length, 1)
    assert.equal((await world.balance(world.float.id)).balance, before - 2500n)
    const first = placed(results.find((result) => !placed(result).repeated) as PlacedOrder).order
    const again = placed(await placeOrder(await world.openDeps(), wish)).order
    // Read back it is the order that was placed, and has what only other kinds of orders use.
    for (const [member, value] of Object.entries(first)) assert.deepEqual(Reflect.get(again, member), value, member)
    const otherValue = await placeOrder(world.deps, world.wish(brand, 3000n, 'once-1'))
    assert.equal(refusalOf(otherValue), 'request-conflict')
    await world.assertClean()
  })

  test('by 64 buyers never overdraws the float', async () => {
    const small = await createGiftWorld({ float: '50.00' })
    const brand = await small.brand({ slug: 'raced' })
    const other = await small.openDeps()
    const results = await many(64, (i) => placeOrder(i % 2 ? small.deps : other, small.wish(brand, 500n, `raced-${i}`)))
    const outcomes = results.map(refusalOf)
    assert.equal(outcomes.filter((it) => it === 'done').length, 10)
    assert.equal(outcomes.filter((it) => it === 'insufficient-float').length, 54)
    assert.equal((await small.balance(small.float.id)).balance, 0n)
    await small.assertClean()
    await small.stop()
  })

  test('sells the last code of a stock once, to one of 32 in two processes, and says to the others that it is out', async () => {
    const brand = await world.brand({ slug: 'stocked', supply: 'stock', validityDays: 365 })
    await world.stock(brand, 1500n, ['LAST-0001', 'LAST-0002', 'LAST-0003'])
    const other = await world.openDeps()
    const results = await many(32, (i) =>
      placeOrder(i % 2 ? world.deps : other, world.wish(brand, 1500n, `stocked-${i}`)),
    )
    const codes = results.flatMap((it) => ('refusal' in it ? [] : [it.card?.secrets.code]))
    assert.deepEqual(codes.sort(), ['LAST-0001', 'LAST-0002', 'LAST-0003'])
    assert.equal(results.filter((it) => refusalOf(it) === 'out-of-stock').length, 29)
    const sold = await world.db.query(
      'select from stock_code where brand_id = $1 and sold = 1 and order_id is not null',
      [brand.id],
    )
    assert.equal(sold.length, 3)
    await world.assertClean()
  })

  test('takes the codes that expire first, and none that have expired', async () => {
    const brand = await world.brand({ slug: 'expiring', supply: 'stock' })
    await world.stock(brand, 500n, ['OLD-1'], '2020-01-01')
    await world.stock(brand, 500n, ['LATER-1'], '2099-12-31')
    await world.stock(brand, 500n, ['SOON-1'], '2098-01-01')
    const first = placed(await placeOrder(world.deps, world.wish(brand, 500n, 'expiring-1')))
    assert.equal(first.card?.secrets.code, 'SOON-1')
    assert.equal(first.card?.row.expires_at?.toISOString().slice(0, 10), '2098-01-01')
    placed(await placeOrder(world.deps, world.wish(brand, 500n, 'expiring-2')))
    assert.equal(refusalOf(await placeOrder(world.deps, world.wish(brand, 500n, 'expiring-3'))), 'out-of-stock')
  })

  test('refuses what the brand does not sell, and moves nothing', async () => {
    const { balance: before } = await world.balance(world.float.id)
    const brand = await world.brand({ slug: 'picky' })
    const paused = await world.brand({ slug: 'paused', status: 'paused' })
    const later = await world.brand({ slug: 'later', asynchronous: true })
    const refused = async (...args: Parameters<typeof world.wish>) =>
      refusalOf(await placeOrder(world.deps, world.wish(...args)))
    assert.equal(await refused(brand, 499n, 'no-1'), 'value-not-offered')
    assert.equal(await refused(brand, 750n, 'no-2'), 'value-not-offered')
    assert.equal(await refused(brand, 50_500n, 'no-3'), 'value-not-offered')
    assert.equal(await refused(brand, 500n, 'no-4', { delivery: 'email' }), 'delivery-not-offered')
    assert.equal(await refused(paused, 500n, 'no-5'), 'brand-paused')
    assert.equal(await refused(later, 500n, 'no-6'), 'asynchronous-only')
    assert.equal((await world.balance(world.float.id)).balance, before)
  })

  test('later holds the price until the worker, in two processes, issues one card', async () => {
    const brand = await world.brand({ slug: 'slow', asynchronous: true, discountBp: 1000 })
    const other = await world.openDeps()
    const { balance: before, held } = await world.balance(world.float.id)
    const wish = world.wish(brand, 1000n, 'slow-1', { later: true })
    const open = placed(await placeOrder(world.deps, wish))
    assert.deepEqual([open.order.status, open.card], ['requested', null])
    assert.deepEqual(await world.balance(world.float.id), { balance: before, held: held + 900n })
    const ended = await many(8, (i) => fulfilOpenOrders(i % 2 ? world.deps : other, noUpstream))
    assert.equal(
      ended.reduce((a, b) => a + b, 0),
      1,
    )
    const done = placed(await placeOrder(world.deps, wish))
    assert.deepEqual([done.order.status, done.order.float_after, done.repeated], ['succeeded', before - 900n, true])
    assert.equal((await world.balance(done.card?.row.account_id as bigint)).balance, 1000n)
    assert.deepEqual(await world.balance(world.float.id), { balance: before - 900n, held })
    await world.assertClean()
  })

  test('later gives the price back when there is no card', async () => {
    const brand = await world.brand({ slug: 'never', supply: 'stock', asynchronous: true })
    const { balance: before, held } = await world.balance(world.float.id)
    const wish = world.wish(brand, 1000n, 'never-1', { later: true })
    placed(await placeOrder(world.deps, wish))
    await fulfilOpenOrders(world.deps, noUpstream)
    const { order, card } = placed(await placeOrder(world.deps, wish))
    assert.deepEqual([order.status, order.error, card], ['failed', 'out-of-stock', null])
    assert.deepEqual(await world.balance(world.float.id), { balance: before, held })
    await world.assertClean()
  })

  test('and handing it back, 64 times at once, pays the price back once', async () => {
    const brand = await world.brand({ slug: 'back', cancellable: true, discountBp: 500, discountKeeper: 'operator' })
    const { balance: before } = await world.balance(world.float.id)
    const { order, card } = placed(await placeOrder(world.deps, world.wish(brand, 1000n, 'back-1')))
    const { partner } = world
    const cancel = (requestId: string) =>
      cancelOrder(world.deps, {
        partner,
        scope: 'tillo',
        requestId,
        operation: 'cancel',
        content: 'back',
        order,
        card: card?.row as NonNullable<typeof card>['row'],
        brand,
        how: 'cancelled',
      })
    const same = await many(32, () => cancel('back-2'))
    assert.equal(same.filter((it) => !('refusal' in it) && !it.repeated).length, 1)
    const others = await many(32, (i) => cancel(`back-${i + 3}`))
    assert.deepEqual([...new Set(others.map(refusalOf))], ['card-ended'])
    assert.equal((await world.balance(world.float.id)).balance, before)
    assert.deepEqual(
      [await world.balance(brand.settlement), await world.balance(brand.revenue)].map(({ balance }) => balance),
      [0n, 0n],
    )
    await world.assertClean()
  })
})
