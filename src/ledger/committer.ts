import { createGenerationCache } from '../domain/generation-cache.ts'
import { type AccountState, decide, isRefusal, type LedgerState } from '../domain/posting.ts'
import type { Refusal } from '../domain/refusal.ts'
import { createBounds } from './bounds.ts'
import { type Command, type Ledger, LedgerUnavailable, type Outcome } from './command.ts'
import { expiries, lockWithExpired, NO_ANSWER } from './expired-holds.ts'
import { createForesight, type Foreseen } from './foresight.ts'
import { keyId } from './lines.ts'
import { type KeyRecord, type Locked, type Store, StoreError, type Write } from './store.ts'
import { failAll, foldTwins, lockRequest, settleFirst, settleKnown, type Waiting } from './waiting.ts'

/** The batch that comes next. Its locks are held if `locked` is there. */
type Following = {
  readonly batch: Waiting[]
  readonly lookUpKeys: boolean
  locked: Locked | null
  flight: Flight | null
}

/** A batch whose commit was sent without a lock, on the state that it was foreseen to meet. */
type Flight = {
  readonly committed: Promise<number>
  readonly decided: Decided
  readonly started: number
  /** the batch that it was sent on top of was not committed, and so neither is this one */
  fallen?: boolean
}

/** What a batch does, and what its callers hear once it is done. */
type Decided = {
  readonly writes: readonly Write[]
  readonly touched: readonly AccountState[]
  finish(): void
}

type Try = {
  readonly attempt: number
  readonly lookUpKeys: boolean
  /** what the batch before has locked for this one */
  readonly locked?: Locked | null
  /** whether the commit may lock the next batch; a repeated batch stays by itself */
  readonly chain?: boolean
  /** it was sent on top of a batch that failed: what was foreseen may have been right */
  readonly fallen?: boolean
  /** decided by an earlier try, where the database said so */
  readonly refusal?: Refusal
}

export type CommitterOptions = {
  /** commands in one database transaction */
  batchLimit?: number
  /** commands that may wait; beyond it the caller is told to come back */
  queueLimit?: number
  attempts?: number
  /** whether batches may be decided on remembered accounts instead of locking them first; true where it is left out */
  foresight?: boolean
  /** ms since any moment, never backwards; what is between two readings of the database's clock */
  monotonic?: () => number
  /** told after each commit: how many commands it carried, how long it took, and whether it was decided on remembered accounts */
  onBatch?: (commands: number, seconds: number, decided: 'ahead' | 'locked') => void
  /** told of each batch whose accounts were not as remembered: it is decided once more, under lock */
  onStale?: () => void
  log?: { warn(fields: object, message: string): void }
}

/**
 * Group commit: commands that arrive while a batch is on its way form the next one. Each batch is locked, decided in order of
 * arrival and written as one database transaction; every caller is answered after the commit.
 *
 * Keys are claimed optimistically: the first try inserts them with their answers, and only a batch that meets a key of an
 * earlier batch is rolled back, looked up and decided again.
 */
