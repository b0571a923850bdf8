import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { COUNTED, noCounts, simulate } from './simulate.ts'

const SEEDS = 10_000

describe('the simulator', () => {
  test(`keeps every promise in ${SEEDS} lives`, async () => {
    const total = noCounts()
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { violation, counts } = await simulate(seed)
      assert.equal(violation, null, `replay it: node bin/run.mjs assurance/simulate.ts --seed ${seed}`)
      for (const name of COUNTED) total[name] += counts[name]
    }
    // What hardly happens is not tried.
    for (const name of COUNTED) assert.ok(total[name] >= 1000, `${name}: only ${total[name]} in ${SEEDS} lives`)
  })

  test('lives the same life again with the same seed', async () => {
    for (let seed = 1; seed <= 50; seed++) {
      const [first, second]: [string[], string[]] = [[], []]
      await simulate(seed, {}, (line) => first.push(line))
      await simulate(seed, {}, (line) => second.push(line))
      assert.ok(first.length > 10)
      assert.deepEqual(first, second)
    }
  })

  test('gives the clock, the timers and chance back', async () => {
    const before = [globalThis.setImmediate, globalThis.setTimeout, Date.now, Math.random, Error.stackTraceLimit]
    await simulate(1)
    assert.deepEqual(
      [globalThis.setImmediate, globalThis.setTimeout, Date.now, Math.random, Error.stackTraceLimit],
      before,
    )
  })
})
