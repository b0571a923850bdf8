import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { createFreshCache } from '../../src/credentials/fresh-cache.ts'
import { createRevocations } from '../../src/credentials/revocations.ts'
import { createGenerationCache } from '../../src/domain/generation-cache.ts'
import { insertTokenRevocation } from '../../src/storage/token-revocations.ts'
import { createTestDatabase } from '../support/database.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
before(async () => {
  database = await createTestDatabase()
})
after(() => database.drop())

const inAnHour = () => new Date(Date.now() + 3_600_000)

test('revocations of other processes are known within five seconds, their own at once', async () => {
  let elapsed = 0
  const revocations = createRevocations({ db: database.db, clock: Date.now, monotonic: () => elapsed })
  await revocations.ready()
  const [theirs, own, family] = [randomUUID(), randomUUID(), randomUUID()]
  await insertTokenRevocation(database.db, theirs, inAnHour())
  await insertTokenRevocation(database.db, family, inAnHour())
  revocations.add(own, Date.now() + 1000)
  assert.equal(revocations.ready(), undefined)
  assert.equal(revocations.has(own, null), true)
  elapsed = 5_001
  await revocations.ready()
  assert.equal(revocations.has(theirs, null), true)
  assert.equal(revocations.has(randomUUID(), family), true)
  assert.equal(revocations.has(randomUUID(), randomUUID()), false)
})

test('when there are too many to know by heart each token is looked up', async () => {
  const ids = Array.from({ length: 6 }, () => randomUUID())
  for (const id of ids) await insertTokenRevocation(database.db, id, inAnHour())
  const revocations = createRevocations({ db: database.db, clock: Date.now, monotonic: () => 0, capacity: 3 })
  await revocations.ready()
  for (const id of ids) {
    assert.equal(await revocations.has(id, null), true)
    assert.equal(await revocations.has(randomUUID(), id), true)
    assert.equal(await revocations.has(id, randomUUID()), true)
  }
  assert.equal(await revocations.has(randomUUID(), null), false)
})

test('a long list is read page by page, and one of a single moment is looked up', async () => {
  await database.db.query('delete from token_revocation')
  const many = async (count: number, at: string) =>
    database.db.query(
      `insert into token_revocation (id, revoked_at, expires_at)
       select gen_random_uuid(), ${at}, clock_timestamp() + interval '1 hour' from generate_series(1, $1) as n`,
      [count],
    )
  await many(6_000, `clock_timestamp() - interval '1 minute' + n * interval '1 millisecond'`)
  const [oldest, newest] = await Promise.all(
    ['asc', 'desc'].map((order) =>
      database.db.query<{ id: string }>(`select id from token_revocation order by revoked_at ${order} limit 1`),
    ),
  )
  let elapsed = 0
  const revocations = createRevocations({ db: database.db, clock: Date.now, monotonic: () => elapsed })
  await revocations.ready()
  for (const rows of [oldest, newest]) assert.equal(revocations.has(rows?.[0]?.id ?? '', null), true)
  assert.equal(revocations.has(randomUUID(), null), false, 'known by heart')
  await many(5_001, `'2100-01-01'`)
  elapsed = 6_000
  await revocations.ready()
  const answer = revocations.has(randomUUID(), null)
  assert.ok(answer instanceof Promise)
  assert.equal(await answer, false)
  const [last] = await database.db.query<{ id: string }>('select id from token_revocation order by id desc limit 1')
  assert.equal(await revocations.has(last?.id ?? '', randomUUID()), true)
  assert.equal(await revocations.has(randomUUID(), last?.id ?? ''), true)
  await database.db.query('delete from token_revocation')
})

