import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Period, readPeriod, type StatementLineName } from '../../../src/domain/statement.ts'
import { cancelOrder } from '../../../src/operations/gift-cards/cancel-order.ts'
import { placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { drawStatement, readBounds } from '../../../src/operations/statements/draw-statement.ts'
import type { EntryRange } from '../../../src/storage/statement-lines.ts'
import { createGiftWorld } from '../../support/gift-world.ts'
import { readFile } from './read-file.ts'

test('what is sold at once by many, and partly taken back, is in the statements of float and brand as it is in the ledger', async (t) => {
  const world = await createGiftWorld()
  t.after(() => world.stop())
  const { deps, partner, float } = world
  const brand = await world.brand({ slug: 'statement', cancellable: true, discountBp: 500, discountKeeper: 'operator' })
  await world.fund(float.id, 100_000n)
  const placed = await Promise.all(
    Array.from({ length: 20 }, (_, index) => placeOrder(deps, world.wish(brand, 2_500n, `statement-${index}`))),
  )
  const orders = placed.map((one) => {
    assert.ok(!('refusal' in one))
    return one
  })
  const cancelled = await Promise.all(
    orders.slice(0, 5).map(({ order, card }, index) =>
      cancelOrder(deps, {
        partner,
        scope: 'tillo',
        requestId: `statement-cancel-${index}`,
        operation: 'digital-cancel',
        content: 'cancel',
        order,
        brand,
        card: card?.row as NonNullable<typeof card>['row'],
        how: 'cancelled',
      }),
    ),
  )
  for (const one of cancelled) assert.ok(!('refusal' in one))
  const today = readPeriod(new Date().toISOString().slice(0, 7)) as Period
  const amounts = async (account: bigint) => {
    const { lines, closing } = await drawStatement(world.db, account, today, Date.now())
    const of = (name: StatementLineName) => lines.find((line) => line.name === name)?.amount
    return { sales: of('sales'), issued: of('issued'), credits: of('credits'), fees: of('fees'), closing }
  }
  const balance = (account: bigint) => world.balance(account).then((row) => row.balance)
  const ofFloat = await amounts(float.id)
  assert.deepEqual(
    { sales: ofFloat.sales, credits: ofFloat.credits, fees: ofFloat.fees, closing: ofFloat.closing },
    { sales: -50_000n, credits: 12_500n, fees: 0n, closing: await balance(float.id) },
  )
  const ofBrand = await amounts(brand.settlement)
  assert.deepEqual(
    { sales: ofBrand.sales, issued: ofBrand.issued, fees: ofBrand.fees, closing: ofBrand.closing },
    { sales: 50_000n, issued: -50_000n, fees: -20n * 125n + 5n * 125n, closing: await balance(brand.settlement) },
  )
  const { range } = (await readBounds(world.db, float.id, [today], Date.now()))[0] as { range: EntryRange }
  const file = await readFile(world.db, float.id, range, 7)
  const sold = file.filter(({ line }) => line === 'sales')
  assert.deepEqual(sold.map(({ order }) => order).sort(), orders.map(({ order }) => order.id).sort())
  assert.deepEqual(sold.map(({ requestId }) => requestId).sort(), orders.map(({ order }) => order.request_id).sort())
  assert.ok(sold.every(({ protocol, seller }) => protocol === 'tillo' && seller === 'statement'))
  await world.assertClean()
})
