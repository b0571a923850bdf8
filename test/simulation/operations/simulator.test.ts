import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { assertClean, type Installation, openInstallation } from './installation.ts'
import { FAMILIES, liveMany } from './lives.ts'

/** ms; on a calm machine some hundred lives. The long form is `assurance/simulate-operations.ts`. */
const TIME = 1_200
/** However busy the machine is. */
const LEAST = 24

describe('the simulator of operations', () => {
  let installation: Installation
  before(async () => {
    installation = await openInstallation()
  })
  after(() => installation.close())

  test('keeps every promise in as many lives as fit, and leaves clean books', async (t) => {
    const until = performance.now() + TIME
    const { broken, lives, counts, families } = await liveMany(installation, {
      from: 1,
      atOnce: 12,
      going: (lived) => lived < LEAST || performance.now() < until,
    })
    const [life] = broken
    const replay = `replay it: node bin/run.mjs assurance/simulate-operations.ts --seed ${life?.seed}`
    assert.equal(life?.violation ?? null, null, replay)
    t.diagnostic(`${lives} lives, ${counts.attempts} attempts, ${counts.crashes} crashes`)
    // What is not tried is not promised.
    for (const { name } of FAMILIES) assert.ok((families[name] as number) > 0, `no life of ${name}`)
    for (const name of ['races', 'repeats', 'crashes', 'errors', 'lost', 'accepted', 'refused'] as const)
      assert.ok(counts[name] > 0, `no ${name}`)
    await assertClean(installation)
  })
})
