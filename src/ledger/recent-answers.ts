import type { KeyRecord } from './store.ts'

/**
 * The last committed answers by key. A committed answer never changes, so this cache cannot be stale; what it does not hold
 * the database does.
 */
export function createRecentAnswers(limit: number) {
  const answers = new Map<string, KeyRecord>()
  return {
    get: (key: string): KeyRecord | undefined => answers.get(key),
    set(key: string, record: KeyRecord): void {
      if (answers.size >= limit) answers.delete(answers.keys().next().value as string)
      answers.set(key, record)
    },
  }
}
