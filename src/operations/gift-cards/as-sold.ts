import { priceOf } from '../../domain/gift-card.ts'
import type { Brand } from '../../storage/brands.ts'
import type { OrderRow } from '../../storage/orders.ts'

/** The brand on the terms of an order, which may have changed since: who kept the discount shows in what was paid. */
export const asSold = (brand: Brand, { face, cost, discount_bp: discountBp }: OrderRow): Brand => ({
  ...brand,
  discountBp,
  discountKeeper: cost < face ? 'partner' : 'operator',
})

/** What of an order stays with the operator; below zero: what the operator adds to the price. */
export function revenueOf({ face, cost, discount_bp: discountBp, revenue }: OrderRow): bigint {
  return revenue ?? priceOf(face, discountBp, cost < face ? 'partner' : 'operator').revenue
}
