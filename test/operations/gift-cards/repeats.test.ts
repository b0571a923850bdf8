import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { createGiftLookUps } from '../../../src/operations/gift-cards/look-ups.ts'
import { type OrderRefused, type PlacedOrder, placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { createGiftWorld, type GiftWorld } from '../../support/gift-world.ts'

const codeOf = (result: PlacedOrder | OrderRefused): string | undefined => {
  assert.ok(!('refusal' in result), 'refusal' in result ? result.refusal : '')
  return result.card?.secrets.code
}

describe('a request id that is used again when no repeat is expected', () => {
  let world: GiftWorld
  before(async () => {
    world = await createGiftWorld({ float: '1000.00', repeatsFollow: 0 })
  })
  after(() => world.stop())

  test('gets the first answer, 32 times at once among as many new ones, each of which gets its own card', async () => {
    const brand = await world.brand({ slug: 'unexpected' })
    const wish = world.wish(brand, 500n, 'first')
    const first = codeOf(await placeOrder(world.deps, wish))
    const { balance } = await world.balance(world.float.id)
    const results = await Promise.all(
      Array.from({ length: 64 }, (_, i) =>
        placeOrder(world.deps, i % 2 ? wish : world.wish(brand, 500n, `new-${i}`)).then(codeOf),
      ),
    )
    assert.deepEqual(new Set(results.filter((_, i) => i % 2 === 1)), new Set([first]))
    assert.equal(new Set(results).size, 33)
    assert.equal((await world.balance(world.float.id)).balance, balance - 32n * 500n)
    await world.assertClean()
  })

  test('leaves the code on the shelf that was taken for it', async () => {
    const brand = await world.brand({ slug: 'shelf', supply: 'stock' })
    await world.stock(brand, 500n, ['A-1', 'A-2'])
    const codes = ['one', 'one', 'two'].map((id) => world.wish(brand, 500n, id))
    const sold: (string | undefined)[] = []
    for (const wish of codes) sold.push(codeOf(await placeOrder(world.deps, wish)))
    assert.equal(sold[0], sold[1])
    assert.deepEqual([...new Set(sold)].sort(), ['A-1', 'A-2'])
    await world.assertClean()
  })

  test('is answered as it was carried out, also when the same could not be bought today', async (t) => {
    const small = await createGiftWorld({ float: '5.00', repeatsFollow: 0 })
    t.after(() => small.stop())
    const brand = await small.brand({ slug: 'poor' })
    const wish = small.wish(brand, 500n, 'poor')
    const first = codeOf(await placeOrder(small.deps, wish))
    assert.deepEqual(await placeOrder(small.deps, small.wish(brand, 500n, 'poor-2')), { refusal: 'insufficient-float' })
    assert.equal(codeOf(await placeOrder(small.deps, wish)), first)
    const paused = { ...brand, status: 'paused' as const }
    assert.equal(codeOf(await placeOrder(small.deps, { ...wish, brand: paused })), first)
    const altered = await placeOrder(small.deps, { ...wish, content: 'something else' })
    assert.equal('refusal' in altered && altered.refusal, 'request-conflict')
    await small.assertClean()
  })

  test('makes the next ones expected for a while, as a start does', async () => {
    const brand = await world.brand({ slug: 'after' })
    const key = { partnerId: world.partner.id, scope: 'tillo', requestId: 'after-1' }
    assert.equal(createGiftLookUps(world.db).expectsRepeats(), true)
    const lookUps = createGiftLookUps(world.db, 0)
    assert.equal(await lookUps.request(key), undefined)
    assert.equal(lookUps.expectsRepeats(), false)
    await placeOrder(world.deps, world.wish(brand, 500n, 'after-1'))
    const patient = createGiftLookUps(world.db, 300)
    while (patient.expectsRepeats()) await setTimeout(20)
    assert.notEqual(await patient.request(key), undefined)
    assert.equal(patient.expectsRepeats(), true)
  })
})
