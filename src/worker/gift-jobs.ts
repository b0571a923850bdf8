import type { Mailer } from '../mail/mailer.ts'
import { deliverCards } from '../operations/gift-cards/deliver-cards.ts'
import { expireCards } from '../operations/gift-cards/expire-cards.ts'
import type { BuyUpstream } from '../operations/gift-cards/fulfil-order.ts'
import { createFulfilment } from '../operations/gift-cards/fulfilment.ts'
import type { GiftDeps } from '../operations/gift-cards/gift-deps.ts'
import { noticeLowStock } from '../operations/gift-cards/low-stock.ts'
import type { Job } from './worker.ts'

type Deps = {
  gift: GiftDeps
  log: { warn(fields: object, message: string): void; error(fields: object, message: string): void }
  /** absent, or one that nobody would read the mails of: cards that are sent by mail wait */
  mailer?: Mailer | undefined
  /** absent: orders of upstream brands stay pending */
  buyUpstream?: BuyUpstream
}

const SECOND = 1000

/** What is left over of gift cards once their callers have been answered. */
export function giftJobs({ gift, log, mailer, buyUpstream = async () => ({ status: 'pending' }) }: Deps): Job[] {
  const { orderBell, soldStock } = gift
  const watch = { db: gift.db, clock: gift.clock, log }
  const fulfilment = createFulfilment({ ...gift, log }, buyUpstream)
  return [
    {
      name: 'fulfil-orders',
      interval: SECOND,
      ...(orderBell && { bell: orderBell }),
      run: fulfilment.start,
      finish: fulfilment.finish,
    },
    {
      name: 'notice-sold-stock',
      interval: 2 * SECOND,
      async run() {
        for (const scope of soldStock?.take() ?? []) await noticeLowStock(watch, scope)
      },
    },
    ...(mailer?.enabled
      ? [
          {
            name: 'deliver-cards',
            interval: SECOND,
            run: (signal: AbortSignal) => deliverCards({ ...gift, mailer, log }, signal),
          },
        ]
      : []),
    { name: 'expire-cards', interval: 60 * SECOND, run: (signal) => expireCards(gift, signal) },
    // What the look after a sale missed: codes that expired, and servers that ended before they looked.
    { name: 'notice-low-stock', interval: 60 * SECOND, run: () => noticeLowStock(watch, {}) },
  ]
}
