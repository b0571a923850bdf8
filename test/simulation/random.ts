/** Numbers that follow from a seed, and nothing else. */
export type Random = {
  /** from 0 to below `below` */
  int(below: number): number
  chance(probability: number): boolean
  pick<T>(of: readonly T[]): T
}

/** Mulberry32: 32 bits of state are enough for some thousand choices, and a seed is one readable number. */
export function createRandom(seed: number): Random & { next(): number } {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const int = (below: number) => Math.floor(next() * below)
  return {
    next,
    int,
    chance: (probability) => probability > 0 && next() < probability,
    pick: <T>(of: readonly T[]) => of[int(of.length)] as T,
  }
}
