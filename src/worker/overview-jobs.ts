import { createSumAhead } from '../operations/statements/sum-ahead.ts'
import type { Database } from '../storage/database.ts'
import { countFlows } from '../storage/flows.ts'
import { checkGiftDay, countGiftDays } from '../storage/gift-days.ts'
import { refreshFigures } from '../storage/overview-figures.ts'
import type { Job } from './worker.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** What the console's first page shows is summed up beforehand, so that a look costs the same whatever there is. */
export const overviewJobs = ({ db, clock }: { db: Database; clock: () => number }): Job[] => [
  { name: 'count-flows', interval: MINUTE, run: (signal) => countFlows(db, clock, signal) },
  { name: 'count-gift-days', interval: MINUTE, run: (signal) => countGiftDays(db, clock, signal) },
  { name: 'check-gift-days', interval: HOUR, run: () => checkDay(db) },
  { name: 'sum-statements', interval: 2 * MINUTE, run: createSumAhead(db) },
  { name: 'refresh-figures', interval: MINUTE, run: () => refreshFigures(db, clock) },
]

/** A day that was counted wrongly is put right, and operators hear of it as of any job that failed. */
async function checkDay(db: Database): Promise<void> {
  const checked = await checkGiftDay(db)
  if (checked?.right === false)
    throw new Error(`the sums of ${checked.day} were not as counted again, and were put right`)
}
