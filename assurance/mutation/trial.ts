import type { Mutant } from './instrument.ts'
import type { Verdict } from './report.ts'
import { createThread } from './thread.ts'
import type { Survey, WorkerData } from './worker.ts'

export type Limits = { threads: number; until: number; slowest: number }

type Chosen = { readonly tests: string[]; readonly within: number; readonly hitLimit: number; readonly atLoad: boolean }

const fileOf = (id: string) => id.slice(0, id.indexOf(' > '))

/** Tries the mutants, several beside each other. @returns the verdicts of those that there was time for, in the order given */
export async function tryAll(data: WorkerData, mutants: readonly Mutant[], all: readonly Mutant[], limits: Limits) {
  const threads = Array.from({ length: limits.threads }, () => createThread(data))
  const survey = await (threads[0] as (typeof threads)[number]).survey()
  const choose = chooser(survey, all, limits.slowest)
  const verdicts: (Verdict | undefined)[] = []
  let next = 0
  const workers = threads.map(async (thread) => {
    while (next < mutants.length && Date.now() < limits.until) {
      const at = next++
      const mutant = mutants[at] as Mutant
      verdicts[at] = await tryOne(thread, mutant, choose(mutant))
      if (at % 100 === 99) console.log(`${at + 1} of ${mutants.length}`)
    }
    await thread.close()
  })
  await Promise.all(workers)
  if (next < mutants.length) console.log(`time is over after ${next}`)
  return verdicts.filter((verdict) => verdict !== undefined)
}

type Thread = ReturnType<typeof createThread>

async function tryOne(thread: Thread, mutant: Mutant, { tests, within, hitLimit, atLoad }: Chosen): Promise<Verdict> {
  // What is computed at the first import is not computed again: a thread of its own, with the mutant there from the start.
  const attempt = (left: string[]) =>
    atLoad
      ? thread.tryFresh({ mutant: mutant.id, tests: left }, 2 * within)
      : thread.try({ mutant: mutant.id, tests: left, hitLimit }, within)
  const verdict = (killed: string | null) => ({ ...mutant, killed, covered: tests.length > 0 })
  let left = tests
  while (left.length > 0) {
    const failed = await attempt(left)
    if (!failed || failed === 'loading') return verdict(failed)
    // A test that fails without the mutant, too, tells nothing: it is tried among those of its file that ran before it.
    const last = failed === 'time' ? left.length : left.indexOf(failed) + 1
    const file = failed === 'time' ? null : fileOf(failed)
    const same = { mutant: null, tests: left.slice(0, last).filter((id) => !file || fileOf(id) === file) }
    if ((await thread.try(same, within)) === null) return verdict(failed)
    await thread.close()
    // What went before had spoilt the thread: once more, in a new one.
    if ((await thread.try(same, within)) === null) {
      const again = await attempt(left)
      if (again === failed || !again) return verdict(again)
    }
    if (!file) break
    console.log(`not reliable: ${failed}`)
    left = left.filter((id) => id !== failed)
  }
  return verdict(null)
}

/** Which tests come by a mutant, those with the least to prepare and the quickest first. */
function chooser({ tests, setup, static: loaded }: Survey, all: readonly Mutant[], slowest: number) {
  const cost = (id: string) => (setup[fileOf(id)] ?? 0) + (tests[id]?.ms ?? 0)
  const usable = Object.keys(tests)
    .filter((id) => !tests[id]?.failed && cost(id) <= slowest)
    .sort((a, b) => cost(a) - cost(b))
  console.log(`${usable.length} of ${Object.keys(tests).length} tests used`)
  const hits = (test: string, mutant: string) => tests[test]?.hits[mutant] ?? 0
  // What a file prepares it prepares once.
  const time = (ids: string[]) =>
    [...new Set(ids.map(fileOf))].reduce((sum, file) => sum + (setup[file] ?? 0), 0) +
    ids.reduce((sum, id) => sum + (tests[id]?.ms ?? 0), 0)
  const inFile = Map.groupBy(all, ({ fileName }) => fileName)

  return (mutant: Mutant): Chosen => {
    const atLoad = loaded.includes(mutant.id)
    const covering = usable.filter((id) => hits(id, mutant.id) > 0)
    const around = inFile.get(mutant.fileName) ?? []
    const near = atLoad ? usable.filter((id) => around.some((other) => hits(id, other.id) > 0)) : []
    const chosen = atLoad ? (near.length > 0 ? near : usable) : covering
    return {
      tests: chosen,
      atLoad,
      within: 10_000 + 5 * time(chosen),
      hitLimit: 10_000 + 3 * covering.reduce((sum, id) => sum + hits(id, mutant.id), 0),
    }
  }
}
