import type { Sql } from '../storage/database.ts'
import { clearJobFailure, noteJobFailure } from '../storage/job-failures.ts'

/** What becomes of the runs of jobs, for operators to be alerted. */
export type JobHealth = { failed(job: string, error: unknown): Promise<void>; succeeded(job: string): Promise<void> }

/**
 * Writes down failures, and their end. A success is only written where this process failed before, or when the job runs for the first time
 * in it: so what a server left behind that ended is cleared, and good runs cost nothing.
 */
export function createJobHealth({ db, clock }: { db: Sql; clock: () => number }): JobHealth {
  const well = new Set<string>()
  return {
    async failed(job, error) {
      well.delete(job)
      const { code, message } = error as { code?: string; message?: string }
      // Where the database is what fails, there is nowhere to write it; the log has it.
      await noteJobFailure(db, job, [code, message].filter(Boolean).join(': '), new Date(clock())).catch(() => {})
    },
    async succeeded(job) {
      if (well.has(job)) return
      await clearJobFailure(db, job).then(
        () => void well.add(job),
        () => {},
      )
    },
  }
}
