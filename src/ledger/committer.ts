import { type AccountState, accountsOf, decide, isRefusal, type LedgerState } from '../domain/posting.ts'
import type { Refusal } from '../domain/refusal.ts'
import { createGenerationCache } from '../domain/generation-cache.ts'
import { uuidV7 } from '../domain/uuid.ts'
import { type Command, type Ledger, LedgerUnavailable, type Outcome, type Settled } from './command.ts'
import { type KeyRecord, keyOf, type Locked, type Store, StoreError, type Write } from './store.ts'

type Waiting = {
  readonly command: Command
  readonly settle: (settled: Settled) => void
  readonly fail: (error: Error) => void
  /** later arrivals with the same key: they take this one's answer, or the conflict */
  readonly twins: Waiting[]
}

type Try = {
  readonly attempt: number
  readonly lookUpKeys: boolean
  /** decided by an earlier try, where the database said so */
  readonly refusal?: Refusal
}

export type CommitterOptions = {
  /** commands in one database transaction */
  batchLimit?: number
  /** commands that may wait; beyond it the caller is told to come back */
  queueLimit?: number
  attempts?: number
  /** told after each commit: how many commands it carried and how long it took */
  onBatch?: (commands: number, seconds: number) => void
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
  let queue: Waiting[] = []
  let working: Promise<void> | null = null
  let closed = false
  /** until when keys are looked up on the first try: after a conflict more of them are likely */
  let expectRepeats = 0

  async function work(): Promise<void> {
    // Lets the requests that the event loop has in hand join this batch.
    await new Promise((resolve) => setImmediate(resolve))
    while (queue.length > 0) {
      const batch = queue.slice(0, batchLimit)
      queue = queue.slice(batchLimit)
      const primaries = foldTwins(batch, recent.get)
      if (primaries.length > 0) await run(primaries, { attempt: 1, lookUpKeys: Date.now() < expectRepeats })
    }
    working = null
  }

  async function run(batch: Waiting[], current: Try): Promise<void> {
    try {
      await commitBatch(batch, current)
    } catch (thrown) {
      // What no store threw is a defect in one command, such as an answer that cannot be rendered.
      const error = thrown instanceof StoreError ? thrown : new StoreError('fault', String(thrown), thrown)
      if (error.kind === 'unknown') {
        return failAll(batch, new LedgerUnavailable('unknown: repeat with the same key', { unknown: true, cause: error }))
      }
      const last = current.attempt >= attempts
      if (error.kind === 'unavailable' || ((error.kind === 'retry' || error.kind === 'key-taken') && last)) {
        return failAll(batch, new LedgerUnavailable('nothing was applied: try again later', { unknown: false, cause: error }))
      }
      if (error.kind === 'key-taken') {
        expectRepeats = Date.now() + 1000
        return run(batch, { attempt: current.attempt + 1, lookUpKeys: true })
      }
      if (error.kind === 'retry') {
        options.log?.warn({ err: error, attempt: current.attempt, commands: batch.length }, 'ledger batch is repeated')
        await pause(current.attempt)
        return run(batch, { ...current, attempt: current.attempt + 1 })
      }
      if (error.kind === 'conflict' && !current.lookUpKeys && batch.some(({ command }) => command.key)) {
        // A repeat's effects are there already because of its first time: its key tells.
        return run(batch, { ...current, lookUpKeys: true })
      }
      // A defect of ours is met with the locks still held.
      if (error.kind === 'fault') await store.release()
      if (batch.length > 1) {
        // One of them is at fault: none of the others may suffer for it.
        const half = batch.length >> 1
        await run(batch.slice(0, half), current)
        return run(batch.slice(half), current)
      }
      const only = batch[0] as Waiting
      if (error.kind === 'conflict' && !current.refusal) {
        return run([only], { attempt: 1, lookUpKeys: true, refusal: { code: 'already-exists' } })
      }
      return failAll(batch, thrown as Error)
    }
  }

  async function commitBatch(batch: Waiting[], { lookUpKeys, refusal }: Try): Promise<void> {
    const started = performance.now()
    const locked = await lockAll(batch, lookUpKeys)
    const before = new Map(locked.accounts)
    const state: LedgerState = { accounts: locked.accounts, holds: locked.holds, now: locked.now }
    const writes: Write[] = []
    const results: (() => void)[] = []

    for (const command of expiries(locked)) {
      const effects = decide(state, command.legs)
      if (!isRefusal(effects)) writes.push({ command, effects, answer: NO_ANSWER })
    }
    for (const waiting of batch) {
      const { command } = waiting
      const known = command.key && locked.keys.get(keyOf(command.principal, command.key.value))
      if (known) {
        results.push(() => settleKnown(waiting, known))
        continue
      }
      const decision = refusal ?? decide(state, command.legs)
      const outcome: Outcome = isRefusal(decision)
        ? { accepted: false, refusal: decision, at: locked.at }
        : { accepted: true, transaction: command.transaction, at: locked.at, entries: decision.entries }
      const answer = command.answer(outcome)
      // A refusal without a key changes nothing and has nothing to remember.
      if (outcome.accepted || command.key) {
        writes.push({ command, effects: isRefusal(decision) ? null : decision, answer })
      }
      results.push(() => settleFirst(waiting, { answer, outcome, replayed: false }))
    }

    if (writes.length === 0) await store.release()
    else await store.commit(writes, changedSince(before, state.accounts), locked.at)
    for (const result of results) result()
    options.onBatch?.(batch.length, (performance.now() - started) / 1000)
  }

  async function lockAll(batch: Waiting[], lookUpKeys: boolean): Promise<Locked> {
    const accounts = new Set<bigint>()
    const holds = new Set<string>()
    for (const { command } of batch) {
      for (const leg of command.legs) {
        for (const account of accountsOf(leg)) accounts.add(account)
        if (leg.type === 'capture' || leg.type === 'release') holds.add(leg.hold)
      }
    }
    const keys = lookUpKeys
      ? batch.flatMap(({ command }) => (command.key ? [{ principal: command.principal, key: command.key.value }] : []))
      : []
    for (;;) {
      const locked = await store.lock({ accounts: [...accounts], holds: [...holds], keys })
      const missing = locked.expired.flatMap((hold) => [hold.source, hold.target]).filter((id) => !accounts.has(id))
      if (missing.length === 0) return locked
      // The other side of an expired hold must be locked too, and in order: let go and lock all of them.
      await store.release()
      for (const account of missing) accounts.add(account)
    }
  }

  function settleFirst(waiting: Waiting, settled: Settled): void {
    const { command } = waiting
    if (command.key) {
      const record = { hash: command.key.hash, answer: settled.answer }
      recent.set(keyOf(command.principal, command.key.value), record)
      for (const twin of waiting.twins) settleKnown(twin, record)
    }
    waiting.settle(settled)
  }

  return {
    submit(command) {
      if (closed) return Promise.reject(new LedgerUnavailable('the server is stopping', { unknown: false }))
      if (queue.length >= queueLimit) {
        return Promise.reject(new LedgerUnavailable('too many requests are waiting', { unknown: false }))
      }
      return new Promise((settle, fail) => {
        queue.push({ command, settle, fail, twins: [] })
        working ??= work()
      })
    },
    async close() {
      closed = true
      while (working) await working
      await store.close()
    },
  }
}

