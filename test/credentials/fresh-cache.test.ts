import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createFreshCache } from '../../src/credentials/fresh-cache.ts'

type Load = (previous: string | null) => Promise<string | null>

function setUp(rest: { capacity?: number } = {}) {
  const world = { now: 0, loads: [] as string[], next: (async () => 'one') as Load }
  const cache = createFreshCache<string>({
    capacity: 2,
    ...rest,
    monotonic: () => world.now,
    load: (key, previous) => {
      world.loads.push(`${key} ${previous}`)
      return world.next(previous)
    },
  })
  return { world, cache }
}

describe('a value that may be a little old', () => {
  test('is read once by all who come together, and then is there at once', async () => {
    const { world, cache } = setUp()
    assert.deepEqual(await Promise.all([cache.get('a'), cache.get('a')]), ['one', 'one'])
    world.now = 2_000
    assert.equal(cache.get('a'), 'one')
    assert.deepEqual(world.loads, ['a null'])
  })

  test('is renewed in the background once it is older than two seconds', async () => {
    const { world, cache } = setUp()
    await cache.get('a')
    world.now = 2_001
    world.next = async () => 'two'
    assert.deepEqual([cache.get('a'), cache.get('a')], ['one', 'one'])
    await Promise.resolve()
    await Promise.resolve()
    assert.equal(cache.get('a'), 'two')
    assert.deepEqual(world.loads, ['a null', 'a one'])
  })

  test('is never older than five seconds, even when it cannot be read', async () => {
    const { world, cache } = setUp()
    await cache.get('a')
    world.next = () => Promise.reject(new Error('away'))
    world.now = 5_000
    assert.equal(cache.get('a'), 'one')
    await new Promise(setImmediate)
    world.now = 5_001
    await assert.rejects(async () => cache.get('a'), /away/)
    world.next = async () => 'two'
    assert.equal(await cache.get('a'), 'two')
  })

  test('that is not there, or was forgotten, is asked for again', async () => {
    const { world, cache } = setUp()
    world.next = async () => null
    assert.deepEqual([await cache.get('a'), await cache.get('a')], [null, null])
    world.next = async () => 'one'
    await cache.get('a')
    cache.forget('a')
    await cache.get('a')
    assert.deepEqual(world.loads, ['a null', 'a null', 'a null', 'a null'])
  })

  test('that is not there, or cannot be read, takes no other’s place', async () => {
    const { world, cache } = setUp()
    await cache.get('a')
    world.next = async () => null
    for (const key of ['x', 'y', 'z']) assert.equal(await cache.get(key), null)
    world.next = () => Promise.reject(new Error('away'))
    for (const key of ['x', 'y', 'z']) await assert.rejects(async () => cache.get(key), /away/)
    assert.equal(cache.get('a'), 'one')
  })

  test('that is forgotten while it is read does not end the one that is read after it', async () => {
    for (const end of [async () => null, () => Promise.reject(new Error('away'))]) {
      const { world, cache } = setUp()
      const gate = Promise.withResolvers<void>()
      world.next = () => gate.promise.then(end)
      const first = Promise.resolve(cache.get('a')).catch(() => 'away')
      cache.forget('a')
      world.next = async () => 'two'
      assert.equal(await cache.get('a'), 'two')
      gate.resolve()
      await first
      assert.equal(cache.get('a'), 'two')
    }
  })

  test('that could not be read again is read with what it was before', async () => {
    const { world, cache } = setUp()
    await cache.get('a')
    world.next = () => Promise.reject(new Error('away'))
    for (const now of [5_001, 5_002]) {
      world.now = now
      await assert.rejects(async () => cache.get('a'), /away/)
    }
    assert.deepEqual(world.loads, ['a null', 'a one', 'a one'])
    // Many who ask while it is read again wait for one answer.
    world.next = async () => 'two'
    assert.deepEqual(await Promise.all([cache.get('a'), cache.get('a')]), ['two', 'two'])
    assert.equal(world.loads.length, 4)
  })

  test('makes room for others, the oldest first', async () => {
    const { world, cache } = setUp()
    for (const key of ['a', 'b', 'c']) await cache.get(key)
    assert.deepEqual([cache.get('b'), cache.get('c')], ['one', 'one'])
    await cache.get('a')
    assert.deepEqual(world.loads, ['a null', 'b null', 'c null', 'a null'])
  })
})
