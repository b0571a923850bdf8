import type { Refusal, RefusalCode } from './refusal.ts'

/** An account as the ledger decides on it; all amounts in minor units of its asset. */
export type AccountState = {
  readonly id: bigint
  readonly assetId: number
  readonly balance: bigint
  /** reserved by open holds out of this account */
  readonly held: bigint
  /** reserved by open holds into this account */
  readonly incoming: bigint
  readonly lower: bigint | null
  readonly upper: bigint | null
  /** number of the last entry */
  readonly entries: bigint
  /** number of the last change of limits or status */
  readonly version: number
  readonly status: AccountStatus
}

export type AccountStatus = 'open' | 'frozen' | 'closed'

export type HoldStatus = 'open' | 'captured' | 'released' | 'expired'

export type HoldState = {
  readonly id: string
  readonly source: bigint
  readonly target: bigint
  readonly assetId: number
  readonly amount: bigint
  readonly status: HoldStatus
  /** ms since the epoch */
  readonly expiresAt: number
}

/** One step of a command. A command's legs are applied all together, in order, or not at all. */
export type Leg =
  | { readonly type: 'transfer'; readonly source: bigint; readonly target: bigint; readonly amount: bigint }
  | {
      readonly type: 'hold'
      readonly hold: string
      readonly source: bigint
      readonly target: bigint
      readonly amount: bigint
      readonly expiresAt: number
    }
  /** Moves up to the held amount; the rest is released with it. A hold is captured once. */
  | {
      readonly type: 'capture'
      readonly hold: string
      readonly source: bigint
      readonly target: bigint
      readonly amount: bigint
    }
  | { readonly type: 'release'; readonly hold: string; readonly source: bigint; readonly target: bigint }
  | {
      readonly type: 'open-account'
      readonly account: bigint
      readonly assetId: number
      readonly lower: bigint | null
      readonly upper: bigint | null
    }
  /** Absent members stay as they are. */
  | {
      readonly type: 'change-account'
      readonly account: bigint
      readonly lower?: bigint | null
      readonly upper?: bigint | null
      readonly status?: AccountStatus
    }

export type Entry = {
  readonly account: bigint
  readonly seq: bigint
  readonly amount: bigint
  readonly balance: bigint
}

export type Transfer = {
  readonly source: bigint
  readonly target: bigint
  readonly amount: bigint
  readonly assetId: number
}

/** What an accepted command writes. */
export type Effects = {
  readonly transfers: Transfer[]
  /** two for each transfer: the source's, then the target's */
  readonly entries: Entry[]
  readonly opened: HoldState[]
  readonly ended: { readonly hold: HoldState; readonly captured: bigint }[]
  readonly changed: AccountState[]
}

/** What decisions are made against. `decide` replaces members of both maps; it never mutates the objects in them. */
export type LedgerState = {
  readonly accounts: Map<bigint, AccountState>
  readonly holds: Map<string, HoldState>
  /** the database's clock at the lock, ms since the epoch: judges expiry */
  readonly now: number
}

const BALANCE_MAX = 2n ** 62n

/** Applies the legs to the state together, or refuses and leaves the state as it was. */
export function decide(state: LedgerState, legs: readonly Leg[]): Effects | Refusal {
  const effects: Effects = { transfers: [], entries: [], opened: [], ended: [], changed: [] }
  const undo: (() => void)[] = []
  for (const leg of legs) {
    const refusal = apply(state, leg, effects, undo)
    if (refusal) {
      for (const step of undo.reverse()) step()
      return refusal
    }
  }
  return effects
}

export function isRefusal(decision: Effects | Refusal): decision is Refusal {
  return 'code' in decision
}

/** The accounts a leg touches, all of which must be locked before it is decided. */
export function accountsOf(leg: Leg): bigint[] {
  return leg.type === 'open-account' || leg.type === 'change-account' ? [leg.account] : [leg.source, leg.target]
}

