import { retentionOf } from '../domain/retention.ts'
import { deleteAdminAnswers } from '../storage/admin-answers.ts'
import type { Sql } from '../storage/database.ts'
import { sweepIdempotency } from './sweep-idempotency.ts'
import type { Job, WorkerDeps } from './worker.ts'

const MINUTE = 60_000

/** Answers of the admin API hold new secrets: kept sealed, and no longer than a caller may reasonably repeat itself. */
const ADMIN_ANSWERS_RETENTION = 24 * 60 * MINUTE

/** The jobs that forget answers to keys. Whoever repeats a key whose answer is forgotten is paid again. */
export function answerJobs(deps: Pick<WorkerDeps, 'db' | 'clock' | 'retention' | 'idempotencyRetention'>): Job[] {
  const retention = deps.idempotencyRetention ?? retentionOf(deps.retention, 'answers')
  return [
    {
      name: 'sweep-idempotency',
      interval: 10 * MINUTE,
      async run(signal) {
        const now = await earlierTime(deps)
        return sweepIdempotency({ db: deps.db, clock: () => now }, { signal, retention })
      },
    },
    {
      name: 'sweep-admin-answers',
      interval: 10 * MINUTE,
      run: async () => deleteAdminAnswers(deps.db, new Date((await earlierTime(deps)) - ADMIN_ANSWERS_RETENTION), 1000),
    },
  ]
}

/** Ours or the database's: one clock that runs ahead must not make all answers old. */
async function earlierTime({ db, clock }: { db: Sql; clock: () => number }): Promise<number> {
  const [row] = await db.query<{ now: string }>('select (extract(epoch from clock_timestamp()) * 1000)::text as now')
  return Math.min(clock(), Number(row?.now))
}
