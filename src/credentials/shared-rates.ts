import { createHmac, createSecretKey } from 'node:crypto'
import type { Database } from '../storage/database.ts'
import { addRates, type RateCount } from '../storage/request-rates.ts'
import type { Keyring } from './keyring.ts'
import { type Counter, createRate, type Rate, type RateRule } from './rate.ts'

/** Rows of one statement: what is worked out between two of them keeps requests waiting. */
const BATCH = 1_000
/** ms between two looks for windows that are over */
const SWEEP_EVERY = 60_000

export type Rates = {
  /** A limit; the same one for the same name. */
  limit(rule: RateRule): Rate
}

export type SharedRates = Rates & {
  /** Tells the other processes what this one let through, and hears of theirs. Never rejects. */
  exchange(): Promise<void>
  /** Tells them for the last time. */
  close(): Promise<void>
}

export type SharedRatesDeps = {
  db: Database
  keyring: Pick<Keyring, 'derive'>
  log: { warn(fields: object, message: string): void; info(fields: object, message: string): void }
  /** ms between two exchanges while there is something to tell */
  interval?: number
}

/**
 * Limits that all processes on one database keep together, without a query in any request: each counts what it lets through, and
 * about once a second adds the difference to a row that all share and reads the sum from the same statement.
 *
 * Between two exchanges a process does not know what the others let through. So a limit can be exceeded, by no more than what the
 * processes together let through from the moment it was reached until each has exchanged next: what arrives at them in one interval
 * and the length of one statement. A burst within one interval gets through once in each process: `processes × limit` is the most
 * that a window can ever take. While the database is away every process goes on by what it knows, and tells the rest afterwards.
 * An answer of the database that is lost may make a difference count twice: the caller is then refused earlier, never later.
 */
export function createSharedRates(deps: SharedRatesDeps): SharedRates {
  const { db, log, interval = 1_000 } = deps
  const secret = createSecretKey(deps.keyring.derive('request-rates'))
  const limits = new Map<string, ReturnType<typeof createRate>>()
  let fresh: Counter[] = []
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let swept = 0
  let away = false
  let closed = false

  const hashOf = ({ rule, caller }: Counter) =>
    createHmac('sha256', secret).update(`${rule.name}\n${caller}`).digest().subarray(0, 16)

  function list(counter: Counter): void {
    fresh.push(counter)
    schedule()
  }

  function schedule(): void {
    if (!closed) timer ??= setTimeout(() => void exchange(), interval).unref()
  }

  async function tell(counters: readonly Counter[]): Promise<void> {
    const byClock = new Map<RateRule['clock'], Counter[]>()
    for (const counter of counters) {
      counter.listed = false
      if (!limits.get(counter.rule.name)?.matters(counter)) continue
      const group = byClock.get(counter.rule.clock)
      if (group) group.push(counter)
      else byClock.set(counter.rule.clock, [counter])
    }
    // Rules have one clock but in tests, so this is one statement.
    for (const [clock = Date.now, group] of byClock) {
      const told = new Map<string, Counter>()
      const rows: RateCount[] = group.map((counter) => {
        counter.hash ??= hashOf(counter)
        const key_hash = counter.hash
        told.set(key_hash.toString('hex'), counter)
        return { key_hash, ends: counter.ends, taken: counter.fresh }
      })
      const sent = new Map(group.map((counter) => [counter, counter.fresh]))
      for (const { key_hash, ends, taken } of await addRates(db, rows, clock())) {
        const counter = told.get(key_hash.toString('hex'))
        if (counter) limits.get(counter.rule.name)?.learn(counter, sent.get(counter) ?? 0, taken, ends)
      }
    }
  }

  /** What was not told waits for the next time; of windows that are over nobody needs to hear. */
  function relist(counters: Iterable<Counter>): void {
    for (const counter of counters) {
      counter.listed = limits.get(counter.rule.name)?.matters(counter) ?? false
      if (counter.listed) fresh.push(counter)
    }
  }

  async function run(): Promise<void> {
    const all = fresh
    fresh = []
    for (let from = 0; from < all.length; from += BATCH) {
      const batch = all.slice(from, from + BATCH)
      try {
        await tell(batch)
        if (away) log.info({}, 'rate limits are shared again')
        away = false
      } catch (err) {
        if (!away) log.warn({ err }, 'rate limits are counted by this process alone until the database answers')
        away = true
        const later = fresh
        fresh = []
        // One that was asked for meanwhile stands in both.
        relist(new Set([...all.slice(from), ...later]))
        break
      }
    }
    const now = performance.now()
    if (now - swept < SWEEP_EVERY) return
    swept = now
    for (const limit of limits.values()) limit.sweep()
  }

  function exchange(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    running ??= run().finally(() => {
      running = undefined
      if (fresh.length > 0) schedule()
    })
    return running
  }

  return {
    limit(rule) {
      let known = limits.get(rule.name)
      if (!known) {
        known = createRate(rule, list)
        limits.set(rule.name, known)
      }
      return known.rate
    },
    exchange,
    async close() {
      closed = true
      clearTimeout(timer)
      await running
      await run()
    },
  }
}
