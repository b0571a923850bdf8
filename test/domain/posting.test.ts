import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type AccountState,
  type AccountStatus,
  decide,
  type HoldState,
  type HoldStatus,
  isRefusal,
  type LedgerState,
  type Leg,
} from '../../src/domain/posting.ts'
import { refusalCodes } from '../../src/domain/refusal.ts'

const NOW = 1000
const MAX = 2n ** 62n

// `_` is: no limit. M is 2^62.
const ACCOUNTS = `
  id  asset  balance  held  incoming  lower  upper  status
   1    1       100     0       0        0      _   open
   2    1       100     0       0        0    150   open
   3    1       100    60       0        0      _   open
   4    1       100     0      40        _    150   open
   5    2       100     0       0        0      _   open
   6    1         0     0       0        0      0   closed
   7    2         0     0       0        0      0   closed
   8    1       100    20       0        0    100   frozen
   9    1        -M     0       0        _      _   open
  10    1         M     0       0        _      _   open
  11    1         0     0       0        _      0   open
  12    1       -80     0       0     -100      _   open
  13    1         0     0       0        0      _   open
`

const HOLDS = `
  id  source  target  asset  amount  status    expires
  h1       3       4      1      40  open         2000
  h2       8       1      1      20  open         2000
  h3       3       2      1      20  open         1000
  h4       3       4      1      10  captured      500
  h5       3       4      1      10  released     2000
  h6       3       4      1      10  expired       500
`

// Each line breaks the rule that it names and, where that is possible, rules that come after it.
const MOVES = `
  leg       hold  source  target   amount  outcome
  transfer     _       1       1     1000  same-account
  transfer     _      99      99     1000  same-account
  transfer     _      98      99     1000  source-not-found
  transfer     _       6      99     1000  target-not-found
  transfer     _       6       7     1000  asset-mismatch
  transfer     _       8       5     1000  asset-mismatch
  transfer     _       6      11     1000  source-closed
  transfer     _       8       6     1000  target-closed
  transfer     _       1       6     1000  target-closed
  transfer     _       8      11     1000  source-frozen
  transfer     _       1      11      101  unavailable-funds
  transfer     _       1       3      101  unavailable-funds
  transfer     _       3       1       41  unavailable-funds
  transfer     _       3       1       40  ok
  transfer     _       1       3      100  ok
  transfer     _      12       1       21  unavailable-funds
  transfer     _      12       1       20  ok
  transfer     _       1       2       51  unreceivable-funds
  transfer     _       1       2       50  ok
  transfer     _       1       4       11  unreceivable-funds
  transfer     _       1       4       10  ok
  transfer     _       9      11        1  unreceivable-funds
  transfer     _       9       1        1  amount-out-of-range
  transfer     _       1      10        1  amount-out-of-range
  transfer     _      10       9        1  ok
  transfer     _       1       8        1  unreceivable-funds
  transfer     _       8       1        1  source-frozen
  hold        h9       1       1     1000  same-account
  hold        h9      98      99     1000  source-not-found
  hold        h9       6      99     1000  target-not-found
  hold        h9       6       7     1000  asset-mismatch
  hold        h9       6      11     1000  source-closed
  hold        h9       8       6     1000  target-closed
  hold        h9       8      11     1000  source-frozen
  hold        h9       1      11      101  unavailable-funds
  hold        h9       3       1       41  unavailable-funds
  hold        h9       3       1       40  ok
  hold        h9       1       4       11  unreceivable-funds
  hold        h9       1       4       10  ok
  hold        h9       9       1        1  amount-out-of-range
  hold        h9       1      10        1  amount-out-of-range
  capture     hx      98      99     1000  source-not-found
  capture     hx       3      99     1000  target-not-found
  capture     hx       3       4     1000  hold-not-found
  capture     h1       4       3     1000  hold-not-found
  capture     h1       3       1     1000  hold-not-found
  capture     h4       3       4     1000  hold-ended
  capture     h5       3       4     1000  hold-ended
  capture     h6       3       4     1000  hold-expired
  capture     h3       3       2     1000  hold-expired
  capture     h3       3       2       20  hold-expired
  capture     h1       3       4       41  capture-exceeds-hold
  capture     h1       3       4       40  ok
  capture     h1       3       4        1  ok
  capture     h2       8       1       20  ok
  release     hx      98      99        _  source-not-found
  release     hx       3       4        _  hold-not-found
  release     h4       3       4        _  hold-ended
  release     h6       3       4        _  hold-expired
  release     h3       3       2        _  ok
  release     h2       8       1        _  ok
`

