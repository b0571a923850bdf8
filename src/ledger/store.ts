import type { AccountState, Effects, HoldState } from '../domain/posting.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { Answer, Command } from './command.ts'

/** A stored answer and what it was an answer to. */
export type KeyRecord = { readonly hash: string; readonly answer: Answer }

export type LockRequest = {
  readonly accounts: ReadonlySet<bigint>
  readonly holds: ReadonlySet<string>
  /** keys to look up; left out on the first try, which claims them at the commit and finds out there */
  readonly keys: readonly string[]
}

/** The state under lock. Accounts and holds that do not exist are absent. */
export type Locked = {
  readonly accounts: Map<bigint, AccountState>
  readonly holds: Map<string, HoldState>
  /** open holds past their time that reserve room on a locked account */
  readonly expired: readonly HoldState[]
  /** by `keyId` */
  readonly keys: Map<string, KeyRecord>
  /** the database's clock, read after the last lock was granted; ms since the epoch */
  readonly now: number
  /** never before an entry of a locked account, even when a clock went backwards; ms since the epoch */
  readonly at: number
}

/** One decided command: what the commit writes for it. */
export type Write = {
  readonly command: Command
  /** of the caller's key, if it gave one */
  readonly keyId: string | null
  /** null: nothing but the stored refusal */
  readonly effects: Effects | null
  readonly answer: Answer
}

/** Where the ledger's rows are. One batch at a time: lock, then commit or release. */
export type Store = {
  lock(request: LockRequest): Promise<Locked>
  /**
   * Writes and commits all of it, or nothing, and locks the next batch in the same round trip.
   * @returns the next batch's state if it was asked for and could be locked; otherwise nothing is locked
   * @throws StoreError nothing is locked
   */
  commit(
    writes: readonly Write[],
    touched: readonly AccountState[],
    at: number,
    next: LockRequest | null,
  ): Promise<Locked | null>
  /**
   * Writes and commits a batch that was decided without a lock; it may be called while the commit before it is on its way.
   * @param after each account of the batch as it leaves it, changed or not
   * @param before as they were thought to be; those that it opens are left out
   * @returns the database's clock, ms since the epoch
   * @throws StoreError `stale` where they are not so, or the commit before was not made
   */
  commitAhead(
    writes: readonly Write[],
    after: ReadonlyMap<bigint, AccountState>,
    at: number,
    before: ReadonlyMap<bigint, AccountState>,
  ): Promise<number>
  /** Ends a locked batch that writes nothing. */
  release(): Promise<void>
  /** Lets an answer of the database overtake the requests that are being read: it waits for nothing else. */
  poll?(): void
  close(): Promise<void>
}

/**
 * Why a batch was not written.
 * - `key-taken`: another process committed one of its keys; look the keys up and decide again
 * - `stale`: the batch was decided on accounts that are not so; lock them and decide again
 * - `conflict`: an effect's row breaks a unique or check constraint; `refusal` says which
 * - `retry`: a deadlock, a lock that took too long, a lost connection before the commit was sent: the batch may be repeated
 * - `unavailable`: the database refuses work (disk full, shutting down, too many connections); nothing was applied
 * - `unknown`: the commit was sent and its outcome could not be learnt
 * - `fault`: the database rejected the content: a defect of ours or of one command
 */
export type StoreErrorKind = 'key-taken' | 'stale' | 'conflict' | 'retry' | 'unavailable' | 'unknown' | 'fault'

export class StoreError extends Error {
  override name = 'StoreError'
  readonly kind: StoreErrorKind
  readonly refusal: Refusal | undefined

  constructor(kind: StoreErrorKind, message: string, cause?: unknown, refusal?: Refusal) {
    super(message, { cause })
    this.kind = kind
    this.refusal = refusal
  }
}
