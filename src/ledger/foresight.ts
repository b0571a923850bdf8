import { createGenerationCache } from '../domain/generation-cache.ts'
import { type AccountState, accountsOf } from '../domain/posting.ts'
import type { Command } from './command.ts'
import type { Locked } from './store.ts'

/** The state a batch will meet, if nobody else writes to its accounts meanwhile. */
export type Foreseen = {
  readonly accounts: Map<bigint, AccountState>
  /** the database's clock, and never before an entry of these accounts; ms since the epoch */
  readonly at: number
}

/** Accounts of which the last state is remembered. */
const REMEMBERED = 50_000
/** ms after which the database's clock is asked again */
const CLOCK_LASTS = 1_000
/** ms without foresight after it was wrong: somebody else writes to the same accounts */
const REST = 1_000

/**
 * What accounts were left as by the last batch that was sent. A batch that moves money between such accounts, or to new ones,
 * can be decided without locking them first: its commit compares them, and fails if one of them is not what it was decided on.
 */
export function createForesight(monotonic: () => number = () => performance.now()) {
  let known = createGenerationCache<AccountState, bigint>(REMEMBERED)
  let clock: { readonly now: number; readonly read: number } | null = null
  let latest = 0
  let restsUntil = 0

  const awake = (time = monotonic()) => clock !== null && time - clock.read <= CLOCK_LASTS && time >= restsUntil

  return {
    /** Whether anything can be foreseen now. */
    awake: () => awake(),

    /** What was read under lock. */
    learn(locked: Locked): void {
      latest = Math.max(latest, locked.at)
      clock = { now: locked.now, read: monotonic() }
    },

    /** The database's clock as a commit told it. */
    learnClock(now: number): void {
      clock = { now, read: monotonic() }
    },

    /** What a batch leaves behind that is sent now. */
    follow(accounts: ReadonlyMap<bigint, AccountState>, at: number): void {
      latest = Math.max(latest, at)
      for (const [id, account] of accounts) known.set(id, account)
    },

    /** A batch was not committed: what followed from it is not so. @param mistaken the state was not what was foreseen */
    forget(mistaken: boolean): void {
      known = createGenerationCache<AccountState, bigint>(REMEMBERED)
      if (mistaken) restsUntil = monotonic() + REST
    },

    /** @returns null: at least one command needs a look at the database first */
    of(commands: Iterable<Command>): Foreseen | null {
      const time = monotonic()
      if (!clock || !awake(time)) return null
      const accounts = new Map<bigint, AccountState>()
      // An account that is opened is new, or its row's key says otherwise.
      const opened = new Set<bigint>()
      for (const { legs } of commands) {
        for (const leg of legs) {
          if (leg.type === 'open-account' && !known.get(leg.account)) opened.add(leg.account)
          else if (leg.type !== 'transfer') return null
          for (const id of accountsOf(leg)) {
            if (accounts.has(id) || opened.has(id)) continue
            const account = known.get(id)
            // Where holds are, one of them may have expired.
            if (account?.held !== 0n || account.incoming !== 0n) return null
            accounts.set(id, account)
          }
        }
      }
      return { accounts, at: Math.max(latest, Math.floor(clock.now + time - clock.read)) }
    },
  }
}
