import type { Mutant } from './instrument.ts'
import type { Survey } from './survey.ts'
import type { Timed } from './worker.ts'

/** The tests for a mutant, in the order in which they are tried. */
export type Plan = {
  /** in what earlier ones have left */
  readonly warm: readonly Timed[]
  /** with all that their files prepare */
  readonly cold: readonly Timed[]
  readonly atLoad: boolean
  readonly covered: boolean
  readonly hitLimit: number
}

export const fileOf = (id: string) => id.slice(0, id.indexOf(' > '))

/**
 * Chooses for each mutant the tests that come by it: those first that have killed others of the same file, and the quickest.
 * @param patience ms of tests, as long as they take without a mutant, for each mutant; one that outlives them counts as alive
 */
export function createPlanner(
  { tests, hooks, setup, static: loaded }: Survey,
  all: readonly Mutant[],
  { slowest, patience }: { slowest: number; patience: number },
) {
  const ms = (id: string) => tests[id]?.ms ?? 0
  const prepared = (id: string) => setup[fileOf(id)] ?? 0
  const usable = Object.keys(tests).filter((id) => !tests[id]?.failed && ms(id) <= slowest)
  console.log(`${usable.length} of ${Object.keys(tests).length} tests used`)
  const kills = new Map<string, Map<string, number>>()
  const unsteady = new Set<string>()
  const inFile = Map.groupBy(all, ({ fileName }) => fileName)
  const atLoad = new Set(loaded)
  const timed = (id: string, more = 0): Timed => [id, 4_000 + 6 * (ms(id) + more)]

  function within(ids: readonly string[]): string[] {
    let left = patience
    return ids.filter((id, at) => {
      left -= ms(id)
      return at === 0 || left >= 0
    })
  }

  /** Where one of a file's tests needs what those before it have left, all of them, in their order. */
  function withThoseBefore(ids: readonly string[]): readonly string[] {
    if (ids.every((id) => tests[id]?.alone)) return ids
    const all = Object.keys(tests).filter((id) => fileOf(id) === fileOf(ids[0] as string) && !tests[id]?.failed)
    return all.slice(0, Math.max(...ids.map((id) => all.indexOf(id))) + 1)
  }

  return {
    killed: (mutant: Mutant, id: string) => {
      const known = kills.get(mutant.fileName) ?? new Map<string, number>()
      kills.set(mutant.fileName, known.set(id, (known.get(id) ?? 0) + 1))
    },
    leaveOut: (id: string) => void unsteady.add(id),
    plan(mutant: Mutant): Plan {
      const known = kills.get(mutant.fileName)
      const cost = (id: string) => (20 + ms(id)) / (1 + 3 * (known?.get(id) ?? 0))
      const sorted = usable.filter((id) => !unsteady.has(id)).sort((a, b) => cost(a) - cost(b))
      const hits = (id: string, of = mutant.id) => tests[id]?.hits[of] ?? 0
      const before = (id: string, of = mutant.id) => hooks[fileOf(id)]?.[of] ?? 0
      const first = atLoad.has(mutant.id)
      const near = inFile.get(mutant.fileName) ?? []
      // One that runs through nothing may read what is computed at the first import, such as a list of settings.
      const nothing = (id: string) =>
        !Object.keys(tests[id]?.hits ?? {}).length && !Object.keys(hooks[fileOf(id)] ?? {}).length
      const comesBy = (id: string) =>
        nothing(id) || near.some((other) => hits(id, other.id) > 0 || before(id, other.id) > 0)
      const warm = first ? [] : sorted.filter((id) => tests[id]?.again && hits(id) > 0)
      const cold = first
        ? sorted.filter(comesBy)
        : sorted.filter((id) => before(id) > 0 || (hits(id) > 0 && !tests[id]?.again))
      // What a file prepares it prepares once.
      const byFile = [...Map.groupBy(within(cold), fileOf).values()].flatMap(withThoseBefore)
      return {
        warm: within(warm).map((id) => timed(id)),
        cold: byFile.map((id) => timed(id, prepared(id))),
        atLoad: first,
        covered: warm.length + cold.length > 0,
        hitLimit: 10_000 + 3 * [...warm, ...cold].reduce((sum, id) => sum + hits(id) + before(id), 0),
      }
    },
  }
}
