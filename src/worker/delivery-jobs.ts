import { type DispatcherDeps, dispatchDeliveries } from '../delivery/dispatcher.ts'
import { tellExpiredInvoices } from '../operations/webhooks/tell-expired-invoices.ts'
import { tellWallets } from '../operations/webhooks/tell-wallets.ts'
import { countWaiting, deleteEndedDeliveries } from '../storage/delivery-queue.ts'
import { openNewCursors } from '../storage/webhook-cursors.ts'
import type { Job } from './worker.ts'

/** What telling others needs, beside the worker's own. */
export type DeliveryJobDeps = DispatcherDeps & {
  /** told now and then how many deliveries wait */
  onWaiting?: (count: number) => void
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

/** How long the log keeps what was delivered, or given up. */
const LOG_RETENTION = 90 * DAY
const BATCH = 1000

/** Telling others what happened: making deliveries of it, and sending them. */
export function deliveryJobs(deps: DeliveryJobDeps): Job[] {
  const { db, clock, onWaiting } = deps
  return [
    {
      name: 'tell-wallets',
      interval: SECOND,
      async run(signal) {
        while ((await tellWallets(deps)) > 0 && !signal.aborted);
      },
    },
    { name: 'watch-new-wallets', interval: 3 * SECOND, run: () => openNewCursors(db, BATCH) },
    { name: 'tell-expired-invoices', interval: 30 * SECOND, run: () => tellExpiredInvoices(deps) },
    // Runs until the worker stops, which waits for the attempts in hand to be given back.
    { name: 'send-deliveries', interval: SECOND, run: (signal) => dispatchDeliveries(deps, signal) },
    ...(onWaiting
      ? [{ name: 'count-deliveries', interval: 10 * SECOND, run: async () => onWaiting(await countWaiting(db)) }]
      : []),
    {
      name: 'sweep-deliveries',
      interval: 10 * MINUTE,
      run: () => deleteEndedDeliveries(db, new Date(clock() - LOG_RETENTION), BATCH),
    },
  ]
}
