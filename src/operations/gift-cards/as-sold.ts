import type { Brand } from '../../storage/brands.ts'
import type { OrderRow } from '../../storage/orders.ts'

/** The brand on the terms of an order, which may have changed since: who kept the discount shows in what was paid. */
export const asSold = (brand: Brand, { face, cost, discount_bp: discountBp }: OrderRow): Brand => ({
  ...brand,
  discountBp,
  discountKeeper: cost < face ? 'partner' : 'operator',
})
