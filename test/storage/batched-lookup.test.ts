import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBatchedLookup } from '../../src/storage/batched-lookup.ts'

test('look-ups of one moment are one query, those that come meanwhile are the next', async () => {
  const queries: number[][] = []
  const find = createBatchedLookup(async (keys: readonly number[]) => {
    queries.push([...keys])
    await new Promise((resolve) => setTimeout(resolve, 20))
    return keys.map((key) => (key % 2 === 0 ? `value ${key}` : undefined))
  })
  const first = [find(1), find(2), find(3)]
  await new Promise((resolve) => setImmediate(resolve))
  const later = [find(4), find(2)]
  assert.deepEqual(await Promise.all(first), [undefined, 'value 2', undefined])
  assert.deepEqual(await Promise.all(later), ['value 4', 'value 2'])
  assert.deepEqual(queries, [
    [1, 2, 3],
    [4, 2],
  ])
})

test('a query that fails fails those who asked in it, and nobody after them', async () => {
  let fail = true
  const find = createBatchedLookup(async (keys: readonly number[]) => {
    if (fail) throw new Error('away')
    return keys
  })
  const asked = await Promise.allSettled([find(1), find(2)])
  assert.deepEqual(
    asked.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  fail = false
  assert.equal(await find(3), 3)
})

test('more than one query can ask for are asked for in turns', async () => {
  const sizes: number[] = []
  const find = createBatchedLookup(async (keys: readonly number[]) => {
    sizes.push(keys.length)
    return keys
  })
  const keys = Array.from({ length: 1_203 }, (_, i) => i)
  assert.deepEqual(await Promise.all(keys.map(find)), keys)
  assert.deepEqual(sizes, [500, 500, 203])
})
