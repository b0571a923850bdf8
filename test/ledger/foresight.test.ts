import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountState, Leg } from '../../src/domain/posting.ts'
import { createForesight } from '../../src/ledger/foresight.ts'
import { command, transfer } from '../support/ledger.ts'

const account = (id: bigint, more: Partial<AccountState> = {}): AccountState => ({
  id,
  assetId: 1,
  balance: 10n,
  held: 0n,
  incoming: 0n,
  lower: null,
  upper: null,
  entries: 3n,
  version: 1,
  status: 'open',
  ...more,
})
const locked = (now: number, at = now) => ({
  accounts: new Map(),
  holds: new Map(),
  expired: [],
  keys: new Map(),
  now,
  at,
})
const byId = (...accounts: AccountState[]) => new Map(accounts.map((each) => [each.id, each]))

/** Accounts 1, 2 and 3 as a batch has left them at 5000, when the process' own clock said 100. */
function knowing(...accounts: AccountState[]) {
  const time = { now: 100 }
  const foresight = createForesight(() => time.now)
  foresight.learn(locked(5_000))
  foresight.follow(byId(...accounts), 5_000)
  return { time, foresight }
}
const pay = (source: bigint, target: bigint) => command([transfer(source, target, 1n)])

test('a batch is foreseen where every account that its transfers touch is known, and only those are', () => {
  const [one, two, three] = [account(1n), account(2n, { balance: -4n }), account(3n)]
  const { foresight } = knowing(one, two, three)
  assert.deepEqual(foresight.of([pay(1n, 2n), pay(2n, 1n)]), { accounts: byId(one, two), at: 5_000 })
  assert.equal(foresight.of([pay(1n, 2n), pay(1n, 4n)]), null)
})

test('what does more than move money, or touches an account with holds, is looked at in the database', () => {
  const { foresight } = knowing(account(1n), account(2n), account(3n, { held: 1n }), account(4n, { incoming: 1n }))
  const others: Leg[] = [
    { type: 'hold', hold: 'h', source: 1n, target: 2n, amount: 1n, expiresAt: 9_000 },
    { type: 'capture', hold: 'h', source: 1n, target: 2n, amount: 1n },
    { type: 'release', hold: 'h', source: 1n, target: 2n },
    { type: 'change-account', account: 1n, upper: 1n },
    // One that is known is there already.
    { type: 'open-account', account: 1n, assetId: 1, lower: null, upper: null },
  ]
  for (const leg of others) assert.equal(foresight.of([pay(1n, 2n), command([leg])]), null, leg.type)
  for (const [source, target] of [
    [1n, 3n],
    [4n, 1n],
  ] as const) {
    assert.equal(foresight.of([pay(source, target)]), null)
  }
  assert.ok(foresight.of([pay(1n, 2n)]))
})

test('accounts that a batch opens are new to everybody', () => {
  const [one, two] = [account(1n), account(2n)]
  const { foresight } = knowing(one, two)
  const open = command([
    { type: 'open-account', account: 9n, assetId: 1, lower: 0n, upper: null },
    { type: 'transfer', source: 1n, target: 9n, amount: 1n },
  ])
  assert.deepEqual(foresight.of([open, pay(9n, 2n)])?.accounts, byId(one, two))
  assert.equal(foresight.of([pay(9n, 2n), open]), null)
})

test('the time is the database’s, carried on for a second, and never before an entry of the last batch', () => {
  const { foresight, time } = knowing(account(1n), account(2n))
  const at = () => foresight.of([pay(1n, 2n)])?.at
  time.now = 350.9
  assert.equal(at(), 5_250)
  foresight.follow(byId(account(1n)), 5_900)
  assert.equal(at(), 5_900)
  time.now = 1_100
  assert.equal(at(), 6_000)
  time.now = 1_101
  assert.equal(at(), undefined)
  // A commit tells the clock again; one that went back does not take the entries with it.
  foresight.learnClock(4_000)
  assert.equal(at(), 5_900)
  foresight.learn(locked(4_000, 7_000))
  assert.equal(at(), 7_000)
})

test('nothing is foreseen before the database’s clock was read', () => {
  const foresight = createForesight(() => 0)
  foresight.follow(byId(account(1n), account(2n)), 5_000)
  assert.equal(foresight.of([pay(1n, 2n)]), null)
})

test('after a failure what was known is forgotten; after a mistake nothing is foreseen for a second', () => {
  const { foresight, time } = knowing(account(1n), account(2n))
  const known = () => foresight.of([pay(1n, 2n)]) !== null
  foresight.forget(false)
  assert.equal(known(), false)
  foresight.follow(byId(account(1n), account(2n)), 5_000)
  assert.equal(known(), true)
  foresight.forget(true)
  foresight.follow(byId(account(1n), account(2n)), 5_000)
  time.now = 1_099
  assert.equal(known(), false)
  time.now = 1_100
  foresight.learn(locked(6_000))
  assert.equal(known(), true)
})
