import type { Sql } from '../storage/database.ts'

const DAY = 24 * 60 * 60 * 1000

/** How long the answer to an idempotency key is kept; ms. */
export const IDEMPOTENCY_RETENTION = 30 * DAY

/** Rows of one statement: a few milliseconds of work and locks. */
const BATCH = 2_000

// The row's place, because the key would have to be looked up again; the BRIN index on `at` leads to the old pages.
const DELETE = `
delete from idempotency where ctid = any(array(
  select ctid from idempotency where at < $1 limit ${BATCH} for update skip locked
))
returning 1`

/**
 * Forgets the answers that are older than the retention time; the same key then counts as a new one.
 * @returns how many rows were deleted
 */
export async function sweepIdempotency(
  deps: { db: Sql; clock: () => number },
  options: { retention?: number; signal?: AbortSignal } = {},
): Promise<number> {
  const before = new Date(deps.clock() - (options.retention ?? IDEMPOTENCY_RETENTION))
  let deleted = 0
  for (;;) {
    const { length } = await deps.db.query(DELETE, [before])
    deleted += length
    if (length < BATCH || options.signal?.aborted) return deleted
  }
}
