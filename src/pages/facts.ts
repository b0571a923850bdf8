import type { Sql } from '../storage/database.ts'
import { type Overview, readOverview } from '../storage/overview.ts'

/** null: the database did not answer in time. */
export type Facts = Overview | null

export const FACTS_LIMITS = { wallets: 10_000, assets: 24 } as const
const FRESH = 2_000
const PATIENCE = 2_000

/**
 * Reads what the landing page shows, at most every two seconds however often it is asked: the page is open to everyone.
 * @param clock ms since the epoch
 */
export function createFacts(db: Sql, clock: () => number): () => Promise<Facts> {
  let known: { at: number; facts: Promise<Facts> } | undefined
  return () => {
    const now = clock()
    // Also when the clock was set back.
    if (!known || now - known.at >= FRESH || now < known.at) known = { at: now, facts: readInTime(db) }
    return known.facts
  }
}

async function readInTime(db: Sql): Promise<Facts> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, PATIENCE, null)
  })
  const facts = readOverview(db, { wallets: FACTS_LIMITS.wallets + 1, assets: FACTS_LIMITS.assets + 1 })
  return Promise.race([facts.catch(() => null), late]).finally(() => clearTimeout(timer))
}