function apply(state: LedgerState, leg: Leg, effects: Effects, undo: (() => void)[]): Refusal | null {
  switch (leg.type) {
    case 'transfer':
      return applyTransfer(state, leg, effects, undo)
    case 'hold':
      return applyHold(state, leg, effects, undo)
    case 'capture':
    case 'release':
      return applyHoldEnd(state, leg, effects, undo)
    case 'open-account':
      return applyOpen(state, leg, effects, undo)
    case 'change-account':
      return applyChange(state, leg, effects, undo)
  }
}

type Sides = { source: AccountState; target: AccountState }

/** Everything that transfers and new holds have in common: the same reasons, in the same order. */
function checkSides(state: LedgerState, leg: { source: bigint; target: bigint; amount: bigint }): Refusal | Sides {
  if (leg.amount <= 0n) throw new RangeError('a leg moves a positive amount')
  if (leg.source === leg.target) return refuse('same-account', leg.source)
  const source = state.accounts.get(leg.source)
  if (!source) return refuse('source-not-found', leg.source)
  const target = state.accounts.get(leg.target)
  if (!target) return refuse('target-not-found', leg.target)
  if (source.assetId !== target.assetId) return refuse('asset-mismatch', leg.target)
  if (source.status === 'closed') return refuse('source-closed', leg.source)
  if (target.status === 'closed') return refuse('target-closed', leg.target)
  if (source.status === 'frozen') return refuse('source-frozen', leg.source)
  if (source.lower !== null && source.balance - source.held - leg.amount < source.lower)
    return refuse('unavailable-funds', leg.source)
  if (target.upper !== null && target.balance + target.incoming + leg.amount > target.upper)
    return refuse('unreceivable-funds', leg.target)
  if (source.balance - source.held - leg.amount < -BALANCE_MAX) return refuse('amount-out-of-range', leg.source)
  if (target.balance + target.incoming + leg.amount > BALANCE_MAX) return refuse('amount-out-of-range', leg.target)
  return { source, target }
}

function applyTransfer(
  state: LedgerState,
  leg: Extract<Leg, { type: 'transfer' }>,
  effects: Effects,
  undo: (() => void)[],
): Refusal | null {
  const sides = checkSides(state, leg)
  if ('code' in sides) return sides
  move(state, sides.source, sides.target, leg.amount, effects, undo)
  return null
}

function move(
  state: LedgerState,
  source: AccountState,
  target: AccountState,
  amount: bigint,
  effects: Effects,
  undo: (() => void)[],
): void {
  const paid = { ...source, balance: source.balance - amount, entries: source.entries + 1n }
  const received = { ...target, balance: target.balance + amount, entries: target.entries + 1n }
  replaceAccount(state, paid, undo)
  replaceAccount(state, received, undo)
  effects.transfers.push({ source: source.id, target: target.id, amount, assetId: source.assetId })
  effects.entries.push(
    { account: paid.id, seq: paid.entries, amount: -amount, balance: paid.balance },
    { account: received.id, seq: received.entries, amount, balance: received.balance },
  )
}

function applyHold(
  state: LedgerState,
  leg: Extract<Leg, { type: 'hold' }>,
  effects: Effects,
  undo: (() => void)[],
): Refusal | null {
  const sides = checkSides(state, leg)
  if ('code' in sides) return sides
  const { source, target } = sides
  const hold: HoldState = {
    id: leg.hold,
    source: source.id,
    target: target.id,
    assetId: source.assetId,
    amount: leg.amount,
    status: 'open',
    expiresAt: leg.expiresAt,
  }
  replaceAccount(state, { ...source, held: source.held + leg.amount }, undo)
  replaceAccount(state, { ...target, incoming: target.incoming + leg.amount }, undo)
  replaceHold(state, hold, undo)
  effects.opened.push(hold)
  return null
}