/** Enough for the repeats that follow at once, and few enough to die young: kept answers cost the garbage collector. */
const RECENT_ANSWERS = 2048
const NO_ANSWER = { status: 0, body: '' }

/** Answers what is known already; of several commands with one key the first goes on and carries the others. */
function foldTwins(batch: Waiting[], known: (key: string) => KeyRecord | undefined): Waiting[] {
  const firsts = new Map<string, Waiting>()
  const primaries: Waiting[] = []
  for (const waiting of batch) {
    const { key, principal } = waiting.command
    if (!key) {
      primaries.push(waiting)
      continue
    }
    const id = keyOf(principal, key.value)
    const record = known(id)
    if (record) {
      settleKnown(waiting, record)
      continue
    }
    const first = firsts.get(id)
    if (first) first.twins.push(waiting)
    else {
      firsts.set(id, waiting)
      primaries.push(waiting)
    }
  }
  return primaries
}

function settleKnown(waiting: Waiting, record: KeyRecord): void {
  const same = record.hash === waiting.command.key?.hash
  const outcome: Outcome = { accepted: false, refusal: { code: 'idempotency-conflict' }, at: Date.now() }
  for (const twin of waiting.twins) settleKnown(twin, record)
  if (same) {
    waiting.settle({ answer: record.answer, outcome: null, replayed: true })
    return
  }
  try {
    waiting.settle({ answer: waiting.command.answer(outcome), outcome, replayed: false })
  } catch (error) {
    waiting.fail(error as Error)
  }
}

/** Expired holds on locked accounts end in the batch that meets them, before anything else is decided. */
function expiries(locked: Locked): Command[] {
  return locked.expired.map((hold) => {
    locked.holds.set(hold.id, hold)
    return {
      principal: 'ledger',
      transaction: uuidV7(locked.at),
      kind: 'hold-expiry',
      legs: [{ type: 'release', hold: hold.id, source: hold.source, target: hold.target }],
      payload: '{}',
      answer: () => NO_ANSWER,
    }
  })
}

function changedSince(before: Map<bigint, AccountState>, after: Map<bigint, AccountState>): AccountState[] {
  const changed: AccountState[] = []
  for (const [id, account] of after) if (before.get(id) !== account) changed.push(account)
  return changed
}

function failAll(batch: Waiting[], error: Error): void {
  for (const waiting of batch) for (const each of [waiting, ...waiting.twins]) each.fail(error)
}

/** 5 ms doubling to 640 ms, each with jitter, so that processes that met once do not meet again. */
function pause(attempt: number): Promise<void> {
  const most = 5 * 2 ** Math.min(attempt, 7)
  return new Promise((resolve) => setTimeout(resolve, most * (0.5 + Math.random() / 2)))
}
