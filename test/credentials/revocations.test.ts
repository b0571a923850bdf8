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
  for (const id of ids) assert.equal(await revocations.has(id, null), true)
  assert.equal(await revocations.has(randomUUID(), null), false)
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
