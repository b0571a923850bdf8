import type { Database } from '../storage/database.ts'
import { countFlows } from '../storage/flows.ts'
import { refreshFigures } from '../storage/overview-figures.ts'
import type { Job } from './worker.ts'

const MINUTE = 60_000

/** What the console's first page shows is summed up beforehand, so that a look costs the same whatever there is. */
export const overviewJobs = ({ db, clock }: { db: Database; clock: () => number }): Job[] => [
  { name: 'count-flows', interval: MINUTE, run: (signal) => countFlows(db, clock, signal) },
  { name: 'refresh-figures', interval: MINUTE, run: () => refreshFigures(db, clock) },
]