function applyHoldEnd(
  state: LedgerState,
  leg: Extract<Leg, { type: 'capture' | 'release' }>,
  effects: Effects,
  undo: (() => void)[],
): Refusal | null {
  const source = state.accounts.get(leg.source)
  if (!source) return refuse('source-not-found', leg.source)
  const target = state.accounts.get(leg.target)
  if (!target) return refuse('target-not-found', leg.target)
  const hold = state.holds.get(leg.hold)
  if (!hold || hold.source !== source.id || hold.target !== target.id) return refuse('hold-not-found')
  if (hold.status === 'expired') return refuse('hold-expired')
  if (hold.status !== 'open') return refuse('hold-ended')
  const expired = hold.expiresAt <= state.now
  if (leg.type === 'capture') {
    if (expired) return refuse('hold-expired')
    if (leg.amount <= 0n) throw new RangeError('a capture moves a positive amount')
    if (leg.amount > hold.amount) return refuse('capture-exceeds-hold')
  }
  const captured = leg.type === 'capture' ? leg.amount : 0n
  const ended: HoldState = { ...hold, status: captured > 0n ? 'captured' : expired ? 'expired' : 'released' }
  const freedSource = { ...source, held: source.held - hold.amount }
  const freedTarget = { ...target, incoming: target.incoming - hold.amount }
  replaceAccount(state, freedSource, undo)
  replaceAccount(state, freedTarget, undo)
  replaceHold(state, ended, undo)
  effects.ended.push({ hold: ended, captured })
  // The hold took room on both sides when it was opened, so the capture meets no limit.
  if (captured > 0n) move(state, freedSource, freedTarget, captured, effects, undo)
  return null
}

function applyOpen(
  state: LedgerState,
  leg: Extract<Leg, { type: 'open-account' }>,
  effects: Effects,
  undo: (() => void)[],
): Refusal | null {
  if (state.accounts.has(leg.account)) return refuse('account-exists', leg.account)
  const opened: AccountState = {
    id: leg.account,
    assetId: leg.assetId,
    balance: 0n,
    held: 0n,
    incoming: 0n,
    lower: leg.lower,
    upper: leg.upper,
    entries: 0n,
    version: 1,
    status: 'open',
  }
  const refusal = checkLimits(opened)
  if (refusal) return refusal
  replaceAccount(state, opened, undo)
  effects.changed.push(opened)
  return null
}

function applyChange(
  state: LedgerState,
  leg: Extract<Leg, { type: 'change-account' }>,
  effects: Effects,
  undo: (() => void)[],
): Refusal | null {
  const account = state.accounts.get(leg.account)
  if (!account) return refuse('account-not-found', leg.account)
  if (account.status === 'closed') return refuse('account-closed', leg.account)
  const changed: AccountState = {
    ...account,
    lower: leg.lower === undefined ? account.lower : leg.lower,
    upper: leg.upper === undefined ? account.upper : leg.upper,
    status: leg.status ?? account.status,
    version: account.version + 1,
  }
  const refusal = checkLimits(changed)
  if (refusal) return refusal
  if (changed.status === 'closed' && (changed.balance !== 0n || changed.held !== 0n || changed.incoming !== 0n))
    return refuse('account-not-empty', leg.account)
  replaceAccount(state, changed, undo)
  effects.changed.push(changed)
  return null
}

function checkLimits(account: AccountState): Refusal | null {
  const { lower, upper, balance, held, incoming, id } = account
  if (lower !== null && upper !== null && lower > upper) return refuse('limits-crossed', id)
  if (lower !== null && balance - held < lower) return refuse('limit-broken', id)
  if (upper !== null && balance + incoming > upper) return refuse('limit-broken', id)
  return null
}

function replaceAccount(state: LedgerState, account: AccountState, undo: (() => void)[]): void {
  const before = state.accounts.get(account.id)
  undo.push(() => (before ? state.accounts.set(account.id, before) : state.accounts.delete(account.id)))
  state.accounts.set(account.id, account)
}

function replaceHold(state: LedgerState, hold: HoldState, undo: (() => void)[]): void {
  const before = state.holds.get(hold.id)
  undo.push(() => (before ? state.holds.set(hold.id, before) : state.holds.delete(hold.id)))
  state.holds.set(hold.id, hold)
}

function refuse(code: RefusalCode, account?: bigint): Refusal {
  return account === undefined ? { code } : { code, account }
}
