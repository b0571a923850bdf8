import { type RetentionSettings, retentionOf } from '../domain/retention.ts'
import { deleteApiCalls } from '../storage/api-calls.ts'
import type { Sql } from '../storage/database.ts'

/** How long calls are kept unless it is set otherwise; ms. */
export const CALL_RETENTION = retentionOf(undefined, 'calls')

const BATCH = 5_000
/** A run ends after so many, lest it hold up what else the database does; the next one goes on. */
const MOST = 1_000_000

/** Forgets calls of the API that are older than their retention. @returns how many */
export async function sweepCalls(
  deps: { db: Sql; clock: () => number; retention?: RetentionSettings },
  signal?: AbortSignal,
): Promise<number> {
  const before = new Date(deps.clock() - retentionOf(deps.retention, 'calls'))
  let count = 0
  while (!signal?.aborted && count < MOST) {
    const deleted = await deleteApiCalls(deps.db, before, BATCH)
    count += deleted
    if (deleted < BATCH) break
  }
  return count
}
