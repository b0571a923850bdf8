/** Which values a brand sells, in minor units: a list, or all from `min` to `max` by `step`. */
export type BrandValues =
  | { readonly type: 'fixed'; readonly values: readonly bigint[] }
  | { readonly type: 'range'; readonly min: bigint; readonly max: bigint; readonly step: bigint }

/** Steps count from zero, as the vendors print them ("from 20 to 500 with steps of 10"): 25 is no value of a range by 10. */
export function isOffered(values: BrandValues, face: bigint): boolean {
  if (values.type === 'fixed') return values.values.includes(face)
  return face >= values.min && face <= values.max && face % values.step === 0n
}

/** Who keeps a brand's discount: the partner, who pays less, or the operator, to whom it is revenue. */
export type DiscountKeeper = 'partner' | 'operator'

export type Price = {
  /** minor units that the float pays */
  readonly cost: bigint
  /** minor units that stay with the operator; below zero: that the operator adds */
  readonly revenue: bigint
}

/** @param discountBp hundredths of a percent; the discount is rounded down to whole minor units, so that the brand never gives more than agreed */
export function priceOf(face: bigint, discountBp: number, keeper: DiscountKeeper): Price {
  const discount = (face * BigInt(discountBp)) / 10_000n
  return keeper === 'partner' ? { cost: face - discount, revenue: 0n } : { cost: face, revenue: discount }
}

export const ORDER_STATUSES = ['requested', 'processing', 'succeeded', 'failed', 'cancelled', 'reserved'] as const
export type OrderStatus = (typeof ORDER_STATUSES)[number]

/** Why a partner's wish is refused. A closed union; each protocol maps it totally to its own codes. */
export const giftRefusals = [
  'brand-disabled',
  'brand-paused',
  'value-not-offered',
  'delivery-not-offered',
  'asynchronous-only',
  'float-missing', // the partner has no float in the brand's currency
  'insufficient-float',
  'out-of-stock',
  'velocity-count', // a limit on how many the partner buys was reached
  'velocity-amount', // a limit on for how much
  'velocity-card-count', // the same of one card, of one recipient, of one address that requests come from
  'velocity-card-amount',
  'velocity-recipient-count',
  'velocity-recipient-amount',
  'velocity-address-count',
  'velocity-address-amount',
  'request-conflict', // the id was used for something else
  'not-cancellable',
  'card-ended', // cancelled, reversed, expired or cashed out before
  'card-blocked',
  'card-used', // something of it was spent
  'card-expired',
  'insufficient-balance',
  'float-full', // the float or card cannot take the amount
  'too-late', // the time for it is over
  'refused', // by the ledger, for a reason that a partner cannot mend: a frozen or closed account
] as const
export type GiftRefusal = (typeof giftRefusals)[number]
