import assert from 'node:assert/strict'
import test from 'node:test'
import { simulate } from '../../test/simulation/simulate.ts'

// The simulator in the small portions that trying a mutant needs.
for (let portion = 0; portion < 4; portion++) {
  test(`keeps every promise in the lives of portion ${portion}`, async () => {
    for (let seed = 1; seed <= 50; seed++) {
      const { violation } = await simulate(portion * 50 + seed)
      assert.equal(violation, null)
    }
  })
}
