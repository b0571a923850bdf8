import { setTimeout as delay } from 'node:timers/promises'
import type { Ledger } from '../ledger/command.ts'
import { deleteAdminAnswers } from '../storage/admin-answers.ts'
import type { Database } from '../storage/database.ts'
import { sweepHolds } from './sweep-holds.ts'
import { sweepIdempotency } from './sweep-idempotency.ts'

/** Something to be done again and again. */
export type Job = {
  readonly name: string
  /** ms from the end of one run to the beginning of the next, give or take a quarter */
  readonly interval: number
  /** Ends soon when the signal is aborted. */
  run(signal: AbortSignal): Promise<unknown>
}

export type WorkerDeps = {
  db: Database
  ledger: Ledger
  /** ms since the epoch */
  clock: () => number
  log: { error(fields: object, message: string): void }
  /** when there is an authorization server: it has rows that expire, too */
  oauth?: { sweep(): Promise<unknown> }
  /** how long answers to idempotency keys are kept; ms */
  idempotencyRetention?: number
}

export type Worker = {
  /** Lets the runs in hand come to an end. */
  stop(): Promise<void>
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Answers of the admin API hold new secrets: kept sealed, and no longer than a caller may reasonably repeat itself. */
const ADMIN_ANSWERS_RETENTION = 24 * HOUR

/** Starts the background jobs of a server. */
export function startWorker(deps: WorkerDeps): Worker {
  const { idempotencyRetention: retention, oauth } = deps
  const jobs: Job[] = [
    { name: 'sweep-holds', interval: 5 * SECOND, run: (signal) => sweepHolds(deps, signal) },
    {
      name: 'sweep-idempotency',
      interval: 10 * MINUTE,
      run: (signal) => sweepIdempotency(deps, { signal, ...(retention === undefined ? {} : { retention }) }),
    },
    {
      name: 'sweep-admin-answers',
      interval: 10 * MINUTE,
      run: () => deleteAdminAnswers(deps.db, new Date(deps.clock() - ADMIN_ANSWERS_RETENTION), 1000),
    },
  ]
  if (oauth) jobs.push({ name: 'sweep-oauth', interval: MINUTE, run: () => oauth.sweep() })
  return runJobs(jobs, deps.log)
}

/** Runs each job in turns with pauses, so that it never overlaps itself; a run that fails is logged and comes again. */
export function runJobs(jobs: readonly Job[], log: WorkerDeps['log']): Worker {
  const stopping = new AbortController()
  const { signal } = stopping

  async function repeat(job: Job): Promise<void> {
    for (;;) {
      // Several servers that start together do not stay together.
      const pause = job.interval * (0.75 + Math.random() / 2)
      await delay(pause, undefined, { signal, ref: false }).catch(() => {})
      if (signal.aborted) return
      try {
        await job.run(signal)
      } catch (error) {
        log.error({ err: error, job: job.name }, 'a background job failed')
      }
    }
  }

  const running = jobs.map(repeat)
  return {
    async stop() {
      stopping.abort()
      await Promise.all(running)
    },
  }
}
