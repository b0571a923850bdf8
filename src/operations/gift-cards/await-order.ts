import { setTimeout as delay } from 'node:timers/promises'
import { findOrder } from '../../storage/orders.ts'
import { type BuyUpstream, fulfilOrder } from './fulfil-order.ts'
import type { GiftDeps } from './gift-deps.ts'

const LOOK = 100

/**
 * Fulfils an open order now, and waits for its end as long as its caller does. The worker may have it in hand; what is not done
 * in time goes on without the caller.
 * @param patience ms
 */
export async function awaitOrder(
  deps: { gift: GiftDeps; buyUpstream: BuyUpstream; log: { error(fields: object, message: string): void } },
  orderId: string,
  patience: number,
): Promise<void> {
  const until = performance.now() + patience
  const fulfilled = fulfilOrder(deps.gift, deps.buyUpstream, orderId).catch((err) => {
    deps.log.error({ err, orderId }, 'an order was not fulfilled at once; the worker will')
    return false
  })
  const waiting = new AbortController()
  const patient = delay(patience, false, { signal: waiting.signal, ref: false }).catch(() => false)
  const ended = await Promise.race([fulfilled, patient])
  waiting.abort()
  while (!ended && performance.now() < until) {
    if ((await findOrder(deps.gift.db, orderId))?.ended_at != null) return
    await delay(LOOK)
  }
}
