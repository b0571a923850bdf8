import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { uuidV7 } from '../../src/domain/uuid.ts'
import { countFlows, flowDays, readFlows } from '../../src/storage/flows.ts'
import { readFigures, refreshFigures } from '../../src/storage/overview-figures.ts'
import { readWellBeing } from '../../src/storage/well-being.ts'
import { type SandboxServer, startSandboxServer } from '../support/server.ts'

const MINUTE = 60_000
const DAY = 86_400_000

let server: SandboxServer
before(async () => {
  server = await startSandboxServer()
})
after(() => server.stop())

/** Transfers as they would have been written at a moment. Only what is counted is there: the books are not whole after it. */
async function transfers(source: string, target: string, at: number, count: number, amount = 5n): Promise<void> {
  const ids = Array.from({ length: count }, (_, index) => uuidV7(at + index))
  await server.db.query(
    `insert into transfer (transaction_id, amount, source, target, asset_id, leg)
     select u.id, $2, s.id, t.id, a.asset_id, 0 from unnest($1::uuid[]) as u (id),
       wallet s join account a on a.id = s.id, wallet t
     where s.namespace || ':' || s.number || ':' || s.currency = $3 and t.namespace || ':' || t.number || ':' || t.currency = $4`,
    [ids, amount, source, target],
  )
}

const sums = async (now: number) => {
  const { flows, until } = await readFlows(server.db, now)
  const [usd] = await server.db.query<{ id: number }>("select id from asset where code = 'KWD'")
  const mine = flows.filter(({ asset }) => asset === usd?.id)
  return {
    until,
    days: Object.fromEntries(mine.map(({ day, way, amount, count }) => [`${day} ${way}`, [amount, count]])),
  }
}

const day = (at: number) => new Date(at).toISOString().slice(0, 10)

test('flows are the same before they are counted, while they are, and after; each transfer counts once', async () => {
  const now = Math.floor(Date.now() / DAY) * DAY + 12 * 3_600_000
  const [bank, shop] = ['bank:gateway:KWD', 'shop:corner-cafe:KWD']
  const till = 'shop:corner-kiosk:KWD'
  await server.open(await server.party(), { id: till })
  await transfers(bank, shop, now - 3 * DAY, 7)
  await transfers(shop, till, now - 3 * DAY + MINUTE, 3, 2n)
  await transfers(shop, bank, now - 40 * MINUTE, 2)
  await transfers(bank, shop, now - MINUTE, 4)
  await transfers(bank, shop, now - 40 * DAY, 9)
  const expected = {
    [`${day(now - 3 * DAY)} in`]: [35n, 7n],
    [`${day(now - 3 * DAY)} moved`]: [6n, 3n],
    [`${day(now)} in`]: [20n, 4n],
    [`${day(now)} out`]: [10n, 2n],
  }
  assert.deepEqual(await sums(now), { until: null, days: expected })
  const counted = await Promise.all(Array.from({ length: 4 }, () => countFlows(server.db, () => now)))
  assert.equal(counted.reduce((sum, slices) => sum + slices, 0) >= 2, true)
  assert.deepEqual(await sums(now), { until: null, days: expected })
  await transfers(bank, shop, now + 20 * MINUTE, 5)
  await countFlows(server.db, () => now + 40 * MINUTE)
  const later = { ...expected, [`${day(now)} in`]: [45n, 9n] }
  assert.deepEqual((await sums(now + 40 * MINUTE)).days, later)
  assert.equal(flowDays(now).length, 30)
  assert.equal(flowDays(now).at(-1), day(now))
})

test('a tail that is too long is shown as far as it was read', async () => {
  const now = Date.now() + 2 * DAY
  await transfers('bank:gateway:JPY', 'shop:corner-cafe:JPY', now - 30_000, 5_500, 1n)
  const { until } = await readFlows(server.db, now)
  assert.ok(until && until.getTime() < now)
})

test('money has a place, and all places of an asset sum up to nothing', async () => {
  const figures = await readFigures(server.db, new Date())
  assert.ok(figures)
  const byAsset = Map.groupBy(figures.held, ({ asset }) => asset)
  for (const rows of byAsset.values())
    assert.equal(
      rows.reduce((sum, row) => sum + row.sum, 0n),
      0n,
    )
  assert.ok(figures.held.some(({ place, sum }) => place === 'floats' && sum > 0n))
  assert.ok(figures.held.some(({ place, sum }) => place === 'issuing' && sum < 0n))
})

test('where there is much, figures are made by one server at a time and shown as they were made', async () => {
  assert.equal(await refreshFigures(server.db, Date.now), false)
  await server.db.query(
    `insert into account (id, changed_at, asset_id) select 1000000000 + n, now(), 1 from generate_series(1, 10001) as n`,
  )
  const now = new Date()
  assert.equal(await readFigures(server.db, now), null)
  const made = await Promise.all(Array.from({ length: 4 }, () => refreshFigures(server.db, Date.now)))
  assert.equal(made.filter(Boolean).length, 1)
  assert.equal(await refreshFigures(server.db, Date.now), false)
  const figures = await readFigures(server.db, now)
  assert.ok(figures)
  assert.ok(figures.held.every(({ sum, accounts }) => typeof sum === 'bigint' && typeof accounts === 'bigint'))
  assert.equal(await refreshFigures(server.db, () => Date.now() + 10 * MINUTE), true)
})

test('what needs somebody is counted, no further than a hundred', async () => {
  const none = await readWellBeing(server.db)
  await server.db.query(
    `insert into delivery (id, form, receiver, object, topic, body, status, next_attempt_at, created_at, ended_at)
     select gen_random_uuid(), 'webhook', gen_random_uuid(), 'x', 'x', '{}', 'failed', now(), now(), now() from generate_series(1, 150)`,
  )
  const some = await readWellBeing(server.db)
  assert.equal(none.failed_deliveries, 0)
  assert.equal(some.failed_deliveries, 101)
})