const CHANGES = `
  leg     account  asset  lower  upper  status  outcome
  open          1      1     10      5  _       account-exists
  open          6      1      0      5  _       account-exists
  open         99      1     10      5  _       limits-crossed
  open         99      1      1      5  _       limit-broken
  open         99      1     -9     -1  _       limit-broken
  open         99      1      _      _  _       ok
  change       99      1     10      5  closed  account-not-found
  change        6      1     10      5  open    account-closed
  change        1      1    101      5  closed  limits-crossed
  change        1      1    101    200  closed  limit-broken
  change        3      1     41      _  _       limit-broken
  change        3      1     40      _  _       ok
  change        4      1      _    139  _       limit-broken
  change        4      1      _    140  _       ok
  change       12      1    -79      _  _       limit-broken
  change        1      1      0      _  closed  account-not-empty
  change       13      1      0      _  closed  ok
  change        8      1      0    100  open    ok
  change        1      1      0      _  frozen  ok
`

function rowsOf(table: string): Record<string, string>[] {
  const [header = '', ...lines] = table.trim().split('\n')
  const names = header.trim().split(/\s+/)
  return lines.map((line) =>
    Object.fromEntries(
      line
        .trim()
        .split(/\s+/)
        .map((cell, i) => [names[i], cell]),
    ),
  )
}

const amountOf = (cell = '_') => (cell === 'M' ? MAX : cell === '-M' ? -MAX : BigInt(cell))
const limitOf = (cell = '_') => (cell === '_' ? null : BigInt(cell))

function stateOfTables(): LedgerState {
  const accounts = rowsOf(ACCOUNTS).map(
    (row): AccountState => ({
      id: BigInt(row.id as string),
      assetId: Number(row.asset),
      balance: amountOf(row.balance),
      held: amountOf(row.held),
      incoming: amountOf(row.incoming),
      lower: limitOf(row.lower),
      upper: limitOf(row.upper),
      entries: 3n,
      version: 2,
      status: row.status as AccountStatus,
    }),
  )
  const holds = rowsOf(HOLDS).map(
    (row): HoldState => ({
      id: row.id as string,
      source: BigInt(row.source as string),
      target: BigInt(row.target as string),
      assetId: Number(row.asset),
      amount: BigInt(row.amount as string),
      status: row.status as HoldStatus,
      expiresAt: Number(row.expires),
    }),
  )
  return {
    accounts: new Map(accounts.map((account) => [account.id, account])),
    holds: new Map(holds.map((hold) => [hold.id, hold])),
    now: NOW,
  }
}

function moveOf(row: Record<string, string>): Leg {
  const sides = { source: BigInt(row.source as string), target: BigInt(row.target as string) }
  const hold = row.hold as string
  if (row.leg === 'release') return { type: 'release', hold, ...sides }
  const amount = BigInt(row.amount as string)
  if (row.leg === 'capture') return { type: 'capture', hold, ...sides, amount }
  if (row.leg === 'hold') return { type: 'hold', hold, ...sides, amount, expiresAt: 2000 }
  return { type: 'transfer', ...sides, amount }
}

function changeOf(row: Record<string, string>): Leg {
  const limits = { lower: limitOf(row.lower), upper: limitOf(row.upper) }
  const account = BigInt(row.account as string)
  if (row.leg === 'open') return { type: 'open-account', account, assetId: Number(row.asset), ...limits }
  const status = row.status === '_' ? {} : { status: row.status as AccountStatus }
  return { type: 'change-account', account, ...limits, ...status }
}

const cases = [
  ...rowsOf(MOVES).map((row) => ({ row, leg: moveOf(row) })),
  ...rowsOf(CHANGES).map((row) => ({ row, leg: changeOf(row) })),
]

const outcomeOf = (state: LedgerState, legs: Leg[]) => {
  const decision = decide(state, legs)
  return isRefusal(decision) ? decision.code : 'ok'
}

