import { uuidV7 } from '../../domain/uuid.ts'
import type { Command } from '../../ledger/command.ts'
import type { Sql } from '../../storage/database.ts'
import { deliveryQueued, deliveryValues, type NewDelivery } from '../../storage/deliveries.ts'
import { findJackpotAccount } from '../../storage/jackpot-accounts.ts'
import type { VoucherRow } from '../../storage/vouchers.ts'
import { readings } from './readings.ts'
import { voucherView } from './voucher-view.ts'

/** The words of a notification's body, `event` aside. */
export type CouponEvent = keyof typeof readings.couponEvents

/** What a delivery tells: the notification but for what is made at each attempt. */
export type Notice = { event: string; id: string; createdAt: string; message: Record<string, unknown> }

/** Topics of the deprecated callback; its deliveries have a queue of their own, so that they hold nothing up. */
export const CALLBACK = { reserved: 'callback/reserved', ready: 'callback/ready' } as const

type Effects = NonNullable<Command['effects']>
/** A voucher as it will stand once the command is committed. @param at ms since the epoch */
export type Becoming = (at: number, event: CouponEvent) => Omit<VoucherRow, 'card_id'>

/** Tells the partner what happens to a voucher, in the transaction in which it happens. Nobody is told who has no address. */
export async function couponEffects(
  deps: { db: Sql; clock: () => number },
  partnerId: string,
  events: readonly CouponEvent[],
  becoming: Becoming,
): Promise<Effects> {
  const account = await findJackpotAccount(deps.db, partnerId)
  if (!account) return []
  const queue = (make: (at: number) => NewDelivery): Effects[number] => ({
    effect: deliveryQueued,
    row: ({ at }) => deliveryValues(make(at), at),
  })
  const address = (id: string) => ({ id, form: 'jackpot', receiver: partnerId, url: null }) as const
  return events.flatMap((event) => {
    const effects: Effects[number][] = []
    if (account.notificationUrl !== null) {
      const id = uuidV7(deps.clock())
      effects.push(
        queue((at) => {
          const voucher = becoming(at, event)
          const topic = readings.couponEvents[event]
          const message = {
            couponId: voucher.coupon_id,
            notificationKey: voucher.notification_key,
            data: voucherView(voucher),
          }
          const notice: Notice = { event: topic, id, createdAt: new Date(at).toISOString(), message }
          return { ...address(id), object: `voucher:${voucher.id}`, topic, body: JSON.stringify(notice) }
        }),
      )
    }
    if (account.callbackUrl !== null && (event === 'reserved' || event === 'ready')) {
      const id = uuidV7(deps.clock())
      effects.push(
        queue((at) => {
          const voucher = becoming(at, event)
          const body = JSON.stringify({ notificationKey: voucher.notification_key, voucher: voucherView(voucher) })
          return { ...address(id), object: `voucher:${voucher.id}:callback`, topic: CALLBACK[event], body }
        }),
      )
    }
    return effects
  })
}
