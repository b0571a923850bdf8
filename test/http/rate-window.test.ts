import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRateWindow } from '../../src/http/rate-window.ts'

test('a caller gets so many in each window, and is told how long the rest of it is', () => {
  let now = 5_000
  const take = createRateWindow({ limit: 2, length: 60_000, clock: () => now })
  assert.deepEqual([take('a'), take('a'), take('a'), take('b')], [0, 0, 60, 0])
  now = 64_999
  assert.equal(take('a'), 1)
  now = 65_000
  assert.equal(take('a'), 0)
})

test('callers beyond counting do not grow the memory without end', () => {
  const take = createRateWindow({ limit: 1, length: 60_000, clock: () => 0 })
  for (let i = 0; i <= 50_000; i += 1) take(String(i))
  // The first one was forgotten when the table was full.
  assert.equal(take('0'), 0)
  assert.equal(take('50000'), 60)
})