export function createCommitter(store: Store, options: CommitterOptions = {}): Ledger {
  const { batchLimit = 1024, queueLimit = 50_000, attempts = 8 } = options
  // A committed answer never changes, so these cannot be stale; what they do not hold the database does.
  const recent = createGenerationCache<KeyRecord>(RECENT_ANSWERS)
  const bounds = createBounds(RECENT_ANSWERS)
  const foresight = createForesight(options.monotonic)
  let queue: Waiting[] = []
  let working: Promise<void> | null = null
  let closed = false
  /** taken, and locked if all went well, in the round trip that committed the batch before it */
  let following: Following | null = null
  let chained = 0
  let awaited: { count: number; come(): void } | null = null
  /** until when keys are looked up on the first try: after a conflict more of them are likely */
  let expectRepeats = 0

  async function work(): Promise<void> {
    // Lets the requests that the event loop has in hand join this batch.
    await new Promise((resolve) => setImmediate(resolve))
    while (following || queue.length > 0) {
      const { batch, locked, lookUpKeys, flight } = following ?? launch(takeBatch([], first(queue.length)))
      following = null
      if (batch.length === 0) continue
      if (flight) await land(batch, flight)
      else await run(batch, { attempt: 1, lookUpKeys, locked, chain: true })
    }
    working = null
  }

  /** Of so many, how many are sent at first: the database has them in hand while the others are decided. */
  function first(count: number): number {
    return count >= MANY && options.foresight !== false && foresight.awake() ? Math.ceil(count / 2) : count
  }

  /** @param inHand the batch before, not yet answered: repeats of its commands wait for its answers */
  function takeBatch(inHand: readonly Waiting[], most = batchLimit): Following {
    const count = Math.min(most, batchLimit)
    const batch = foldTwins(queue.slice(0, count), recent.get, inHand)
    queue = queue.slice(count)
    return { batch, locked: null, lookUpKeys: Date.now() < expectRepeats, flight: null }
  }

  function foresee(batch: readonly Waiting[]): Foreseen | null {
    return options.foresight === false ? null : foresight.of(batch.map(({ command }) => command))
  }

  /** Sends the commit of a batch at once if it can be decided without a look at the database. */
  function launch(next: Following): Following {
    const { batch, lookUpKeys } = next
    if (lookUpKeys || batch.length === 0) return next
    const foreseen = foresee(batch)
    if (!foreseen) return next
    const { accounts, at } = foreseen
    const before = new Map(accounts)
    const started = performance.now()
    let decided: Decided
    try {
      decided = decideBatch(batch, { accounts, holds: new Map(), now: at }, at, NO_KEYS, [])
    } catch {
      // A defect in one command is met again, and dealt with, under lock.
      return next
    }
    // An account that was to be opened, and was not, may be there already: only its insert would tell.
    const unopened = batch.some(({ command: { legs } }) =>
      legs.some((leg) => leg.type === 'open-account' && !accounts.has(leg.account)),
    )
    if (unopened || decided.writes.length === 0) return next
    const committed = store.commitAhead(decided.writes, accounts, at, before)
    // Whoever lands it hears of a failure; until then it is nobody's.
    committed.catch(() => {})
    foresight.follow(accounts, at)
    next.flight = { committed, decided, started }
    return next
  }

  /** Whether the next batch can be sent right behind this one. */
  function foresees({ batch, lookUpKeys }: Following, writes: readonly Write[]): boolean {
    if (lookUpKeys || writes.some(({ effects }) => effects && effects.changed.length > 0)) return false
    return foresee(batch) !== null
  }

  /** Comes to an end when so many commands wait. @returns false */
  function enough(count: number): Promise<false> {
    return new Promise((resolve) => {
      if (queue.length >= count) return resolve(false)
      awaited = { count, come: () => resolve(false) }
    })
  }

  /** The next one is sent before this one is answered, so that the database always has one in hand. */
  async function land(batch: Waiting[], flight: Flight): Promise<void> {
    const { committed, decided, started } = flight
    const over = committed.then(
      () => true,
      () => true,
    )
    const alone = await Promise.race([over, enough(batch.length * ENOUGH)])
    if (!alone && ++chained % CHAIN_LENGTH !== 0) following = launch(takeBatch(batch))
    try {
      foresight.learnClock(await committed)
    } catch (thrown) {
      return recover(batch, { attempt: 1, lookUpKeys: false, fallen: flight.fallen ?? false }, thrown)
    }
    decided.finish()
    options.onBatch?.(batch.length, (performance.now() - started) / 1000, 'ahead')
  }

  async function run(batch: Waiting[], current: Try): Promise<void> {
    try {
      await commitBatch(batch, current)
    } catch (thrown) {
      await recover(batch, current, thrown)
    }
  }

  /** A batch was not committed: it is tried again as the failure says, or its callers are told. */
  async function recover(batch: Waiting[], current: Try, thrown: unknown): Promise<void> {
    // What was sent on top of it is over first: it has failed with it, or stands by itself.
    const above = following?.flight
    if (above) await above.committed.catch(() => (above.fallen = true))
    const mistaken = thrown instanceof StoreError && thrown.kind === 'stale' && !current.fallen
    foresight.forget(mistaken)
    if (mistaken) options.onStale?.()
    // What no store threw is a defect in one command, such as an answer that cannot be rendered.
    const error = thrown instanceof StoreError ? thrown : new StoreError('fault', String(thrown), thrown)
    if (error.kind === 'unknown') {
      return failAll(batch, new LedgerUnavailable('unknown: repeat with the same key', { unknown: true, cause: error }))
    }
    const last = current.attempt >= attempts
    if (error.kind === 'unavailable' || ((error.kind === 'retry' || error.kind === 'key-taken') && last)) {
      return failAll(
        batch,
        new LedgerUnavailable('nothing was applied: try again later', { unknown: false, cause: error }),
      )
    }
    if (error.kind === 'stale') return run(batch, { attempt: current.attempt, lookUpKeys: false })
    if (error.kind === 'key-taken') {
      expectRepeats = Date.now() + 1000
      return run(batch, { attempt: current.attempt + 1, lookUpKeys: true })
    }
    if (error.kind === 'retry') {
      options.log?.warn({ err: error, attempt: current.attempt, commands: batch.length }, 'ledger batch is repeated')
      await pause(current.attempt)
      return run(batch, { attempt: current.attempt + 1, lookUpKeys: current.lookUpKeys })
    }
    if (error.kind === 'conflict' && !current.lookUpKeys && batch.some(({ keyId }) => keyId !== null)) {
      // A repeat's effects are there already because of its first time: its key tells.
      return run(batch, { attempt: current.attempt, lookUpKeys: true })
    }
    // A defect of ours is met with the locks still held.
    if (error.kind === 'fault') await store.release()
    if (batch.length > 1) {
      // One of them is at fault: none of the others may suffer for it.
      const half = batch.length >> 1
      const { attempt, lookUpKeys } = current
      await run(batch.slice(0, half), { attempt, lookUpKeys })
      return run(batch.slice(half), { attempt, lookUpKeys })
    }
    const only = batch[0] as Waiting
    if (error.kind === 'conflict' && !current.refusal) {
      const refusal = error.refusal ?? { code: 'already-exists' }
      bounds.learn(only.command, refusal)
      return run([only], { attempt: 1, lookUpKeys: true, refusal })
    }
    return failAll(batch, thrown as Error)
  }

  async function commitBatch(
    batch: Waiting[],
    { lookUpKeys, refusal, locked: done = null, chain }: Try,
  ): Promise<void> {
    const started = performance.now()
    const locked = await lockWithExpired(store, lockRequest(batch, lookUpKeys), done)
    foresight.learn(locked)
    const state: LedgerState = { accounts: locked.accounts, holds: locked.holds, now: locked.now }
    const { writes, touched, finish } = decideBatch(batch, state, locked.at, locked.keys, expiries(locked), refusal)
    if (writes.length === 0) await store.release()
    else {
      const next = chain && queue.length > 0 && ++chained % CHAIN_LENGTH !== 0 ? takeBatch(batch) : null
      // A repeated batch takes none: the one that follows was taken before.
      if (next) following = next
      foresight.follow(state.accounts, locked.at)
      const ahead = next && foresees(next, writes)
      const request = next && !ahead && next.batch.length > 0 ? lockRequest(next.batch, next.lookUpKeys) : null
      const committing = store.commit(writes, touched, locked.at, request)
      if (ahead) launch(next)
      const lockedNext = await committing
      if (next) next.locked = lockedNext
    }
    finish()
    options.onBatch?.(batch.length, (performance.now() - started) / 1000, 'locked')
  }

  function decideBatch(
    batch: readonly Waiting[],
    state: LedgerState,
    at: number,
    keys: ReadonlyMap<string, KeyRecord>,
    expired: readonly Command[],
    refusal?: Refusal,
  ): Decided {
    const before = new Map(state.accounts)
    const writes: Write[] = []
    const results: (() => void)[] = []
    const fresh = new Map<string, KeyRecord>()
    const sums = bounds.begin()

    for (const command of expired) {
      const effects = decide(state, command.legs)
      if (!isRefusal(effects)) writes.push({ command, keyId: null, effects, answer: NO_ANSWER })
    }
    for (const waiting of batch) {
      const { command } = waiting
      const known = waiting.keyId !== null && keys.get(waiting.keyId)
      if (known) {
        results.push(() => settleKnown(waiting, known))
        continue
      }
      const decision = refusal ?? sums.refuse(command) ?? decide(state, command.legs)
      const outcome: Outcome = isRefusal(decision)
        ? { accepted: false, refusal: decision, at }
        : { accepted: true, transaction: command.transaction, at, entries: decision.entries }
      if (outcome.accepted) sums.add(command)
      const answer = command.answer(outcome)
      // A refusal without a key changes nothing and has nothing to remember.
      if (outcome.accepted || waiting.keyId !== null) {
        writes.push({ command, keyId: waiting.keyId, effects: isRefusal(decision) ? null : decision, answer })
      }
      if (command.key && waiting.keyId !== null) fresh.set(waiting.keyId, { hash: command.key.hash, answer })
      results.push(() => settleFirst(waiting, { answer, outcome, replayed: false }))
    }
    return {
      writes,
      touched: changedSince(before, state.accounts),
      finish() {
        for (const [id, record] of fresh) recent.set(id, record)
        sums.keep()
        // After the next batch is on its way: answering these would keep the database waiting.
        setImmediate(() => {
          for (const result of results) result()
        })
      },
    }
  }

  return {
    submit(command) {
      store.poll?.()
      if (closed) return Promise.reject(new LedgerUnavailable('the server is stopping', { unknown: false }))
      if (queue.length >= queueLimit) {
        return Promise.reject(new LedgerUnavailable('too many requests are waiting', { unknown: false }))
      }
      return new Promise((settle, fail) => {
        const { key, principal } = command
        queue.push({ command, keyId: key ? keyId(principal, key.value) : null, settle, fail, twins: [] })
        working ??= work()
        if (awaited && queue.length >= awaited.count) {
          awaited.come()
          awaited = null
        }
      })
    },
    async close() {
      closed = true
      while (working) await working
      await store.close()
    },
  }
}

