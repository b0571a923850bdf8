import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LedgerUnavailable } from '../../src/ledger/command.ts'
import { type CommitterOptions, createCommitter } from '../../src/ledger/committer.ts'
import { keyId } from '../../src/ledger/lines.ts'
import type { Locked } from '../../src/ledger/store.ts'
import { command, openAccounts, submit, transfer } from '../support/ledger.ts'
import { createScriptedStore } from './scripted-store.ts'

// How commands become batches, and what of them is locked, written and kept.

async function ledgerOn(options: CommitterOptions = {}, more: Parameters<typeof createScriptedStore>[1] = {}) {
  const scripted = createScriptedStore(undefined, more)
  const ledger = createCommitter(scripted.store, { foresight: false, ...options })
  await openAccounts(ledger, 1, [
    [1n, null, null],
    [2n, 0n, null],
    [3n, 0n, null],
  ])
  scripted.asked.length = 0
  return { ...scripted, ledger }
}

const pay = (amount = 5n, options: Parameters<typeof command>[1] = {}) => command([transfer(1n, 2n, amount)], options)
const held = '00000000-0000-4000-8000-000000000001'
const hold = (expiresAt: number) =>
  command([{ type: 'hold', hold: held, source: 1n, target: 2n, amount: 5n, expiresAt }])

test('commands that arrive together are one batch, of at most the limit, and each commit is reported', async () => {
  const batches: [number, number][] = []
  const { ledger, commits } = await ledgerOn({
    batchLimit: 3,
    onBatch: (count, seconds) => batches.push([count, seconds]),
  })
  batches.length = 0
  await Promise.all([1, 2, 3, 4, 5, 6, 7].map(() => ledger.submit(pay())))
  assert.deepEqual(
    commits().map(({ commit }) => commit.length),
    [3, 3, 1],
  )
  assert.deepEqual(
    batches.map(([count]) => count),
    [3, 3, 1],
  )
  for (const [, seconds] of batches) assert.ok(seconds > 0 && seconds < 1, String(seconds))
})

test('a batch locks the accounts of all its legs and the holds that it ends', async () => {
  const { ledger, locks } = await ledgerOn()
  await submit(ledger, hold(2_000))
  await Promise.all([
    submit(ledger, command([{ type: 'capture', hold: held, source: 1n, target: 2n, amount: 5n }], { id: 'k' })),
    submit(ledger, command([{ type: 'release', hold: 'other', source: 2n, target: 3n }])),
    submit(ledger, command([{ type: 'change-account', account: 9n, upper: 1n }])),
  ])
  assert.deepEqual(locks(), [
    { accounts: new Set([1n, 2n]), holds: new Set(), keys: [] },
    { accounts: new Set([1n, 2n, 3n, 9n]), holds: new Set([held, 'other']), keys: [] },
  ])
})

test('what changes nothing and has no key is not written: its locks are let go', async () => {
  const { ledger, asked, commits } = await ledgerOn()
  assert.equal(await submit(ledger, command([transfer(2n, 1n, 1n)])), 'unavailable-funds')
  assert.equal(asked.at(-1), 'release')
  assert.equal(commits().length, 0)
  assert.equal(await submit(ledger, command([transfer(2n, 1n, 1n)], { id: 'kept' })), 'unavailable-funds')
  assert.deepEqual(
    commits().map(({ commit }) => commit.map(({ effects, keyId }) => [effects, keyId])),
    [[[null, keyId('client:test', 'kept')]]],
  )
  assert.equal(await submit(ledger, command([transfer(2n, 1n, 1n)], { id: 'kept' })), 'replayed')
})

test('repeats in the batch, in the one before it and after it get the first answer; altered ones the conflict', async () => {
  const { ledger, commits } = await ledgerOn({ batchLimit: 2 }, { chains: true })
  const same = () => ledger.submit(pay(5n, { id: 'k' }))
  const settled = await Promise.all([same(), same(), same(), ledger.submit(pay(6n, { id: 'k' })), same()])
  const later = await same()
  assert.equal(commits().flatMap(({ commit }) => commit).length, 1)
  const [first, , , altered] = settled
  assert.equal(first?.replayed, false)
  for (const repeat of [settled[1], settled[2], settled[4], later]) {
    assert.deepEqual(repeat, { answer: first?.answer, outcome: null, replayed: true })
  }
  assert.equal(altered?.replayed, false)
  assert.equal(altered?.answer.status, 409)
  const { outcome } = altered as NonNullable<typeof altered>
  assert.ok(outcome && !outcome.accepted)
  assert.deepEqual(outcome.refusal, { code: 'idempotency-conflict' })
  assert.ok(Math.abs(outcome.at - Date.now()) < 10_000)
})

test('repeats cost the database nothing: no lock is asked for them, neither at once nor behind a commit', async () => {
  const { ledger, commits, asked } = await ledgerOn({ batchLimit: 1 }, { chains: true })
  const same = () => ledger.submit(pay(5n, { id: 'k' }))
  await Promise.all([same(), same(), same()])
  assert.deepEqual(
    commits().map(({ next }) => next),
    [null],
  )
  assert.equal(asked.length, 2)
  await same()
  assert.equal(asked.length, 2)
})

