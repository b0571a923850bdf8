import type { Leg } from '../../domain/posting.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Outcome } from '../../ledger/command.ts'
import type { Brand } from '../../storage/brands.ts'
import { type OrderRow, orderConfirmed } from '../../storage/orders.ts'
import { findFloat } from '../../storage/partners.ts'
import { findVoucher, type VoucherRow, voucherStepped } from '../../storage/vouchers.ts'
import { revenueOf } from '../gift-cards/as-sold.ts'
import { supplyAtHand } from '../gift-cards/fulfil-order.ts'
import { type GiftDeps, giftRefusal, NO_ANSWER } from '../gift-cards/gift-deps.ts'
import { couponEffects } from './notices.ts'
import {
  findOwnVoucher,
  readSale,
  type VoucherRefusal,
  type VoucherResult,
  type VoucherWish,
} from './require-voucher.ts'
import { becoming, stepRow } from './voucher-sequel.ts'

/**
 * Confirms a reservation, once and for good: the price is paid. Where the card is at hand it is issued in the same transaction, and
 * the voucher is READY; otherwise it is CONFIRMED until the worker has its card. Asked again, nothing changes. Where no code is
 * left in stock the reservation stays as it is.
 */
export async function confirmVoucher(deps: GiftDeps, wish: VoucherWish): Promise<VoucherResult> {
  const voucher = await findOwnVoucher(deps, wish)
  if (!voucher) return { refusal: 'voucher-not-found' }
  if (voucher.state !== 'reserved') return confirmed(voucher, 'voucher-state')
  const { order, brand } = await readSale(deps, voucher.id)
  // It was decided between two looks.
  if (order.status !== 'reserved') return confirmed(await reread(deps, voucher), 'voucher-state')
  const later = brand.supply === 'upstream' || brand.asynchronous
  const result = later ? await confirmLater(deps, voucher, order, brand) : await supplyAtHand(deps, order, brand)
  const now = await reread(deps, voucher)
  return confirmed(now, 'refusal' in result ? wordFor(result.refusal) : 'voucher-state')
}

const reread = async (deps: GiftDeps, { id }: VoucherRow) => (await findVoucher(deps.db, { id })) as VoucherRow

const wordFor = (refusal: string): VoucherRefusal => {
  if (refusal === 'too-late') return 'reservation-expired'
  return refusal === 'out-of-stock' ? 'out-of-stock' : 'refused'
}

/** Of several who confirm at once all are told the same. @param otherwise why it is still reserved */
function confirmed(voucher: VoucherRow, otherwise: VoucherRefusal): VoucherResult {
  const { state } = voucher
  if (state === 'confirmed' || state === 'ready') return { voucher }
  return { refusal: state === 'reserved' ? otherwise : 'voucher-state', state }
}

/** Pays now, and leaves the order to the worker. */
async function confirmLater(
  deps: GiftDeps,
  voucher: VoucherRow,
  order: OrderRow,
  brand: Brand,
): Promise<{ done: true } | { refusal: string }> {
  const float = await findFloat(deps.db, voucher.partner_id, order.asset_id)
  if (float === undefined) return { refusal: 'float-missing' }
  const { settlement, revenue: operator } = brand
  const transaction = uuidV7(deps.clock())
  const legs: Leg[] = [
    { type: 'capture', hold: voucher.hold_id, source: float, target: settlement, amount: order.cost },
  ]
  if (voucher.operator_hold_id !== null) {
    const amount = -revenueOf(order)
    legs.push({ type: 'capture', hold: voucher.operator_hold_id, source: operator, target: settlement, amount })
  }
  const { outcome } = await deps.ledger.submit({
    principal: `partner:${voucher.partner_id}`,
    transaction,
    kind: 'voucher-confirmation',
    legs,
    payload: JSON.stringify({ order: order.id, brand: brand.slug }),
    effects: [
      {
        effect: orderConfirmed,
        row: ({ entries }) => [order.id, entries.find(({ account }) => account === float)?.balance.toString() ?? null],
      },
      { effect: voucherStepped, row: stepRow(voucher.id, 'decision:confirmed', 'confirmed', transaction) },
      ...(await couponEffects(deps, voucher.partner_id, ['confirmed'], becoming(voucher))),
    ],
    answer: NO_ANSWER,
  })
  const settled = outcome as Outcome
  if (!settled.accepted) return { refusal: giftRefusal(settled.refusal, float) }
  deps.orderBell?.ring()
  return { done: true }
}
