import type { Entry, Leg } from '../domain/posting.ts'
import type { Refusal } from '../domain/refusal.ts'

/** What a caller gets, fixed before the commit and stored with it: a repeat gets these bytes again. */
export type Answer = { readonly status: number; readonly body: string }

/** How a command ended. `at` is the ledger's time of the commit, ms since the epoch. */
export type Outcome =
  | { readonly accepted: true; readonly transaction: string; readonly at: number; readonly entries: readonly Entry[] }
  | { readonly accepted: false; readonly refusal: Refusal; readonly at: number }

/**
 * Rows of other tables that are written in the transaction of the command, set-based: one statement for all rows of a batch
 * that share the effect. A row that violates a unique constraint refuses its command with `already-exists`, one that violates a
 * check constraint with `effect-refused`: single use is a primary key, a sum that may not be exceeded is
 * `on conflict do update set used = used + excluded.used` under a check (rows of one batch added up before).
 */
export type Effect = {
  readonly name: string
  /** takes one array parameter for each column */
  readonly text: string
  /**
   * The check that keeps a sum of what the first column names below a cap, for ever: refunds of a payment, or the one settlement
   * of an invoice. A command that would exceed it as far as is known is refused with the check's name without being tried,
   * because a row that fails costs its whole batch another try.
   */
  readonly bound?: { readonly check: string; readonly of: (row: EffectRow) => { cap: bigint; adds: bigint } }
  /**
   * Tells others what the rows did: a second statement, right after the first, with some of its parameters (their positions, from
   * 1, in the order in which this one takes them). Whoever uses the effect tells of it, and cannot forget to.
   */
  readonly told?: { readonly text: string; readonly parameters: readonly number[] }
}

/** The bound of what is used up at once. */
export const once = (check: string): NonNullable<Effect['bound']> => ({ check, of: () => ({ cap: 1n, adds: 1n }) })

/** One value for each parameter of the effect, as text. */
export type EffectRow = readonly (string | null)[]

/** What a row may tell of its command's decision, such as the balance that was left. */
export type Decided = { readonly at: number; readonly entries: readonly Entry[] }

export type Command = {
  /** who asks, e.g. `client:gateway`; scopes the key */
  readonly principal: string
  /** the caller's idempotency key, if it gave one; `hash` is the hex of 16 bytes over the canonical request */
  readonly key?: { readonly value: string; readonly hash: string }
  /** the transaction's public reference, a UUID of ours */
  readonly transaction: string
  readonly kind: string
  readonly legs: readonly Leg[]
  /** JSON text shown in histories; never empty */
  readonly payload: string
  readonly effects?: readonly { readonly effect: Effect; readonly row: EffectRow | ((decided: Decided) => EffectRow) }[]
  /** Renders the answer. Pure: it may be called again when a batch is repeated. */
  readonly answer: (outcome: Outcome) => Answer
}

/** `replayed`: the answer is that of an earlier command with the same key. */
export type Settled = { readonly answer: Answer; readonly outcome: Outcome | null; readonly replayed: boolean }

/** The door: every movement of money goes through it, and nothing else writes the ledger's tables. */
export type Ledger = {
  /**
   * Resolves after the commit, or with a refusal that changed nothing.
   * @throws LedgerUnavailable nothing was applied, or (`unknown`) it could not be learnt: repeat with the same key
   */
  submit(command: Command): Promise<Settled>
  /** Waits for what was submitted and ends. */
  close(): Promise<void>
}

/** The store could not be reached or gave up; answered as 503. */
export class LedgerUnavailable extends Error {
  override name = 'LedgerUnavailable'
  /** true: the command may have been applied; its key tells when it is sent again */
  readonly unknown: boolean

  constructor(message: string, options: { unknown: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.unknown = options.unknown
  }
}
