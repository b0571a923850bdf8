import type { Keyring } from '../credentials/keyring.ts'
import type { RetentionSettings } from '../domain/retention.ts'
import type { Ledger } from '../ledger/command.ts'
import type { JournalHead } from '../ledger/journal.ts'
import type { Mailer } from '../mail/mailer.ts'
import type { MailSender } from '../mail/send.ts'
import type { BuyUpstream } from '../operations/gift-cards/fulfil-order.ts'
import type { GiftDeps } from '../operations/gift-cards/gift-deps.ts'
import type { OrderBell } from '../operations/gift-cards/order-bell.ts'
import type { PurchaseDeps } from '../operations/purchases/purchase-deps.ts'
import type { WalletDirectory } from '../operations/wallet-directory.ts'
import type { Database } from '../storage/database.ts'
import { answerJobs } from './answer-jobs.ts'
import { type DeliveryJobDeps, deliveryJobs } from './delivery-jobs.ts'
import { giftJobs } from './gift-jobs.ts'
import { jackpotJobs } from './jackpot-jobs.ts'
import { createJobHealth, type JobHealth } from './job-health.ts'
import { overviewJobs } from './overview-jobs.ts'
import { peopleJobs } from './people-jobs.ts'
import { purchaseJobs } from './purchase-jobs.ts'
import { retentionJobs } from './retention-jobs.ts'
import { sweepCalls } from './sweep-calls.ts'
import { sweepHolds } from './sweep-holds.ts'
import { sweepSignIns } from './sweep-sign-ins.ts'

/** Something to be done again and again. */
export type Job = {
  readonly name: string
  /** ms from the end of one run to the beginning of the next, give or take a quarter */
  readonly interval: number
  /** ends the pause when it rings */
  readonly bell?: OrderBell
  /** Ends soon when the signal is aborted. */
  run(signal: AbortSignal): Promise<unknown>
  /** Waits for what goes on after a run, when the worker stops. */
  finish?(): Promise<unknown>
}

type Traced = (job: string, run: () => Promise<unknown>) => Promise<unknown>

export type WorkerDeps = {
  db: Database
  ledger: Ledger
  /** ms since the epoch */
  clock: () => number
  log: { error(fields: object, message: string): void; warn(fields: object, message: string): void }
  /** when there is an authorization server: it has rows that expire, too */
  oauth?: { sweep(): Promise<unknown> }
  /** when there is a mail server */
  mailSender?: MailSender | null
  mailer?: Mailer
  gift?: GiftDeps
  purchases?: PurchaseDeps
  buyUpstream?: BuyUpstream
  /** when others are told what happens */
  delivery?: Omit<DeliveryJobDeps, 'db' | 'clock' | 'log'>
  /** runs a job as a part of a trace */
  traced?: Traced
  keyring?: Keyring
  directory?: WalletDirectory
  /** the journal's last rows, as they are remembered outside of the database */
  knownHeads?: () => Promise<readonly JournalHead[]>
  /** how long what is kept */
  retention?: RetentionSettings
  /** how long answers to idempotency keys are kept, in place of that; ms */
  idempotencyRetention?: number
}

export type Worker = {
  /** Lets the runs in hand come to an end. */
  stop(): Promise<void>
}

const SECOND = 1000
const MINUTE = 60 * SECOND

/** Starts the background jobs of a server. */
export function startWorker(deps: WorkerDeps): Worker {
  const { oauth, mailSender, gift, purchases, retention } = deps
  const jobs: Job[] = [{ name: 'sweep-holds', interval: 5 * SECOND, run: (signal) => sweepHolds(deps, signal) }]
  jobs.push(...answerJobs(deps))
  jobs.push({ name: 'sweep-calls', interval: 10 * MINUTE, run: (signal) => sweepCalls(deps, signal) })
  jobs.push({ name: 'sweep-sign-ins', interval: 5 * MINUTE, run: () => sweepSignIns(deps.db, retention) })
  jobs.push(...overviewJobs(deps), ...retentionJobs(deps), ...peopleJobs(deps))
  if (mailSender) jobs.push({ name: 'send-mail', interval: 2 * SECOND, run: (signal) => mailSender.send(signal) })
  if (oauth) jobs.push({ name: 'sweep-oauth', interval: MINUTE, run: () => oauth.sweep() })
  if (gift) jobs.push(...giftJobs({ ...deps, gift }), ...jackpotJobs(gift))
  if (purchases) jobs.push(...purchaseJobs({ ...deps, purchases }))
  if (deps.delivery) jobs.push(...deliveryJobs({ ...deps, ...deps.delivery }))
  return runJobs(jobs, deps.log, { ...deps, health: createJobHealth(deps) })
}

/** Ends after `ms`, when the signal is aborted, or when the bell rings; keeps no process alive. */
function pause(ms: number, signal: AbortSignal, bell: OrderBell | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      silence?.()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms).unref()
    const silence = bell?.next(end)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end)
  })
}

/** Runs each job in turns with pauses, so that it never overlaps itself; a run that fails is logged and comes again. */
export function runJobs(
  jobs: readonly Job[],
  log: Pick<WorkerDeps['log'], 'error'>,
  { traced = (_, run) => run(), health }: { traced?: Traced; health?: JobHealth } = {},
): Worker {
  const stopping = new AbortController()
  const { signal } = stopping

  async function repeat(job: Job): Promise<void> {
    for (;;) {
      // Several servers that start together do not stay together.
      await pause(job.interval * (0.75 + Math.random() / 2), signal, job.bell)
      if (signal.aborted) return
      try {
        await traced(job.name, () => job.run(signal))
        await health?.succeeded(job.name)
      } catch (error) {
        log.error({ err: error, job: job.name }, 'a background job failed')
        await health?.failed(job.name, error)
      }
    }
  }

  const running = jobs.map(repeat)
  return {
    async stop() {
      stopping.abort()
      await Promise.all(running)
      await Promise.all(jobs.map((job) => job.finish?.()))
    },
  }
}
