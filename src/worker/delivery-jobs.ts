import { setTimeout as delay } from 'node:timers/promises'
import { type DispatcherDeps, dispatchDeliveries } from '../delivery/dispatcher.ts'
import { type RetentionSettings, retentionOf } from '../domain/retention.ts'
import { tellExpiredInvoices } from '../operations/webhooks/tell-expired-invoices.ts'
import { tellWallets } from '../operations/webhooks/tell-wallets.ts'
import { countWaiting, deleteEndedDeliveries } from '../storage/delivery-queue.ts'
import { inRounds } from '../storage/in-rounds.ts'
import { openNewCursors } from '../storage/webhook-cursors.ts'
import type { Job } from './worker.ts'

/** What telling others needs, beside the worker's own. */
export type DeliveryJobDeps = DispatcherDeps & {
  /** told now and then how many deliveries wait */
  onWaiting?: (count: number) => void
  retention?: RetentionSettings
}

const SECOND = 1000
const MINUTE = 60 * SECOND

const BATCH = 1000

/** Telling others what happened: making deliveries of it, and sending them. */
export function deliveryJobs(deps: DeliveryJobDeps): Job[] {
  const { db, clock, onWaiting, retention } = deps
  return [
    {
      name: 'tell-wallets',
      interval: SECOND,
      async run(signal) {
        // At most half of the time: payments use the same database.
        for (let told = 1; told > 0 && !signal.aborted; ) {
          const started = performance.now()
          told = await tellWallets(deps)
          await delay(told > 0 ? performance.now() - started : 0)
        }
      },
    },
    { name: 'watch-new-wallets', interval: 3 * SECOND, run: () => openNewCursors(db, BATCH) },
    { name: 'tell-expired-invoices', interval: 30 * SECOND, run: (signal) => tellExpiredInvoices(deps, signal) },
    // Runs until the worker stops, which waits for the attempts in hand to be given back.
    { name: 'send-deliveries', interval: SECOND, run: (signal) => dispatchDeliveries(deps, signal) },
    ...(onWaiting
      ? [{ name: 'count-deliveries', interval: 10 * SECOND, run: async () => onWaiting(await countWaiting(db)) }]
      : []),
    {
      name: 'sweep-deliveries',
      interval: 10 * MINUTE,
      run() {
        const before = new Date(clock() - retentionOf(retention, 'deliveries'))
        return inRounds((limit) => deleteEndedDeliveries(db, before, limit))
      },
    },
  ]
}
