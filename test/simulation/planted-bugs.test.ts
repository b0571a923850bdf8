import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PLANTED_BUGS } from './planted-bugs.ts'
import { simulate } from './simulate.ts'

const SEEDS = 1000

describe(`the simulator finds within ${SEEDS} lives that`, () => {
  for (const [bug, seams] of Object.entries(PLANTED_BUGS)) {
    test(bug, async () => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const { violation } = await simulate(seed, seams)
        if (violation === null) continue
        // It is this bug that was found: without it the same life is clean.
        assert.equal((await simulate(seed)).violation, null)
        return
      }
      assert.fail('not found')
    })
  }
})
