import { createMemoryStore } from '../../src/ledger/memory-store.ts'
import type { Locked, LockRequest, Store, Write } from '../../src/ledger/store.ts'

/** What the committer asked of its store, in order. */
export type Asked =
  | { readonly lock: LockRequest }
  | { readonly commit: readonly Write[]; readonly next: LockRequest | null; readonly at: number }
  | { readonly ahead: readonly Write[]; readonly at: number }
  | 'release'
  | 'close'
  | 'poll'

/**
 * The store in memory, whose commits fail as a test says.
 * @param fails told of each commit; what it returns is thrown instead
 * @param chains whether a commit locks the next batch, as PostgreSQL's does
 */
export function createScriptedStore(
  fails: (writes: readonly Write[], nth: number) => Error | null = () => null,
  { chains = false, clock = () => 1_000 }: { chains?: boolean; clock?: () => number } = {},
) {
  const asked: Asked[] = []
  let commits = 0
  const { accounts, ...memory } = createMemoryStore(clock)
  const store: Store = {
    lock(request) {
      asked.push({ lock: request })
      return memory.lock(request)
    },
    async commit(writes, touched, at, next): Promise<Locked | null> {
      asked.push({ commit: writes, next, at })
      const error = fails(writes, ++commits)
      if (error) throw error
      await memory.commit(writes, touched, at, null)
      return chains && next ? memory.lock(next) : null
    },
    async commitAhead(writes, after, at, before) {
      asked.push({ ahead: writes, at })
      const error = fails(writes, ++commits)
      if (error) throw error
      return memory.commitAhead(writes, after, at, before)
    },
    async release() {
      asked.push('release')
    },
    async close() {
      asked.push('close')
    },
  }
  return {
    store,
    accounts,
    asked,
    locks: () => asked.flatMap((each) => (typeof each === 'object' && 'lock' in each ? [each.lock] : [])),
    aheads: () => asked.flatMap((each) => (typeof each === 'object' && 'ahead' in each ? [each] : [])),
    commits: () => asked.flatMap((each) => (typeof each === 'object' && 'commit' in each ? [each] : [])),
  }
}