describe('a decision', () => {
  for (const { row, leg } of cases) {
    test(`about ${Object.values(row).slice(0, -1).join(' ')} is ${row.outcome}`, () => {
      const state = stateOfTables()
      assert.equal(outcomeOf(state, [leg]), row.outcome)
      if (row.outcome !== 'ok') assert.deepEqual(state, stateOfTables())
    })
  }

  test('names every reason in at least one case of the tables, but those that only a store can know', () => {
    const named = new Set(cases.map(({ row }) => row.outcome))
    const unnamed = refusalCodes.filter((code) => !named.has(code))
    assert.deepEqual(unnamed, ['idempotency-conflict', 'already-exists', 'effect-refused'])
  })

  test('names the account that is in the way', () => {
    const decision = decide(stateOfTables(), [{ type: 'transfer', source: 1n, target: 2n, amount: 51n }])
    assert.deepEqual(decision, { code: 'unreceivable-funds', account: 2n })
  })

  test('about an amount that is not positive is a defect of the caller', () => {
    for (const amount of [0n, -1n]) {
      assert.throws(() => decide(stateOfTables(), [{ type: 'transfer', source: 1n, target: 2n, amount }]), RangeError)
      assert.throws(
        () => decide(stateOfTables(), [{ type: 'capture', hold: 'h1', source: 3n, target: 4n, amount }]),
        RangeError,
      )
    }
  })

  test('about a transfer moves the amount once and numbers both entries', () => {
    const state = stateOfTables()
    const effects = decide(state, [{ type: 'transfer', source: 1n, target: 2n, amount: 30n }])
    assert.ok(!isRefusal(effects))
    assert.deepEqual(effects.transfers, [{ source: 1n, target: 2n, amount: 30n, assetId: 1 }])
    assert.deepEqual(effects.entries, [
      { account: 1n, seq: 4n, amount: -30n, balance: 70n },
      { account: 2n, seq: 4n, amount: 30n, balance: 130n },
    ])
    assert.equal(state.accounts.get(1n)?.balance, 70n)
  })

  test('about a capture in part moves that part and frees the rest on both sides', () => {
    const state = stateOfTables()
    const effects = decide(state, [{ type: 'capture', hold: 'h1', source: 3n, target: 4n, amount: 15n }])
    assert.ok(!isRefusal(effects))
    assert.deepEqual(
      effects.ended.map(({ hold, captured }) => [hold.id, hold.status, captured]),
      [['h1', 'captured', 15n]],
    )
    assert.deepEqual([state.accounts.get(3n)?.balance, state.accounts.get(3n)?.held], [85n, 20n])
    assert.deepEqual([state.accounts.get(4n)?.balance, state.accounts.get(4n)?.incoming], [115n, 0n])
    assert.equal(outcomeOf(state, [{ type: 'capture', hold: 'h1', source: 3n, target: 4n, amount: 1n }]), 'hold-ended')
  })

  test('about a release ends a hold as released, or as expired once its time is over', () => {
    const release = (hold: string, source: bigint, target: bigint) => {
      const effects = decide(stateOfTables(), [{ type: 'release', hold, source, target }])
      return isRefusal(effects) ? effects.code : effects.ended[0]?.hold.status
    }
    assert.equal(release('h1', 3n, 4n), 'released')
    assert.equal(release('h3', 3n, 2n), 'expired')
  })

  test('about several legs sees each leg after the one before, and takes all or none', () => {
    const first: Leg = { type: 'transfer', source: 1n, target: 13n, amount: 100n }
    const onward: Leg = { type: 'transfer', source: 13n, target: 3n, amount: 100n }
    const again: Leg = { type: 'transfer', source: 13n, target: 3n, amount: 1n }
    assert.equal(outcomeOf(stateOfTables(), [onward]), 'unavailable-funds')
    assert.equal(outcomeOf(stateOfTables(), [first, onward]), 'ok')
    const state = stateOfTables()
    const opening: Leg = { type: 'open-account', account: 99n, assetId: 1, lower: null, upper: null }
    const holding: Leg = { type: 'hold', hold: 'h9', source: 99n, target: 1n, amount: 5n, expiresAt: 2000 }
    const ending: Leg = { type: 'release', hold: 'h1', source: 3n, target: 4n }
    assert.equal(outcomeOf(state, [first, opening, holding, ending, onward, again]), 'unavailable-funds')
    assert.deepEqual(state, stateOfTables())
  })

  test('about a transfer out of a frozen account is no, while its open hold is still captured', () => {
    const state = stateOfTables()
    assert.equal(outcomeOf(state, [{ type: 'transfer', source: 8n, target: 1n, amount: 1n }]), 'source-frozen')
    assert.equal(outcomeOf(state, [{ type: 'capture', hold: 'h2', source: 8n, target: 1n, amount: 20n }]), 'ok')
  })
})
