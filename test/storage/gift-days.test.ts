import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { uuidV7 } from '../../src/domain/uuid.ts'
import { checkGiftDay, countGiftDays } from '../../src/storage/gift-days.ts'
import { readBreakage, sumBreakage, sumDailySales, sumMonthlySales, sumSales } from '../../src/storage/gift-reports.ts'
import { createGiftWorld } from '../support/gift-world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const NOW = Date.UTC(2031, 2, 10, 12, 0, 30)
const PERIOD = { from: new Date(Date.UTC(2031, 0, 1)), to: new Date(Date.UTC(2031, 2, 11)) }

let world: Awaited<ReturnType<typeof createGiftWorld>>
let brands: { id: string }[]
before(async () => {
  world = await createGiftWorld()
  brands = [await world.brand({ slug: 'days-a' }), await world.brand({ slug: 'days-b' })]
})
after(() => world.stop())

/** Orders and ends as they would have been written. Only what reports read is there: the books are not whole after it. */
async function write(moments: readonly number[]): Promise<void> {
  const status = (index: number) => (index % 7 === 3 ? 'failed' : index % 5 === 2 ? 'cancelled' : 'succeeded')
  const values = moments.map((at, index) => [
    uuidV7(at),
    brands[index % 2]?.id,
    String(100 + index),
    status(index),
    new Date(at),
    status(index) === 'failed' ? 'out-of-stock' : null,
  ])
  const column = (index: number) => values.map((row) => row[index])
  await world.db.query(
    `insert into gift_order (id, protocol, request_id, brand_id, asset_id, face, cost, discount_bp, delivery, status, error,
       transaction_id, created_at, ended_at)
     select u.id, 'tillo', u.id::text, u.brand, b.asset_id, u.face, u.face - 5, 0, 'code', u.status, u.error, u.id, u.at, u.at
     from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::timestamptz[], $6::text[]) as u (id, brand, face, status, at, error)
     join brand b on b.id = u.brand`,
    [column(0), column(1), column(2), column(3), column(4), column(5)],
  )
  await world.db.query(
    `with made as (
       insert into card (id, brand_id, asset_id, face, code_hash, code, tail, link_hash, link, status, issued_at)
       select id, brand_id, asset_id, face, sha256(id::text::bytea), '', 'x', sha256(id::text::bytea), '', 'ended', ended_at
       from gift_order where id = any($1::uuid[]) returning id, face, issued_at
     )
     insert into card_end (card_id, how, amount, transaction_id, at)
     select id, case when face % 3 = 0 then 'expired' else 'cancelled' end, face, id, issued_at from made`,
    [column(0)],
  )
}

/** The reports by way of the days are those that are counted afresh. */
async function assertSame(): Promise<void> {
  const fresh = await sumSales(world.db, PERIOD)
  const byMonth = new Map<string, bigint[]>()
  for (const { day, brand, orders, value, cost, cancelled, cancelled_value } of fresh) {
    const sums = byMonth.get(`${day.slice(0, 7)} ${brand}`) ?? [0n, 0n, 0n, 0n, 0n]
    const more = [orders, value, cost, cancelled, cancelled_value]
    byMonth.set(
      `${day.slice(0, 7)} ${brand}`,
      sums.map((sum, index) => sum + (more[index] as bigint)),
    )
  }
  const months = await sumMonthlySales(world.db, PERIOD)
  assert.deepEqual(
    new Map(
      months.map((row) => [
        `${row.month} ${row.brand}`,
        [row.orders, row.value, row.cost, row.cancelled, row.cancelled_value],
      ]),
    ),
    new Map([...byMonth].sort(([a], [b]) => (a.slice(0, 7) === b.slice(0, 7) ? (a < b ? -1 : 1) : a < b ? 1 : -1))),
  )
  const shown = [brands[0]?.id as string]
  const daily = await sumDailySales(world.db, PERIOD, shown)
  assert.deepEqual(
    daily.filter(({ brand }) => brand === 'days-a').map(({ day, value }) => [day, value]),
    fresh.filter(({ brand }) => brand === 'days-a').map(({ day, value }) => [day, value]),
  )
  assert.deepEqual(await readBreakage(world.db, PERIOD), await sumBreakage(world.db, PERIOD))
  const one = { ...PERIOD, brandId: brands[1]?.id }
  const sum = (rows: readonly { value: bigint }[]) => rows.reduce((total, { value }) => total + value, 0n)
  assert.equal(sum(await sumMonthlySales(world.db, one)), sum(await sumSales(world.db, one)))
}

test('sales and breakage are the same before days are counted, while several servers count them, and after', async () => {
  const midnight = Date.UTC(2031, 1, 1)
  await write([
    ...Array.from({ length: 60 }, (_, index) => NOW - 60 * DAY + index * 23 * HOUR),
    ...[midnight - 1, midnight, midnight + 1, NOW - 2 * MINUTE, NOW - 1],
  ])
  await assertSame()
  const reading = assertSame()
  const counted = await Promise.all(Array.from({ length: 3 }, () => countGiftDays(world.db, () => NOW)))
  await reading
  assert.ok(counted.reduce((sum, slices) => sum + slices, 0) >= 60)
  assert.equal(await countGiftDays(world.db, () => NOW), 0)
  await assertSame()
  // What came since, and what of the past was taken back.
  await write([NOW + 1_000, NOW + 2_000])
  await world.db.query(`update gift_order set status = 'cancelled' where status = 'succeeded' and face % 4 = 0`)
  await assertSame()
  assert.ok((await countGiftDays(world.db, () => NOW + HOUR)) > 0)
  await assertSame()
})

test('days are counted a second time one after another, and what is wrong is put right', async () => {
  await countGiftDays(world.db, () => NOW + HOUR)
  const first = await checkGiftDay(world.db)
  const second = await checkGiftDay(world.db)
  assert.ok(first && second && first.right && second.right && first.day < second.day)
  const [row] = await world.db.query<{ day: string }>(
    'update gift_day set value = value + 1 where day = (select min(day) from gift_day where day > $1::date) returning day::text',
    [second.day],
  )
  assert.deepEqual(await checkGiftDay(world.db), { day: row?.day, right: false })
  await assertSame()
  await world.db.query('update gift_until set checked = null')
  const days = await world.db.query<{ day: string }>('select distinct day from gift_day where day < $1', [
    new Date(NOW - DAY),
  ])
  for (let checked = 0; checked < days.length; checked++) assert.equal((await checkGiftDay(world.db))?.right, true)
})
