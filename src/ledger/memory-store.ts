import type { AccountState, HoldState } from '../domain/posting.ts'
import { type KeyRecord, type Store, StoreError } from './store.ts'

/**
 * The ledger's rows in maps: no history, no journal, gone at the end. Benchmarks measure with it what the database costs, and
 * tests hold it against PostgreSQL.
 */
export function createMemoryStore(clock: () => number): Store & { accounts: Map<bigint, AccountState> } {
  const accounts = new Map<bigint, AccountState>()
  const holds = new Map<string, HoldState>()
  const keys = new Map<string, KeyRecord>()
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
    async commit(writes, touched) {
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
