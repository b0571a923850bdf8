import type { Next } from './search.ts'

/** The model of an account, as docs/ledger.md has it. Minor units in plain numbers; null: no limit. */
export type Account = {
  readonly balance: number
  readonly held: number
  readonly incoming: number
  readonly lower: number | null
  readonly upper: number | null
  readonly status: 'open' | 'frozen' | 'closed'
  readonly entries: number
}

/** What every model keeps: accounts by their names, and the answers that keys have got. */
export type Books = {
  readonly accounts: Readonly<Record<string, Account>>
  readonly keys: Readonly<Record<string, { readonly content: string; readonly answer: string }>>
}

export type Move = { readonly source: string; readonly target: string; readonly amount: number }

export const account = (limits: { lower?: number | null; upper?: number | null } = {}): Account => ({
  balance: 0,
  held: 0,
  incoming: 0,
  lower: 0,
  upper: null,
  status: 'open',
  entries: 0,
  ...limits,
})

export const withAccount = <S extends Books>(state: S, name: string, change: Partial<Account>): S => ({
  ...state,
  accounts: { ...state.accounts, [name]: { ...(state.accounts[name] as Account), ...change } },
})

/** Why a transfer, or a hold, is refused: the first of the ledger's reasons, and whose it is. */
export function reasonAgainst(
  { accounts }: Books,
  { source, target, amount }: Move,
): { code: string; account: string } | null {
  if (source === target) return { code: 'same-account', account: source }
  const from = accounts[source] as Account
  const to = accounts[target] as Account
  if (from.status === 'closed') return { code: 'source-closed', account: source }
  if (to.status === 'closed') return { code: 'target-closed', account: target }
  if (from.status === 'frozen') return { code: 'source-frozen', account: source }
  if (from.lower !== null && from.balance - from.held - amount < from.lower)
    return { code: 'unavailable-funds', account: source }
  if (to.upper !== null && to.balance + to.incoming + amount > to.upper)
    return { code: 'unreceivable-funds', account: target }
  return null
}

/** All of the moves in their order, or the first reason against one. */
export function moved<S extends Books>(
  state: S,
  moves: readonly Move[],
): { state: S } | { code: string; account: string } {
  let now = state
  for (const move of moves) {
    if (move.amount === 0) continue
    const reason = reasonAgainst(now, move)
    if (reason) return reason
    now = transferred(now, move)
  }
  return { state: now }
}

/** The transfer without its checks: as a capture, which meets no limit. */
export function transferred<S extends Books>(state: S, { source, target, amount }: Move): S {
  const from = state.accounts[source] as Account
  const paid = withAccount(state, source, { balance: from.balance - amount, entries: from.entries + 1 })
  const to = paid.accounts[target] as Account
  return withAccount(paid, target, { balance: to.balance + amount, entries: to.entries + 1 })
}

/** Takes room on both sides, or (a negative amount) gives it back. */
export function reserved<S extends Books>(state: S, { source, target, amount }: Move): S {
  const from = withAccount(state, source, { held: (state.accounts[source] as Account).held + amount })
  return withAccount(from, target, { incoming: (from.accounts[target] as Account).incoming + amount })
}

/** A decision under a key: `stored` is whether its answer is kept; null: that is nobody's business. */
export type Decided<S> = Next<S> & { readonly stored: boolean | null }

/** One key, one answer: the first is kept, with what it was an answer to. */
export function underKey<S extends Books>(
  state: S,
  { key, content, faulty = false }: { key: string; content: string; faulty?: boolean },
  decide: () => Decided<S>[],
): Next<S>[] {
  const known = state.keys[key]
  if (known) {
    const told = [{ state, answer: known.content === content ? known.answer : 'no idempotency-conflict' }]
    // What is no amount at all may be found to be none before the key is looked at.
    return faulty ? [...told, { state, answer: 'fault RangeError' }] : told
  }
  return decide().flatMap(({ state: next, answer, stored }): Next<S>[] => {
    const kept = { state: { ...next, keys: { ...next.keys, [key]: { content, answer } } }, answer }
    if (stored === true) return [kept]
    return stored === false ? [{ state: next, answer }] : [kept, { state: next, answer }]
  })
}

/**
 * What the ledger decides: the moves and what else is written with them. Of a reason of balances and a reason of a row, either is the
 * answer; that of a row may have been told before the ledger was asked, and then it is not kept.
 */
export function decided<S extends Books>(
  state: S,
  moves: readonly Move[],
  rules: readonly string[],
  apply: (state: S) => S,
): Decided<S>[] {
  const told: Decided<S>[] = rules.map((rule) => ({ state, answer: `no ${rule}`, stored: null }))
  if (moves.some(({ amount }) => amount <= 0)) return [...told, { state, answer: 'fault RangeError', stored: false }]
  const after = moved(state, moves)
  if ('code' in after) return [...told, { state, answer: `no ${after.code}`, stored: true }]
  return told.length > 0 ? told : [{ state: apply(after.state), answer: 'ok', stored: true }]
}

/** As the database shows an account. */
export const showAccount = ({ balance, held, incoming, status, entries }: Account): string =>
  `${balance} held ${held} incoming ${incoming} ${status} ${entries}`

const STATUSES = ['open', 'frozen', 'closed'] as const

/** What a life has in the database, by kind and name; of an account its balance, held, incoming, status and entries. */
export type SeenRow = { kind: string; id: string; a: bigint; b: bigint; c: bigint; d: number; e: bigint }

/** A row of the table as {@link showAccount} shows one of the model. */
export const showAccountRow = ({ a, b, c, d, e }: SeenRow): string => `${a} held ${b} incoming ${c} ${STATUSES[d]} ${e}`

/** Whether a moment had come while an attempt was under way; null: perhaps, since clocks are read at another moment than ours. */
export function hasCome(
  moment: { readonly least: number; readonly most: number } | null,
  during: { from: number; to: number },
): boolean | null {
  if (moment === null || during.to + 5 < moment.least) return false
  return during.from - 5 > moment.most ? true : null
}
