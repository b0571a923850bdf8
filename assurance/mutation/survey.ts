import { enter, leave, runTest, type World } from './harness.ts'
import type { Space } from './worker.ts'

/** What is known of the tests before a mutant is tried; `hits`: the mutants that were run through, with how often. */
export type Survey = {
  /** `again`: passes a second time in what its suites have made; `alone`: passes without those before it */
  tests: Record<string, { ms: number; failed: boolean; again: boolean; alone: boolean; hits: Record<string, number> }>
  /** of each file: what its hooks run through */
  hooks: Record<string, Record<string, number>>
  /** of each file: how long it takes until its first test begins, ms */
  setup: Record<string, number>
  static: string[]
}

export type Hears = {
  space: Space
  makerOf: (file: string) => Promise<() => Promise<World>>
  /** whether something failed that nobody waited for */
  stray: () => boolean
  calm: () => void
}

/** Slower tests are not asked whether they can be run again, nor still slower ones whether they need those before them, ms. */
const ASKED_TWICE = 3_000
const ASKED_ONCE = 12_000

/** Runs all tests of a file without a mutant, and then each of them twice. */
export async function surveyOf(file: string, found: Survey, { space, makerOf, stray, calm }: Hears): Promise<void> {
  const hooks = `hooks of ${file}`
  const runs = async (world: World, id: string, heard: string | undefined) => {
    const test = world.tests.find((each) => each.id === id)
    if (!test) return false
    calm()
    space.currentTestId = heard ? hooks : undefined
    await enter(world, test)
    space.currentTestId = heard
    const well = await runTest(world, test).then(
      () => !stray(),
      () => false,
    )
    space.currentTestId = heard ? hooks : undefined
    return well
  }
  space.currentTestId = hooks
  const began = performance.now()
  const make = await makerOf(file)
  let world = await make()
  for (const test of world.tests) await enter(world, test)
  found.setup[file] = performance.now() - began
  const ids = world.tests.map(({ id }) => id)
  for (const id of ids) {
    const from = performance.now()
    const failed = !(await runs(world, id, id))
    found.tests[id] = { ms: performance.now() - from, failed, again: false, alone: true, hits: {} }
    if (!failed) continue
    console.error(`fails without a mutant: ${id}`)
    world = await make()
  }
  space.currentTestId = hooks
  await leave(world)
  space.currentTestId = undefined
  found.hooks[file] = space.mutantCoverage?.perTest[hooks] ?? {}
  let fresh: World | null = null
  for (const id of ids) {
    const test = found.tests[id]
    if (!test) continue
    test.hits = space.mutantCoverage?.perTest[id] ?? {}
    if (test.failed || test.ms > ASKED_ONCE) continue
    fresh ??= await make()
    const from = performance.now()
    test.alone = await runs(fresh, id, undefined)
    test.again = test.alone && test.ms <= ASKED_TWICE && (await runs(fresh, id, undefined))
    test.ms = Math.min(test.ms, performance.now() - from)
    if (test.again) continue
    await leave(fresh)
    fresh = null
  }
  if (fresh) await leave(fresh)
}
