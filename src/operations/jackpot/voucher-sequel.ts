import type { Leg } from '../../domain/posting.ts'
import type { Command, Decided } from '../../ledger/command.ts'
import type { Brand } from '../../storage/brands.ts'
import type { OrderRow } from '../../storage/orders.ts'
import { findVoucher, type VoucherRow, type VoucherState, voucherStepped } from '../../storage/vouchers.ts'
import { revenueOf } from '../gift-cards/as-sold.ts'
import { type GiftDeps, isoTime } from '../gift-cards/gift-deps.ts'
import { type Becoming, type CouponEvent, couponEffects } from './notices.ts'

type Effects = NonNullable<Command['effects']>
export type Sequel = { readonly legs: Leg[]; readonly effects: Effects }

/** The error of an order whose reservation nobody confirmed in time. */
export const EXPIRED = 'reservation-expired'
/** The error of an order whose reservation its partner cancelled. */
export const CANCELED = 'reservation-canceled'

type End = {
  readonly order: OrderRow
  readonly brand: Brand
  /** the partner's account */
  readonly float: bigint
  readonly transaction: string
  readonly status: 'succeeded' | 'failed'
  readonly error: string | null
  /** until when the card can be used, as far as it is known here; null: for ever */
  validUntil?(at: number): Date | null
}

/** What the end of an order means for its voucher: the legs and rows that go with it. */
export async function voucherSequel(deps: GiftDeps, end: End): Promise<Sequel> {
  const { order, transaction } = end
  const voucher = await findVoucher(deps.db, { id: order.id })
  if (!voucher) throw new Error(`the order ${order.id} has no voucher`)
  const reserved = order.status === 'reserved'
  const [steps, state, events] =
    end.status === 'succeeded'
      ? reserved
        ? (['decision:confirmed issue:ready', 'ready', ['confirmed', 'ready']] as const)
        : (['issue:ready', 'ready', ['ready']] as const)
      : reserved
        ? ([
            `decision:${order.error === EXPIRED || end.error === EXPIRED ? 'expired' : 'canceled'}`,
            'canceled',
            ['canceled'],
          ] as const)
        : (['issue:failed outcome:refunded', 'refunded', ['refunded']] as const)
  const effects: Effects = [
    { effect: voucherStepped, row: stepRow(order.id, steps, state, transaction) },
    ...(await couponEffects(deps, voucher.partner_id, events, becoming(voucher, end))),
  ]
  return { legs: legsOf(end, voucher, reserved), effects }
}

/** What is written of the step or steps that a transaction takes. */
export const stepRow =
  (id: string, steps: string, state: VoucherState, transaction: string) =>
  ({ at }: Decided): (string | null)[] => [id, steps, state, transaction, isoTime(at)]

function legsOf({ order, brand, float, status }: End, voucher: VoucherRow, reserved: boolean): Leg[] {
  const { settlement, revenue: operator } = brand
  const added = revenueOf(order) < 0n ? -revenueOf(order) : 0n
  if (reserved) {
    // Without a hold of its own the order's time was over, and the operator's was over with it.
    if (voucher.operator_hold_id === null || order.hold_id === null) return []
    const hold = { hold: voucher.operator_hold_id, source: operator, target: settlement }
    return [status === 'succeeded' ? { type: 'capture', ...hold, amount: added } : { type: 'release', ...hold }]
  }
  if (status === 'succeeded') return []
  // It was paid when it was confirmed.
  const back: Leg[] = [{ type: 'transfer', source: settlement, target: float, amount: order.cost }]
  if (added > 0n) back.push({ type: 'transfer', source: settlement, target: operator, amount: added })
  return back
}

/** The voucher as it is told of. */
export const becoming =
  (voucher: VoucherRow, { validUntil }: Pick<End, 'validUntil'> = {}): Becoming =>
  (at: number, event: CouponEvent) => {
    const moment = new Date(at)
    const confirmed = event === 'confirmed' || event === 'ready'
    return {
      ...voucher,
      state: event,
      confirmed_at: voucher.confirmed_at ?? (confirmed ? moment : null),
      ready_at: voucher.ready_at ?? (event === 'ready' ? moment : null),
      valid_until: event === 'ready' && validUntil ? validUntil(at) : voucher.valid_until,
    }
  }
