import type { AccountState, HoldState } from '../domain/posting.ts'
import { type KeyRecord, keyOf, type Store, StoreError } from './store.ts'

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
      const wanted = new Set(request.accounts)
      const expired = [...holds.values()].filter(
        (hold) => hold.status === 'open' && hold.expiresAt <= now && (wanted.has(hold.source) || wanted.has(hold.target)),
      )
      return {
        accounts: pick(accounts, request.accounts),
        holds: pick(holds, request.holds),
        expired,
        keys: pick(keys, request.keys.map(({ principal, key }) => keyOf(principal, key))),
        now,
        at: now,
      }
    },
    async commit(writes, touched) {
      for (const { command } of writes) {
        if (command.key && keys.has(keyOf(command.principal, command.key.value))) throw new StoreError('key-taken', 'key')
      }
      for (const { command, effects, answer } of writes) {
        if (command.key) keys.set(keyOf(command.principal, command.key.value), { hash: command.key.hash, answer })
        for (const hold of effects?.opened ?? []) holds.set(hold.id, hold)
        for (const { hold } of effects?.ended ?? []) holds.set(hold.id, hold)
      }
      for (const account of touched) accounts.set(account.id, account)
    },
    async release() {},
    async close() {},
  }
}

function pick<K, V>(from: Map<K, V>, wanted: readonly K[]): Map<K, V> {
  const found = new Map<K, V>()
  for (const key of wanted) {
    const value = from.get(key)
    if (value !== undefined) found.set(key, value)
  }
  return found
}