test('what has expired is forgotten, and with fewer of them all are known by heart again', async () => {
  await database.db.query('delete from token_revocation')
  let now = Date.now()
  let elapsed = 0
  const revocations = createRevocations({ db: database.db, clock: () => now, monotonic: () => elapsed, capacity: 4 })
  const read = async () => {
    elapsed += 6_000
    await revocations.ready()
  }
  const [soon, later] = [Array.from({ length: 5 }, () => randomUUID()), randomUUID()]
  for (const id of soon) await insertTokenRevocation(database.db, id, new Date(now + 60_000))
  await insertTokenRevocation(database.db, later, new Date(now + 120_000))
  await read()
  assert.ok(revocations.has(randomUUID(), null) instanceof Promise)
  assert.equal(await revocations.has(later, null), true)
  now += 59_999
  await read()
  assert.ok(revocations.has(randomUUID(), null) instanceof Promise)
  now += 1
  await read()
  assert.equal(revocations.has(randomUUID(), null), false, 'by heart')
  assert.equal(revocations.has(later, null), true, 'what was left out is read again')
  for (const id of soon) assert.equal(revocations.has(id, null), false)
  now += 60_000
  await read()
  assert.equal(revocations.has(later, null), false)
  // One that is known already takes no room of another.
  for (let i = 0; i < 9; i++) revocations.add(soon[i % 4] as string, now + 1_000)
  assert.equal(revocations.has(randomUUID(), null), false)
  revocations.add(randomUUID(), now + 1_000)
  assert.ok(revocations.has(randomUUID(), null) instanceof Promise)
})

test('a revocation whose statement took long to commit is seen all the same', async () => {
  let elapsed = 0
  const revocations = createRevocations({ db: database.db, clock: Date.now, monotonic: () => elapsed })
  await insertTokenRevocation(database.db, randomUUID(), inAnHour())
  await revocations.ready()
  const [late, tooLate] = [randomUUID(), randomUUID()]
  for (const [id, seconds] of [
    [late, 29],
    [tooLate, 31],
  ] as const)
    await database.db.query(
      `insert into token_revocation (id, revoked_at, expires_at)
       values ($1, (select max(revoked_at) from token_revocation) - make_interval(secs => $2), clock_timestamp() + interval '1 hour')`,
      [id, seconds],
    )
  elapsed = 6_000
  await revocations.ready()
  assert.deepEqual([revocations.has(late, null), revocations.has(tooLate, null)], [true, false])
})

test('without the database nothing is said of tokens that it may know of', async () => {
  let elapsed = 0
  let away = false
  const query: typeof database.db.query = (...given) =>
    away ? Promise.reject(new Error('away')) : database.db.query(...given)
  const db = { ...database.db, query }
  const revocations = createRevocations({ db, clock: Date.now, monotonic: () => elapsed })
  await revocations.ready()
  away = true
  elapsed = 5_001
  await assert.rejects(Promise.resolve(revocations.ready()), /away/)
  away = false
  await revocations.ready()
  assert.equal(revocations.ready(), undefined)
})

test('a value is renewed in the background, waited for when it is too old, and never answered stale', async () => {
  let elapsed = 0
  let value: string | null = 'a'
  let reads = 0
  const cache = createFreshCache<string>({
    capacity: 2,
    monotonic: () => elapsed,
    load: async () => {
      reads += 1
      if (value === 'broken') throw new Error('away')
      return value
    },
  })
  assert.equal(await cache.get('k'), 'a')
  value = 'b'
  elapsed = 3_000
  assert.equal(cache.get('k'), 'a')
  await new Promise(setImmediate)
  assert.equal(cache.get('k'), 'b')
  value = 'broken'
  elapsed = 6_000
  assert.equal(cache.get('k'), 'b')
  elapsed = 9_000
  await assert.rejects(async () => cache.get('k'), /away/)
  value = null
  assert.equal(await cache.get('k'), null)
  value = 'c'
  assert.equal(await cache.get('k'), 'c')
  cache.forget('k')
  reads = 0
  await Promise.all([cache.get('k'), cache.get('k'), cache.get('k')])
  assert.equal(reads, 1)
})

test('the generation cache keeps what is in use and never grows beyond its bound', () => {
  const cache = createGenerationCache<number>(10)
  cache.set('kept', 1)
  for (let index = 0; index < 1_000; index += 1) {
    cache.set(`k${index}`, index)
    assert.equal(cache.get('kept'), 1)
  }
  let alive = 0
  for (let index = 0; index < 1_000; index += 1) if (cache.get(`k${index}`) !== undefined) alive += 1
  assert.ok(alive <= 10, String(alive))
  cache.delete('kept')
  assert.equal(cache.get('kept'), undefined)
})
