import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type AccountState,
  accountsOf,
  decide,
  type Effects,
  isRefusal,
  type LedgerState,
  type Leg,
} from '../../src/domain/posting.ts'

const MAX = 2n ** 62n
const account = (id: bigint, rest: Partial<AccountState> = {}): AccountState => ({
  id,
  assetId: 1,
  balance: 0n,
  held: 0n,
  incoming: 0n,
  lower: null,
  upper: null,
  entries: 0n,
  version: 1,
  status: 'open',
  ...rest,
})
const stateOf = (...accounts: AccountState[]): LedgerState => ({
  accounts: new Map(accounts.map((one) => [one.id, one])),
  holds: new Map(),
  now: 1000,
})
const pay = (amount: bigint) => ({ type: 'transfer', source: 1n, target: 2n, amount }) as const
const hold = (id: string, amount: bigint): Leg => ({ ...pay(amount), type: 'hold', hold: id, expiresAt: 2000 })
const outcome = (state: LedgerState, ...legs: Leg[]) => {
  const decision = decide(state, legs)
  return isRefusal(decision) ? decision.code : 'accepted'
}
const accepted = (state: LedgerState, ...legs: Leg[]): Effects => {
  const decision = decide(state, legs)
  assert.ok(!isRefusal(decision))
  return decision
}

describe('the accounts of a leg', () => {
  test('are its two sides, or the one that it is about', () => {
    assert.deepEqual(accountsOf(pay(1n)), [1n, 2n])
    assert.deepEqual(accountsOf({ type: 'release', hold: 'h', source: 3n, target: 4n }), [3n, 4n])
    assert.deepEqual(accountsOf({ type: 'change-account', account: 5n }), [5n])
    assert.deepEqual(accountsOf({ type: 'open-account', account: 6n, assetId: 1, lower: null, upper: null }), [6n])
  })
})

describe('a balance without limits', () => {
  test('reaches 2^62 on either side, and no minor unit more', () => {
    assert.equal(outcome(stateOf(account(1n), account(2n)), pay(MAX)), 'accepted')
    assert.equal(outcome(stateOf(account(1n, { balance: -1n }), account(2n)), pay(MAX)), 'amount-out-of-range')
    assert.equal(outcome(stateOf(account(1n), account(2n, { balance: 1n })), pay(MAX)), 'amount-out-of-range')
  })

  test('counts what open holds will take from it, and bring to it', () => {
    assert.equal(outcome(stateOf(account(1n, { held: 1n }), account(2n)), pay(MAX)), 'amount-out-of-range')
    assert.equal(outcome(stateOf(account(1n), account(2n, { incoming: 1n })), pay(MAX)), 'amount-out-of-range')
  })
})

describe('what an accepted command writes', () => {
  test('of a transfer is no change of an account, and nothing of holds', () => {
    const { transfers, entries, opened, ended, changed } = accepted(stateOf(account(1n), account(2n)), pay(5n))
    assert.deepEqual(transfers, [{ source: 1n, target: 2n, amount: 5n, assetId: 1 }])
    assert.equal(entries.length, 2)
    assert.deepEqual([opened, ended, changed], [[], [], []])
  })

  test('of a hold is the hold as it stands in the state', () => {
    const state = stateOf(account(1n), account(2n))
    const { opened, entries } = accepted(state, hold('h', 5n))
    assert.deepEqual(opened, [
      { id: 'h', source: 1n, target: 2n, assetId: 1, amount: 5n, status: 'open', expiresAt: 2000 },
    ])
    assert.deepEqual(entries, [])
    assert.equal(state.holds.get('h'), opened[0])
  })

  test('of an opening and of a change is the account as it stands in the state, with the next number', () => {
    const state = stateOf()
    const opening = accepted(state, { type: 'open-account', account: 7n, assetId: 3, lower: -5n, upper: 5n })
    assert.deepEqual(opening.changed, [account(7n, { assetId: 3, lower: -5n, upper: 5n })])
    const change = accepted(state, { type: 'change-account', account: 7n, status: 'frozen', lower: null })
    assert.deepEqual(change.changed, [
      account(7n, { assetId: 3, lower: null, upper: 5n, version: 2, status: 'frozen' }),
    ])
    assert.equal(state.accounts.get(7n), change.changed[0])
  })

  test('of a release moves nothing, and frees both sides', () => {
    const state = stateOf(account(1n), account(2n))
    accepted(state, hold('h', 5n))
    const { ended, entries, transfers } = accepted(state, { type: 'release', hold: 'h', source: 1n, target: 2n })
    assert.deepEqual([ended[0]?.hold.status, ended[0]?.captured, entries, transfers], ['released', 0n, [], []])
    assert.deepEqual([...state.accounts.values()], [account(1n), account(2n)])
  })
})

describe('limits', () => {
  const change = (of: Partial<AccountState>, lower: bigint | null, upper: bigint | null) =>
    outcome(stateOf(account(1n, of)), { type: 'change-account', account: 1n, lower, upper })

  test('may meet, and must not cross', () => {
    assert.equal(change({}, 0n, 0n), 'accepted')
    assert.equal(change({}, 1n, 0n), 'limits-crossed')
  })

  test('on one side alone are judged alone', () => {
    assert.equal(change({ balance: -1n }, null, -1n), 'accepted')
    assert.equal(change({ balance: 1n }, 1n, null), 'accepted')
    assert.equal(change({ balance: 1n }, 2n, null), 'limit-broken')
    assert.equal(change({ balance: 1n, held: 1n }, 1n, null), 'limit-broken')
    assert.equal(change({ balance: 1n, incoming: 1n }, null, 1n), 'limit-broken')
  })
})

test('a refusal names an account only where it is about one', () => {
  const state = stateOf(account(1n), account(2n))
  const release: Leg = { type: 'release', hold: 'none', source: 1n, target: 2n }
  assert.deepEqual(decide(state, [release]), { code: 'hold-not-found' })
  assert.equal('account' in decide(state, [release]), false)
})

test('a refused command leaves what it had opened, changed and held as it was', () => {
  const state = stateOf(account(1n), account(2n))
  const before = [...state.accounts.values()]
  const refused: Leg = { ...pay(1n), target: 1n }
  const opening: Leg = { type: 'open-account', account: 7n, assetId: 1, lower: null, upper: null }
  assert.equal(
    outcome(state, opening, hold('h', 1n), { type: 'change-account', account: 1n, upper: 0n }, refused),
    'same-account',
  )
  assert.deepEqual([[...state.accounts.values()], state.holds.size], [before, 0])
})
