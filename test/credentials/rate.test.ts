import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLocalRates } from '../../src/credentials/rate.ts'

test('a caller gets so many in each window, and is told how long the rest of it is', () => {
  let now = 5_000
  const { take, pause, left, refusesAny } = createLocalRates().limit({
    name: 'test',
    limit: 2,
    length: 60_000,
    clock: () => now,
  })
  assert.deepEqual([left('a'), refusesAny()], [2, false])
  assert.deepEqual([take('a'), take('a'), take('a'), take('b')], [0, 0, 60, 0])
  assert.deepEqual([pause('a'), pause('b'), pause('c'), left('a'), left('b'), refusesAny()], [60, 0, 0, 0, 1, true])
  now = 64_999
  assert.equal(take('a'), 1)
  now = 65_000
  assert.deepEqual([pause('a'), take('a'), refusesAny()], [0, 0, false])
})

test('windows that are aligned begin at multiples of their length, also for a clock that is put back', () => {
  let now = 119_999
  const { take } = createLocalRates().limit({ name: 'test', limit: 1, length: 60_000, aligned: true, clock: () => now })
  assert.deepEqual([take('a'), take('a')], [0, 1])
  now = 120_000
  assert.deepEqual([take('a'), take('a')], [0, 60])
  now = 30_000
  assert.deepEqual([take('a'), take('a')], [0, 30])
})

test('callers beyond counting do not grow the memory without end', () => {
  const { take } = createLocalRates().limit({ name: 'test', limit: 1, length: 60_000, clock: () => 0 })
  for (let i = 0; i <= 50_000; i += 1) take(String(i))
  // The first one was forgotten when the table was full.
  assert.equal(take('0'), 0)
  assert.equal(take('50000'), 60)
})
