import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { createKeyring } from '../../src/credentials/keyring.ts'
import type { RateRule } from '../../src/credentials/rate.ts'
import { createSharedRates, type SharedRates } from '../../src/credentials/shared-rates.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { addRates, deleteOldRates } from '../../src/storage/request-rates.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const keyring = createKeyring([randomBytes(32)])
let database: TestDatabase
let names = 0
before(async () => {
  database = await createTestDatabase()
})
after(() => database.drop())

/** Processes on one database that exchange when the test says so, with one limit of a name of its own. */
function start(count: number, rule: Partial<RateRule> = {}) {
  const name = `test-${names++}`
  const warned: unknown[] = []
  return Array.from({ length: count }, () => {
    const log = { warn: (...what: unknown[]) => void warned.push(what), info: () => {} }
    const rates = createSharedRates({ db: database.db, keyring, log, interval: 600_000 })
    const { take, left } = rates.limit({ name, limit: 10, length: 60_000, ...rule })
    return { rates, take, left, warned }
  }) as [Process, Process, ...Process[]]
}
type Process = { rates: SharedRates; take(caller: string): number; left(caller: string): number; warned: unknown[] }

const passed = (process: Process, attempts: number, caller = 'a') =>
  Array.from({ length: attempts }, () => process.take(caller)).filter((seconds) => seconds === 0).length

test('what one process lets through counts in the others once both have exchanged', async () => {
  const [one, other] = start(2)
  assert.equal(passed(one, 7), 7)
  await one.rates.exchange()
  // It does not know yet, and hears with its own first difference.
  assert.equal(passed(other, 1), 1)
  await other.rates.exchange()
  assert.deepEqual([other.left('a'), passed(other, 50)], [2, 2])
  assert.equal(passed(other, 1, 'b'), 1)
  await other.rates.exchange()
  assert.equal(passed(one, 1), 1)
  await one.rates.exchange()
  assert.deepEqual([one.left('a'), one.take('a') > 0], [0, true])
})

test('between two exchanges a burst gets through once in each process, and no more in its whole window', async () => {
  const processes = start(3)
  const burst = () => processes.reduce((sum, one) => sum + passed(one, 100), 0)
  assert.equal(burst(), 3 * 10)
  for (let round = 0; round < 5; round++) {
    await Promise.all(processes.map(({ rates }) => rates.exchange()))
    assert.equal(burst(), 0)
  }
})

test('a caller that asks steadily exceeds the limit by what arrives in one interval, whatever the order of exchanges', async () => {
  const processes = start(4, { limit: 200 })
  const arriving = 5
  let total = 0
  for (let interval = 0; interval < 30; interval++) {
    for (const one of processes) total += passed(one, arriving)
    await Promise.all(processes.map(({ rates }) => rates.exchange()))
  }
  assert.ok(total >= 200 && total <= 200 + (processes.length - 1) * arriving * 2, String(total))
})

test('sixty-four callers of sixteen processes at once: nothing is lost, counted twice or locked in a circle', async () => {
  const processes = start(16, { limit: 1_000_000 })
  const callers = Array.from({ length: 64 }, (_, n) => `caller-${n}`)
  for (let round = 0; round < 3; round++) {
    await Promise.all(
      processes.map(async (one, n) => {
        // Each meets the callers in another order.
        for (const caller of [...callers.slice(n * 4), ...callers.slice(0, n * 4)]) one.take(caller)
        await one.rates.exchange()
      }),
    )
  }
  const [one] = processes
  for (const caller of callers) one.take(caller)
  await one.rates.exchange()
  for (const caller of callers) assert.equal(one.left(caller), 1_000_000 - 16 * 3 - 1)
  assert.deepEqual(one.warned, [])
})

test('a window rolls in every process when the one that they share is over, and ends when it began with the first', async () => {
  const time = { now: Date.now() }
  const [one, other] = start(2, { clock: () => time.now })
  assert.equal(passed(one, 20), 10)
  await one.rates.exchange()
  time.now += 30_000
  assert.equal(passed(other, 1), 1)
  await other.rates.exchange()
  assert.equal(other.take('a'), 30)
  time.now += 29_999
  assert.deepEqual([one.take('a'), other.take('a')], [1, 1])
  time.now += 1
  assert.deepEqual([passed(one, 4), passed(other, 4)], [4, 4])
  await one.rates.exchange()
  await other.rates.exchange()
  assert.equal(other.left('a'), 2)
})

