import type { Brand } from '../../storage/brands.ts'
import type { PromotionRow } from '../../storage/promotions.ts'

/** The promotion that counts at a moment, of those that a brand has, the first one first. @param now ms since the epoch */
export const promotionAt = (promotions: readonly PromotionRow[], now: number): PromotionRow | undefined =>
  promotions.find(({ starts_at: from, ends_at: to }) => from.getTime() <= now && (to === null || to.getTime() > now))

/** The brand on the terms of that promotion. A promotion gives the partner a discount, whoever keeps the brand's own. */
export function atPromotion(brand: Brand, promotions: readonly PromotionRow[], now: number): Brand {
  const promotion = promotionAt(promotions, now)
  return promotion ? { ...brand, discountBp: promotion.discount_bp, discountKeeper: 'partner' } : brand
}
