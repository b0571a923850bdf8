import type { Mutant } from './instrument.ts'
import { createPlanner, fileOf } from './plan.ts'
import { tellAlive, type Verdict } from './report.ts'
import { createThread } from './thread.ts'
import type { Timed, Tried, WorkerData } from './worker.ts'

export type Limits = {
  threads: number
  until: number
  slowest: number
  patience: number
  /** of a report of before: which tests have killed what, so that they come first */
  earlier: readonly Verdict[]
  /** hears of every fifty that were tried what is known by then */
  keep(verdicts: readonly Verdict[]): Promise<unknown>
}

type Thread = ReturnType<typeof createThread>
type Planner = ReturnType<typeof createPlanner>

/** Tries the mutants, several beside each other. @returns the verdicts of those that there was time for, in the order given */
export async function tryAll(data: WorkerData, mutants: readonly Mutant[], all: readonly Mutant[], limits: Limits) {
  const threads = Array.from({ length: limits.threads }, () => createThread(data))
  const began = Date.now()
  const survey = await (threads[0] as Thread).survey()
  console.log(`the tests without a mutant: ${Math.round((Date.now() - began) / 1000)} s`)
  const until = limits.until + Date.now() - began
  const planner = createPlanner(survey, all, limits)
  for (const verdict of limits.earlier) if (verdict.killed) planner.killed(verdict, verdict.killed)
  const verdicts: (Verdict | undefined)[] = []
  const told = () => verdicts.filter((verdict) => verdict !== undefined)
  let next = 0
  const workers = threads.map(async (thread) => {
    while (next < mutants.length && Date.now() < until) {
      const at = next++
      const mutant = mutants[at] as Mutant
      const from = Date.now()
      const found = await tryOne(thread, mutant, planner)
      if (found.killed) planner.killed(mutant, found.killed)
      else if (mutants.length > 50) tellAlive(found)
      verdicts[at] = { ...found, ms: Date.now() - from }
      if (at % 50 !== 49) continue
      console.log(`${at + 1} of ${mutants.length}, ${Math.round((Date.now() - began) / 1000)} s`)
      await limits.keep(told())
    }
    await thread.close()
  })
  await Promise.all(workers)
  if (next < mutants.length) console.log(`time is over after ${next}`)
  return told()
}

async function tryOne(thread: Thread, mutant: Mutant, planner: Planner): Promise<Omit<Verdict, 'ms'>> {
  const { warm, cold, atLoad, covered, hitLimit } = planner.plan(mutant)
  const verdict = (killed: string | null) => ({ ...mutant, killed, covered })
  const passes = async (mutantId: string | null, tests: readonly Timed[], isWarm: boolean, anew = false) =>
    isWarm || !atLoad || mutantId === null
      ? thread.try({ mutant: mutantId, tests, warm: isWarm, anew, ...(mutantId === null ? {} : { hitLimit }) })
      : // What is computed at the first import is not computed again: a thread of its own, with the mutant there from the start.
        thread.tryFresh({ mutant: mutantId, tests, warm: false, hitLimit })

  for (const isWarm of [true, false]) {
    let left = isWarm ? warm : cold
    while (left.length > 0) {
      const { failed }: Tried = await passes(mutant.id, left, isWarm)
      if (failed === null) break
      // A test that fails without the mutant, too, tells nothing: it is tried among those of its file that ran before it.
      const at = left.findIndex(([id]) => id === failed)
      const same = isWarm
        ? left.slice(at, at + 1)
        : left.slice(0, at + 1).filter(([id]) => fileOf(id) === fileOf(failed))
      if ((await passes(null, same, isWarm)).failed === null) return verdict(failed)
      // What went before had spoilt what they share: once more, with all of it made anew.
      await thread.close()
      if ((await passes(null, same, isWarm, true)).failed === null) {
        const again = await passes(mutant.id, same, isWarm)
        if (again.failed !== null) return verdict(again.failed)
      } else {
        console.log(`not reliable: ${failed}`)
        planner.leaveOut(failed)
      }
      left = left.slice(at + 1)
    }
  }
  return verdict(null)
}
