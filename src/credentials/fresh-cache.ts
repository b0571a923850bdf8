/** Values of the database that may be a few seconds old: how long a change may take to reach every process. */
export const MOST_STALE_MS = 5_000
const RENEW_AFTER_MS = 2_000

export type FreshCache<V> = {
  /** The value at once when it is fresh enough, else a promise; null when there is none. Rejects when it can't be read. */
  get(key: string): V | null | Promise<V | null>
  /** After a change made by this process, which it must see at once. */
  forget(key: string): void
}

type Entry<V> = { value: V | null; readAt: number; loading: Promise<V | null> | null }

/**
 * A bounded cache that renews in the background what is in use, so that a busy key is never waited for. A value older than
 * the limit is never answered: when the database is away, callers get its error instead of a stale right.
 */
export function createFreshCache<V>(options: {
  load: (key: string, previous: V | null) => Promise<V | null>
  capacity: number
  /** ms; must only rise */
  monotonic: () => number
}): FreshCache<V> {
  const entries = new Map<string, Entry<V>>()

  function read(key: string, entry: Entry<V>): Promise<V | null> {
    const startedAt = options.monotonic()
    const loading = options.load(key, entry.value).then(
      (value) => {
        entry.loading = null
        entry.value = value
        entry.readAt = startedAt
        // Absent things are not remembered: they may be made a moment later, and unknown names must not fill the cache.
        if (value === null && entries.get(key) === entry) entries.delete(key)
        return value
      },
      (error) => {
        entry.loading = null
        if (entry.value === null && entries.get(key) === entry) entries.delete(key)
        throw error
      },
    )
    entry.loading = loading
    return loading
  }

  return {
    get(key) {
      let entry = entries.get(key)
      if (!entry) {
        if (entries.size >= options.capacity) entries.delete(entries.keys().next().value as string)
        entry = { value: null, readAt: 0, loading: null }
        entries.set(key, entry)
        return read(key, entry)
      }
      if (entry.value === null) return entry.loading ?? read(key, entry)
      const age = options.monotonic() - entry.readAt
      if (age > MOST_STALE_MS) return entry.loading ?? read(key, entry)
      if (age > RENEW_AFTER_MS && !entry.loading) read(key, entry).catch(() => {})
      return entry.value
    },
    forget: (key) => void entries.delete(key),
  }
}