test('a conflict that cannot be rendered fails its caller, and no other', async () => {
  const { ledger } = await ledgerOn()
  const own = new TypeError('no answer')
  const altered = pay(6n, {
    id: 'k',
    answer: () => {
      throw own
    },
  })
  const [first, second] = await Promise.allSettled([ledger.submit(pay(5n, { id: 'k' })), ledger.submit(altered)])
  assert.equal(first.status, 'fulfilled')
  assert.equal((second as PromiseRejectedResult).reason, own)
})

test('a commit locks what comes next, 31 times of 32, and the locked batch is not locked again', async () => {
  const { ledger, commits, locks } = await ledgerOn({ batchLimit: 1 }, { chains: true })
  const settled = await Promise.all(Array.from({ length: 65 }, (_, i) => submit(ledger, pay(BigInt(i + 1)))))
  assert.deepEqual(new Set(settled), new Set(['accepted']))
  const chained = commits().map(({ next }) => next !== null)
  assert.deepEqual(
    chained.flatMap((yes, i) => (yes ? [] : [i])),
    // Two of the openings were chained, and after the last one nothing comes.
    [29, 61, 64],
  )
  assert.deepEqual(commits()[0]?.next, { accounts: new Set([1n, 2n]), holds: new Set(), keys: [] })
  assert.equal(locks().length, 3)
})

test('an expired hold ends in the first batch that meets it, from the very millisecond, with both its accounts locked', async () => {
  let now = 1_000
  const { ledger, locks, commits, asked, accounts } = await ledgerOn({}, { clock: () => now })
  assert.equal(await submit(ledger, hold(2_000)), 'accepted')
  now = 1_999
  await submit(ledger, command([transfer(1n, 3n, 1n)]))
  assert.equal(accounts.get(1n)?.held, 5n)
  now = 2_000
  asked.length = 0
  await submit(ledger, command([transfer(1n, 3n, 1n)]))
  assert.deepEqual([accounts.get(1n)?.held, accounts.get(2n)?.incoming], [0n, 0n])
  // The first lock shows that account 2 is needed: all is let go, and locked in order.
  assert.deepEqual(
    locks().map(({ accounts }) => accounts),
    [new Set([1n, 3n]), new Set([1n, 3n, 2n])],
  )
  assert.equal(asked[1], 'release')
  const [expiry, payment] = commits()[0]?.commit ?? []
  assert.ok(expiry)
  const { transaction, answer, ...rest } = expiry.command
  assert.match(transaction, /^00000000-07d0-7/)
  assert.deepEqual(rest, {
    principal: 'ledger',
    kind: 'hold-expiry',
    legs: [{ type: 'release', hold: held, source: 1n, target: 2n }],
    payload: '{}',
  })
  assert.deepEqual(expiry.answer, { status: 0, body: '' })
  assert.deepEqual(answer({ accepted: true, transaction, at: 0, entries: [] }), { status: 0, body: '' })
  assert.deepEqual([expiry.keyId, expiry.effects?.ended[0]?.hold.status], [null, 'expired'])
  assert.equal(payment?.command.kind, 'payment')
})

test('too many waiting commands are turned away, from the one that is above the limit', async () => {
  const { ledger } = await ledgerOn({ queueLimit: 3 })
  const settled = await Promise.allSettled([1, 2, 3, 4].map(() => ledger.submit(pay())))
  assert.deepEqual(
    settled.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'fulfilled', 'rejected'],
  )
  const { reason } = settled[3] as PromiseRejectedResult
  assert.match(reason.message, /too many/)
  assert.ok(reason instanceof LedgerUnavailable && !reason.unknown)
})

test('what was submitted before the end is settled, what comes after it is not, and then the store is closed', async () => {
  const { ledger, asked } = await ledgerOn()
  const before = submit(ledger, pay())
  const closing = ledger.close()
  await assert.rejects(ledger.submit(pay()), { name: 'LedgerUnavailable', message: /stopping/, unknown: false })
  await closing
  assert.equal(asked.at(-1), 'close')
  assert.equal(typeof asked.at(-2), 'object')
  assert.equal(await before, 'accepted')
})

test('each command lets the answers of the database overtake the requests that are being read', async () => {
  const { store } = createScriptedStore()
  let polls = 0
  const ledger = createCommitter({ ...store, poll: () => polls++ })
  await Promise.all([ledger.submit(pay()), ledger.submit(pay())])
  assert.equal(polls, 2)
})

test('only the accounts that were changed are written', async () => {
  const { store } = createScriptedStore()
  const written: bigint[][] = []
  const ledger = createCommitter(
    {
      ...store,
      commit(writes, touched, at, next): Promise<Locked | null> {
        written.push(touched.map(({ id }) => id))
        return store.commit(writes, touched, at, next)
      },
    },
    { foresight: false },
  )
  await openAccounts(ledger, 1, [
    [1n, null, null],
    [2n, 0n, null],
    [3n, 0n, null],
  ])
  await Promise.all([submit(ledger, pay()), submit(ledger, command([transfer(3n, 1n, 9n)]))])
  assert.deepEqual(written, [
    [1n, 2n, 3n],
    [1n, 2n],
  ])
})
