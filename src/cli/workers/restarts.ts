/** Of workers that had been ready: what ends them comes from outside (kill -9, out of memory), as it does PostgreSQL. */
const CRASHES = { most: 60, within: 60_000 }
/** Of workers that never got ready: what ends them will most likely end the next one. */
const FAILED_STARTS = 5
const SHORTEST = 100
const LONGEST = 5_000

/** How long to wait before a dead worker's place is taken again; ms. `null`: no longer. */
export type Restarts = {
  died(wasReady: boolean, now: number): number | null
  /** how many places were taken again */
  readonly count: number
}

/** One count for all places: what kills one kills the others. */
export function createRestarts(): Restarts {
  let crashes: number[] = []
  let failed = 0
  let count = 0
  return {
    get count() {
      return count
    },
    died(wasReady, now) {
      crashes = [...crashes.filter((at) => now - at < CRASHES.within), now]
      failed = wasReady ? 0 : failed + 1
      if (crashes.length > CRASHES.most || failed >= FAILED_STARTS) return null
      count++
      // The first is replaced at once: most workers die of something that is over.
      const before = crashes.filter((at) => now - at < LONGEST).length - 1
      return before === 0 && wasReady ? 0 : Math.min(LONGEST, SHORTEST * 2 ** Math.min(10, before + failed))
    },
  }
}
