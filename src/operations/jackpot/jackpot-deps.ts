import type { GiftDeps } from '../gift-cards/gift-deps.ts'

/** A voucher is an order: what sells cards sells vouchers. */
export type JackpotDeps = GiftDeps