/**
 * A batch is sent on top of another one when it has this part of its size: a small one would cost the database nearly as much, and the
 * commands that it did not wait for would come in yet another.
 */
const ENOUGH = 0.75
/**
 * As many make two batches where one could take them all: callers who are answered together come again together, and the database would wait
 * while they are decided. With fewer nothing was gained.
 */
const MANY = 32
/** Enough for the repeats that follow at once, and few enough to die young: kept answers cost the garbage collector. */
const RECENT_ANSWERS = 2048
/**
 * Now and then a batch is locked only after the one before was answered: another process that waits for the same account is
 * awake by then, and would otherwise find it locked anew each time. A quarter of a second at full load; each such lock is a round trip
 * in which nothing is written.
 */
const CHAIN_LENGTH = 32

const NO_KEYS: ReadonlyMap<string, KeyRecord> = new Map()

function changedSince(before: Map<bigint, AccountState>, after: Map<bigint, AccountState>): AccountState[] {
  const changed: AccountState[] = []
  for (const [id, account] of after) if (before.get(id) !== account) changed.push(account)
  return changed
}

/** 5 ms doubling to 640 ms, each with jitter, so that processes that met once do not meet again. */
function pause(attempt: number): Promise<void> {
  const most = 5 * 2 ** Math.min(attempt, 7)
  return new Promise((resolve) => setTimeout(resolve, most * (0.5 + Math.random() / 2)))
}
