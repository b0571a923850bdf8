import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Counter, createLocalRates, createRate } from '../../src/credentials/rate.ts'

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

test('what others let through is learnt, no window is longer than one, and windows that are over are forgotten', () => {
  let now = 0
  const told: Counter[] = []
  const rule = { name: 'test', limit: 5, length: 60_000, clock: () => now }
  const { rate, matters, learn } = createRate(rule, (counter) => void told.push(counter))
  assert.deepEqual([rate.take('a'), rate.take('a'), rate.left('a')], [0, 0, 3])
  const [counter, ...more] = told
  assert.ok(counter && more.length === 0 && matters(counter), 'told of once')
  learn(counter, 2, 4, 30_000)
  assert.deepEqual([rate.left('a'), matters(counter), rate.refusesAny()], [1, false, false])
  assert.deepEqual([rate.take('a'), rate.take('a'), rate.refusesAny()], [0, 30, true])
  learn(counter, 1, 9, 1e9)
  assert.deepEqual([rate.left('a'), rate.pause('a')], [0, 60])
  now = 60_000
  assert.deepEqual([matters(counter), rate.left('a'), rate.refusesAny()], [false, 5, false])
})

test('a sweep forgets whose window is over, and no other', () => {
  let now = 0
  const limit = createRate({ name: 'test', limit: 5, length: 60_000, clock: () => now }, () => {})
  limit.rate.take('a')
  now = 1
  limit.rate.take('b')
  assert.equal(limit.size, 2)
  limit.sweep()
  assert.equal(limit.size, 2)
  now = 60_000
  limit.sweep()
  assert.deepEqual([limit.size, limit.rate.left('b')], [1, 4])
  now = 60_001
  limit.sweep()
  assert.equal(limit.size, 0)
})

test('one whose place another took has nothing more to tell', () => {
  let now = 0
  const told: Counter[] = []
  const limit = createRate({ name: 'test', limit: 5, length: 60_000, clock: () => now }, (one) => void told.push(one))
  limit.rate.take('a')
  const hash = Buffer.alloc(16)
  ;(told[0] as Counter).hash = hash
  now = 60_000
  limit.rate.take('a')
  assert.deepEqual(
    told.map(({ gone, hash }) => [gone, hash]),
    [
      [true, hash],
      [false, hash],
    ],
  )
  now = 59_999
  assert.equal(limit.matters(told[0] as Counter), false)
})
