import { type Brand, findBrand } from '../../storage/brands.ts'
import type { Sql } from '../../storage/database.ts'
import { findOrder, type OrderRow } from '../../storage/orders.ts'
import { findVoucher, type VoucherRow, type VoucherState } from '../../storage/vouchers.ts'

/** What a partner asks for; another partner's voucher is not there. */
export type VoucherWish = { readonly voucherId: string; readonly partner: { readonly id: string } }

export type VoucherRefusal =
  | 'voucher-not-found'
  /** it is in a state from which no way leads there */
  | 'voucher-state'
  /** nobody confirmed it in time */
  | 'reservation-expired'
  | 'out-of-stock'
  /** by the ledger, for a reason that a partner cannot mend */
  | 'refused'

export type VoucherResult =
  | { readonly voucher: VoucherRow }
  | { readonly refusal: VoucherRefusal; readonly state?: VoucherState }

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** A voucher of this partner. */
export async function findOwnVoucher(
  deps: { db: Sql },
  { voucherId, partner }: VoucherWish,
): Promise<VoucherRow | undefined> {
  const voucher = UUID.test(voucherId) ? await findVoucher(deps.db, { id: voucherId }) : undefined
  return voucher?.partner_id === partner.id ? voucher : undefined
}

/** What a voucher is an order for. */
export async function readSale(deps: { db: Sql }, voucherId: string): Promise<{ order: OrderRow; brand: Brand }> {
  const order = await findOrder(deps.db, voucherId)
  const brand = order && (await findBrand(deps.db, { id: order.brand_id }))
  if (!order || !brand) throw new Error(`the voucher ${voucherId} has no order`)
  return { order, brand }
}
