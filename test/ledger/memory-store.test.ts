import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCommitter } from '../../src/ledger/committer.ts'
import { keyId } from '../../src/ledger/lines.ts'
import { createMemoryStore } from '../../src/ledger/memory-store.ts'
import type { LockRequest } from '../../src/ledger/store.ts'
import { command, openAccounts, submit, transfer } from '../support/ledger.ts'

const held = '00000000-0000-4000-8000-000000000001'
const asking = (request: Partial<LockRequest>): LockRequest => ({
  accounts: new Set(),
  holds: new Set(),
  keys: [],
  ...request,
})

/** A store with three accounts, and a hold of account 1 for account 2 that ends at 2000. */
async function storeWithHold() {
  let now = 1_000
  const store = createMemoryStore(() => now)
  const ledger = createCommitter(store)
  await openAccounts(ledger, 7, [
    [1n, null, null],
    [2n, 0n, null],
    [3n, 0n, null],
  ])
  const hold = { type: 'hold', hold: held, source: 1n, target: 2n, amount: 5n, expiresAt: 2_000 } as const
  assert.equal(await submit(ledger, command([hold], { id: 'held' })), 'accepted')
  return { store, ledger, at: (time: number) => (now = time) }
}

test('the store in memory gives what was asked for and is there', async () => {
  const { store } = await storeWithHold()
  const kept = keyId('client:test', 'held')
  const locked = await store.lock(
    asking({ accounts: new Set([1n, 9n]), holds: new Set([held, 'none']), keys: [kept, 'none'] }),
  )
  assert.deepEqual([...locked.accounts.keys()], [1n])
  assert.deepEqual(locked.accounts.get(1n), store.accounts.get(1n))
  assert.deepEqual([...locked.holds.keys()], [held])
  assert.deepEqual([...locked.keys.keys()], [kept])
  assert.equal(locked.keys.get(kept)?.answer.status, 200)
  assert.deepEqual([locked.now, locked.at, locked.expired], [1_000, 1_000, []])
})

test('a hold is found expired from its very millisecond on, from either of its accounts, until it has ended', async () => {
  const { store, ledger, at } = await storeWithHold()
  const expired = async (account: bigint) => (await store.lock(asking({ accounts: new Set([account]) }))).expired.length
  at(1_999)
  assert.deepEqual([await expired(1n), await expired(2n)], [0, 0])
  at(2_000)
  assert.deepEqual([await expired(1n), await expired(2n), await expired(3n)], [1, 1, 0])
  await submit(ledger, command([transfer(1n, 3n, 1n)]))
  assert.deepEqual([await expired(1n), await expired(2n)], [0, 0])
})

test('a key is taken once, and then nothing of the batch is written', async () => {
  const { store, ledger } = await storeWithHold()
  const other = createCommitter({
    ...store,
    lock: async (request) => ({ ...(await store.lock(request)), keys: new Map() }),
  })
  await assert.rejects(other.submit(command([transfer(1n, 2n, 1n)], { id: 'held' })), { unknown: false })
  assert.equal(store.accounts.get(2n)?.balance, 0n)
  assert.equal(await submit(ledger, command([transfer(1n, 2n, 1n)], { id: 'other' })), 'accepted')
  assert.equal(store.accounts.get(2n)?.balance, 1n)
})
