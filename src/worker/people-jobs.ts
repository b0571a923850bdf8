import type { Mailer } from '../mail/mailer.ts'
import { type AlertDeps, watchAlerts } from '../operations/alerts/watch-alerts.ts'
import { mailNews } from '../operations/people/mail-news.ts'
import type { WalletDirectory } from '../operations/wallet-directory.ts'
import type { Database } from '../storage/database.ts'
import { lastErasure } from '../storage/erasures.ts'
import type { Job } from './worker.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND

type Deps = {
  db: Database
  clock: () => number
  directory?: WalletDirectory
  mailer?: Mailer | undefined
  knownHeads?: AlertDeps['knownHeads']
}

/** Telling operators what is wrong and owners what is new; forgetting who was erased. */
export function peopleJobs({ db, clock, directory, mailer, knownHeads }: Deps): Job[] {
  let known: number | undefined
  const forget: Job = {
    name: 'forget-erased',
    interval: 5 * SECOND,
    async run() {
      const last = (await lastErasure(db))?.getTime() ?? 0
      // What was remembered before the first look may be of somebody who was erased before it.
      if (last !== known) directory?.forget?.()
      known = last
    },
  }
  const watch: Job = {
    name: 'watch-alerts',
    interval: MINUTE,
    run: () => watchAlerts({ db, clock, mailer, ...(knownHeads && { knownHeads }) }),
  }
  return [
    ...(directory ? [forget] : []),
    watch,
    ...(mailer?.enabled
      ? [{ name: 'mail-news', interval: 5 * MINUTE, run: () => mailNews({ db, mailer, clock }) }]
      : []),
  ]
}
