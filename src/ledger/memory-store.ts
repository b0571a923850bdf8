import type { AccountState, HoldState } from '../domain/posting.ts'
import { type KeyRecord, type Store, StoreError, type Write } from './store.ts'

/**
 * The ledger's rows in maps: no history, no journal, gone at the end. Benchmarks measure with it what the database costs, and
 * tests hold it against PostgreSQL.
 */
export function createMemoryStore(clock: () => number): Store & { accounts: Map<bigint, AccountState> } {
  const accounts = new Map<bigint, AccountState>()
  const holds = new Map<string, HoldState>()
  const keys = new Map<string, KeyRecord>()
  async function commit(writes: readonly Write[], touched: readonly AccountState[]): Promise<null> {
    for (const { keyId } of writes) {
      if (keyId !== null && keys.has(keyId)) throw new StoreError('key-taken', 'a key is taken')
    }
    for (const { command, keyId, effects, answer } of writes) {
      if (command.key && keyId !== null) keys.set(keyId, { hash: command.key.hash, answer })
      for (const hold of effects?.opened ?? []) holds.set(hold.id, hold)
      for (const { hold } of effects?.ended ?? []) holds.set(hold.id, hold)
    }
    for (const account of touched) accounts.set(account.id, account)
    return null
  }

  return {
    accounts,
    async lock(request) {
      const now = clock()
      const wanted = request.accounts
      const expired = [...holds.values()].filter(
        (hold) =>
          hold.status === 'open' && hold.expiresAt <= now && (wanted.has(hold.source) || wanted.has(hold.target)),
      )
      return {
        accounts: pick(accounts, wanted),
        holds: pick(holds, request.holds),
        expired,
        keys: pick(keys, request.keys),
        now,
        at: now,
      }
    },
    commit,
    async commitAhead(writes, after, _at, before) {
      for (const [id, account] of before) {
        if (accounts.get(id) !== account) throw new StoreError('stale', 'an account is not as it was thought to be')
      }
      for (const id of after.keys()) {
        if (!before.has(id) && accounts.has(id)) throw new StoreError('conflict', 'an account is there already')
      }
      await commit(writes, [...after.values()])
      return clock()
    },
    async release() {},
    async close() {},
  }
}

function pick<K, V>(from: Map<K, V>, wanted: Iterable<K>): Map<K, V> {
  const found = new Map<K, V>()
  for (const key of wanted) {
    const value = from.get(key)
    if (value !== undefined) found.set(key, value)
  }
  return found
}