test('the table holds no name, one row for each caller, and what is over is swept away', async () => {
  await database.db.query('truncate request_rate')
  const [one] = start(1)
  passed(one, 3, '203.0.113.77')
  passed(one, 3, 'other')
  await one.rates.exchange()
  passed(one, 3, 'other')
  await one.rates.exchange()
  const rows = await database.db.query<{ row: string; taken: bigint }>(
    'select r::text as row, taken from request_rate r',
  )
  assert.deepEqual(rows.map(({ taken }) => taken).sort(), [3n, 6n])
  assert.doesNotMatch(JSON.stringify(rows.map(({ row }) => row)), /203|other/)
  assert.equal(await deleteOldRates(database.db, 100), 0)
  await addRates(database.db, [{ key_hash: randomBytes(16), ends: Date.now() - 61_000, taken: 1 }], Date.now() - 90_000)
  assert.equal(await deleteOldRates(database.db, 100), 1)
})

test('without a database a process goes on by itself, says so once, and tells the rest when it is back', async () => {
  const [{ rates: other, left }] = start(1)
  const name = `test-${names - 1}`
  const warned: string[] = []
  const place = { ...database.db.connection }
  const db = openDatabase({ ...place, port: 1 })
  let away = true
  const query: typeof db.query = (...given) => (away ? db : database.db).query(...given)
  const log = {
    warn: (_: object, message: string) => void warned.push(message),
    info: (_: object, message: string) => void warned.push(message),
  }
  const rates = createSharedRates({ db: { ...database.db, query }, keyring, log, interval: 600_000 })
  const alone = rates.limit({ name, limit: 10, length: 60_000 })
  for (let n = 0; n < 6; n++) assert.equal(alone.take('a'), 0)
  for (let n = 0; n < 4; n++) assert.equal(alone.take('silent since'), 0)
  const failing = rates.exchange()
  assert.equal(alone.take('a'), 0)
  await failing
  assert.equal(warned.length, 1)
  await rates.exchange()
  for (let n = 0; n < 3; n++) assert.equal(alone.take('a'), 0)
  assert.ok(alone.take('a') > 0)
  assert.equal(warned.length, 1)
  away = false
  await rates.exchange()
  assert.match(warned[1] ?? '', /shared again/)
  alone.take('b')
  await rates.exchange()
  assert.equal(warned.length, 2)
  const beside = other.limit({ name, limit: 10, length: 60_000 })
  for (const caller of ['a', 'silent since']) beside.take(caller)
  await other.exchange()
  assert.deepEqual([left('a'), left('silent since')], [0, 5])
  await rates.close()
  await db.close()
})

test('more callers than fit one statement are all told of', async () => {
  await database.db.query('truncate request_rate')
  const [one, other] = start(2)
  const callers = Array.from({ length: 2_100 }, (_, n) => `caller-${n}`)
  for (const caller of callers) one.take(caller)
  await one.rates.exchange()
  const sum = async () =>
    (
      await database.db.query<{ rows: bigint; taken: bigint }>(
        'select count(*) as rows, sum(taken)::bigint as taken from request_rate',
      )
    )[0]
  assert.deepEqual(await sum(), { rows: 2_100n, taken: 2_100n })
  for (const caller of callers.slice(0, 3)) other.take(caller)
  await other.rates.exchange()
  assert.deepEqual(await sum(), { rows: 2_100n, taken: 2_103n })
  // Nothing is told twice, nor asked where there is nothing to tell.
  await one.rates.exchange()
  assert.deepEqual(await sum(), { rows: 2_100n, taken: 2_103n })
})

test('a process tells by itself after its interval, and for the last time when it closes', async () => {
  await database.db.query('truncate request_rate')
  const taken = async () =>
    (await database.db.query<{ taken: bigint }>('select taken from request_rate')).map((row) => Number(row.taken))
  const log = { warn: () => {}, info: () => {} }
  const rates = createSharedRates({ db: database.db, keyring, log, interval: 5 })
  const rule = { name: `test-${names++}`, limit: 10, length: 60_000 }
  const limit = rates.limit(rule)
  assert.equal(rates.limit({ ...rule }), limit, 'one limit for one name')
  for (const expected of [1, 2]) {
    limit.take('a')
    const until = Date.now() + 5_000
    while ((await taken())[0] !== expected && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.deepEqual(await taken(), [expected])
  }
  const slow = createSharedRates({ db: database.db, keyring, log, interval: 600_000 })
  slow.limit(rule).take('a')
  await slow.close()
  assert.deepEqual(await taken(), [3])
  await rates.close()
  limit.take('a')
  await new Promise((resolve) => setTimeout(resolve, 30))
  assert.deepEqual(await taken(), [3], 'after its end nothing is told')
})
