/** So many callers of one limit are known to a process; beyond that the one whose window began first is forgotten. */
const CAPACITY = 50_000

export type RateRule = {
  /** the same in every process: under it the callers are counted together */
  name: string
  /** requests of one caller in one window */
  limit: number
  /** of a window; ms */
  length: number
  /** windows begin at multiples of their length, and not with a caller's first request */
  aligned?: boolean
  /** ms since the epoch; absent: the process's own */
  clock?: () => number
}

/** Counts the requests of callers. Nothing here waits: a request costs a look into a map. */
export type Rate = {
  /** Counts one request, unless it is one too many. @returns 0, or for how many seconds the caller is refused */
  take(caller: string): number
  /** Without counting one: 0, or for how many seconds the caller is refused. */
  pause(caller: string): number
  /** Requests that the caller has left in its window. */
  left(caller: string): number
  /** Somebody is refused at present: while this is false no caller needs to be worked out. */
  refusesAny(): boolean
}

/** What one caller did in its present window. */
export type Counter = {
  readonly caller: string
  readonly rule: RateRule
  /** under which all processes count the caller; null: not worked out yet */
  hash: Buffer | null
  /** ms since the epoch */
  ends: number
  /** let through by all processes, as far as this one has heard */
  known: number
  /** let through by this one, and not told to the others yet */
  fresh: number
  /** waits to be told */
  listed: boolean
  /** another one counts in its place */
  gone: boolean
}

/** @param onFresh a counter has something to tell to the other processes */
export function createRate(rule: RateRule, onFresh: (counter: Counter) => void) {
  const { limit, length, aligned = false, clock = Date.now } = rule
  const counters = new Map<string, Counter>()
  let fullUntil = 0

  const isOpen = (counter: Counter, now: number) => now < counter.ends && now >= counter.ends - length

  function find(caller: string, now: number): Counter | undefined {
    const counter = counters.get(caller)
    return counter && isOpen(counter, now) ? counter : undefined
  }

  function begin(caller: string, now: number): Counter {
    const before = counters.get(caller)
    const old = before ?? (counters.size >= CAPACITY ? counters.values().next().value : undefined)
    if (old) {
      old.gone = true
      counters.delete(old.caller)
    }
    const ends = (aligned ? now - (now % length) : now) + length
    const hash = before?.hash ?? null
    const counter = { caller, rule, hash, ends, known: 0, fresh: 0, listed: false, gone: false }
    counters.set(caller, counter)
    return counter
  }

  const secondsOf = (counter: Counter, now: number) => Math.max(1, Math.ceil((counter.ends - now) / 1000))

  function noteFull(counter: Counter): void {
    if (counter.known + counter.fresh >= limit && counter.ends > fullUntil) fullUntil = counter.ends
  }

  const rate: Rate = {
    take(caller) {
      const now = clock()
      const counter = find(caller, now) ?? begin(caller, now)
      if (counter.known + counter.fresh >= limit) return secondsOf(counter, now)
      counter.fresh += 1
      noteFull(counter)
      if (!counter.listed) {
        counter.listed = true
        onFresh(counter)
      }
      return 0
    },
    pause(caller) {
      const now = clock()
      const counter = find(caller, now)
      return counter && counter.known + counter.fresh >= limit ? secondsOf(counter, now) : 0
    },
    left(caller) {
      const counter = find(caller, clock())
      return counter ? Math.max(0, limit - counter.known - counter.fresh) : limit
    },
    refusesAny: () => clock() < fullUntil,
  }
  return {
    rate,
    /** Something is left to be told of it. */
    matters: (counter: Counter) => !counter.gone && counter.fresh > 0 && isOpen(counter, clock()),
    /** All have let through `known`, `told` of this process among them, in a window that ends then. */
    learn(counter: Counter, told: number, known: number, ends: number) {
      counter.fresh -= told
      counter.known = known
      // Another server's clock may be ahead; no window is longer than one.
      counter.ends = Math.min(ends, clock() + length)
      noteFull(counter)
    },
    /** Forgets whose window is over. */
    sweep() {
      const now = clock()
      for (const [caller, counter] of counters) if (!isOpen(counter, now)) counters.delete(caller)
    },
    get size() {
      return counters.size
    },
  }
}

/** Limits of one process alone, for tests of what is limited. */
export function createLocalRates(): { limit(rule: RateRule): Rate } {
  const rates = new Map<string, Rate>()
  return {
    limit(rule) {
      const rate = rates.get(rule.name) ?? createRate(rule, () => {}).rate
      rates.set(rule.name, rate)
      return rate
    },
  }
}
