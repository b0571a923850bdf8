import { findVoucher, type VoucherRow } from '../../storage/vouchers.ts'
import { failOrder } from '../gift-cards/end-order.ts'
import type { GiftDeps } from '../gift-cards/gift-deps.ts'
import { findOwnVoucher, readSale, type VoucherResult, type VoucherWish } from './require-voucher.ts'
import { CANCELED } from './voucher-sequel.ts'

/** Gives a reservation up, once: what was held is free again. Asked again, nothing changes. */
export async function cancelVoucher(deps: GiftDeps, wish: VoucherWish): Promise<VoucherResult> {
  const voucher = await findOwnVoucher(deps, wish)
  if (!voucher) return { refusal: 'voucher-not-found' }
  if (voucher.state === 'reserved') await releaseReservation(deps, voucher, CANCELED)
  const now = (await findVoucher(deps.db, { id: voucher.id })) as VoucherRow
  if (now.state === 'canceled') return { voucher: now }
  return { refusal: now.state === 'reserved' ? 'refused' : 'voucher-state', state: now.state }
}

/** @param why the order's error from then on @returns whether it was done by this */
export async function releaseReservation(deps: GiftDeps, { id }: { id: string }, why: string): Promise<boolean> {
  const { order, brand } = await readSale(deps, id)
  if (order.status !== 'reserved') return false
  return !('refusal' in (await failOrder(deps, order, brand, why)))
}
