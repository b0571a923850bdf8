import type { Keyring } from '../credentials/keyring.ts'
import { type RetentionName, type RetentionSettings, retentionOf } from '../domain/retention.ts'
import { blankDetails } from '../operations/people/destroy-sealed.ts'
import { openDetails, sealDetails } from '../operations/purchases/purchase-details.ts'
import type { Database } from '../storage/database.ts'
import { inRounds } from '../storage/in-rounds.ts'
import { firstId } from '../storage/order-listings.ts'
import {
  blankPurchase,
  deleteOldActs,
  deleteOldAlerts,
  deleteOldLimitUse,
  deleteOldSessions,
  destroyLateRecipients,
  destroyOldRecipients,
  listOldPurchases,
  readLateLook,
  writeLateLook,
} from '../storage/retention.ts'
import type { Job } from './worker.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

type Deps = { db: Database; clock: () => number; retention?: RetentionSettings; keyring?: Keyring | undefined }

/** What is kept for a time and no longer, one job for each. Those of mails, deliveries, calls and answers are elsewhere. */
export function retentionJobs({ db, clock, retention, keyring }: Deps): Job[] {
  const before = (name: RetentionName) => new Date(clock() - retentionOf(retention, name))
  const sweep = (name: RetentionName, some: (before: Date, limit: number) => Promise<number>): Job => ({
    name: `sweep-${name}`,
    interval: 10 * MINUTE,
    run: () => inRounds((limit) => some(before(name), limit)),
  })
  return [
    sweep('sessions', (moment, limit) => deleteOldSessions(db, moment, limit)),
    sweep('acts', (moment, limit) => deleteOldActs(db, moment, limit)),
    sweep('limits', (moment, limit) => deleteOldLimitUse(db, moment, limit)),
    sweep('alerts', (moment, limit) => deleteOldAlerts(db, moment, limit)),
    {
      name: 'sweep-recipients',
      interval: HOUR,
      async run() {
        const moment = before('recipients')
        await inRounds((limit) => destroyOldRecipients(db, firstId(moment), limit))
        await destroyLate(db, new Date(clock()))
        if (keyring) await blankOldPurchases(db, keyring, moment)
      },
    },
  ]
}

/** Orders that were open when their time was over. A day again, for servers whose clocks differ and orders that end slowly. */
async function destroyLate(db: Database, now: Date): Promise<void> {
  const since = new Date((await readLateLook(db)).getTime() - DAY)
  await inRounds((limit) => destroyLateRecipients(db, since, limit))
  await writeLateLook(db, firstId(now))
}

const PAGE = 500

async function blankOldPurchases(db: Database, keyring: Keyring, before: Date): Promise<void> {
  for (;;) {
    const purchases = await listOldPurchases(db, before, PAGE)
    for (const purchase of purchases) {
      const details = blankDetails(openDetails(keyring, purchase))
      await blankPurchase(db, purchase.id, sealDetails(keyring, purchase.id, details))
    }
    if (purchases.length < PAGE) return
  }
}
