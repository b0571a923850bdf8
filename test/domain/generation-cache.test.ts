import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createGenerationCache } from '../../src/domain/generation-cache.ts'

describe('the cache of two generations', () => {
  const filled = (...keys: string[]) => {
    const cache = createGenerationCache<string>(4)
    for (const key of keys) cache.set(key, key.toUpperCase())
    return cache
  }

  test('keeps what was put in last, up to its capacity', () => {
    const cache = filled('a', 'b', 'c', 'd')
    assert.deepEqual(['c', 'd'].map(cache.get), ['C', 'D'])
    assert.equal(filled('a', 'b', 'c', 'd').get('a'), 'A')
  })

  test('forgets what was not used for two generations', () => {
    const cache = filled('a', 'b', 'c', 'd', 'e')
    assert.deepEqual(['a', 'b', 'e'].map(cache.get), [undefined, undefined, 'E'])
  })

  test('keeps what is used, however much comes in', () => {
    const cache = filled('a')
    for (let i = 0; i < 100; i++) {
      cache.set(`other ${i}`, '')
      assert.equal(cache.get('a'), 'A')
    }
    assert.equal(cache.get('other 0'), undefined)
  })

  test('counts a use of the old as new once', () => {
    const cache = filled('a', 'b', 'c')
    assert.equal(cache.get('a'), 'A')
    cache.set('d', 'D')
    assert.deepEqual(['a', 'c', 'b'].map(cache.get), ['A', 'C', undefined])
  })

  test('deletes from both generations', () => {
    const cache = filled('a', 'b', 'c')
    cache.delete('a')
    cache.delete('c')
    cache.delete('unknown')
    assert.deepEqual(['a', 'b', 'c'].map(cache.get), [undefined, 'B', undefined])
  })
})
