import type { BrandValues } from './gift-card.ts'
import { priceOf } from './gift-card.ts'

/** To what a price is rounded, always upwards: the minor unit of its currency, or the whole unit (up to the euro). */
export const OFFER_ROUNDINGS = ['minor', 'whole'] as const
export type OfferRounding = (typeof OFFER_ROUNDINGS)[number]

/**
 * Who carries the difference between value and price. `brand`: it gets the price, whatever its own discount is. `operator`: the
 * brand gets what it gets for any card, and what the price is above or below that stays with the operator.
 */
export const OFFER_FUNDERS = ['brand', 'operator'] as const
export type OfferFunder = (typeof OFFER_FUNDERS)[number]

/** `bonus`: 100 buys a card of 110 at 10 %. `discount`: a card of 100 costs 90 at 10 %. */
export const OFFER_KINDS = ['bonus', 'discount'] as const
export type OfferKind = (typeof OFFER_KINDS)[number]

/** On which terms a brand's cards are sold as vouchers. */
export type OfferTerms = {
  readonly kind: OfferKind
  /** hundredths of a percent: of the price for a bonus, of the value for a discount */
  readonly rateBp: number
  readonly rounding: OfferRounding
  readonly funder: OfferFunder
}

const WHOLE = 10_000n

const ceilDiv = (a: bigint, b: bigint): bigint => (a + b - 1n) / b

/** By how much value and price differ: value / price. */
const ratio = ({ kind, rateBp }: OfferTerms): readonly [value: bigint, price: bigint] =>
  kind === 'bonus' ? [WHOLE + BigInt(rateBp), WHOLE] : [WHOLE, WHOLE - BigInt(rateBp)]

const unitOf = ({ rounding }: OfferTerms, exponent: number): bigint =>
  rounding === 'whole' ? 10n ** BigInt(exponent) : 1n

/**
 * What a card of this value costs, in minor units. The exact price is rounded up to the next minor or whole unit, as the offer
 * says, so the buyer loses less than one of these; and never above the value.
 * @param exponent decimals of the currency
 */
export function offerPrice(offer: OfferTerms, value: bigint, exponent: number): bigint {
  const [over, under] = ratio(offer)
  const unit = unitOf(offer, exponent)
  const price = ceilDiv(ceilDiv(value * under, over), unit) * unit
  return price < value ? price : value
}

/**
 * The greatest value on sale whose price is within the budget; null when there is none. Where a brand sells every value, a bonus
 * uses the whole budget up: nothing of it is lost but parts of a unit.
 */
export function offerValue(offer: OfferTerms, values: BrandValues, budget: bigint, exponent: number): bigint | null {
  const [over, under] = ratio(offer)
  const unit = unitOf(offer, exponent)
  const reach = ((budget / unit) * unit * over) / under
  // A price is never above its value, so what the budget itself would buy is within it, too.
  return greatestOffered(values, reach > budget ? reach : budget)
}

function greatestOffered(values: BrandValues, most: bigint): bigint | null {
  if (values.type === 'fixed') return values.values.findLast((value) => value <= most) ?? null
  const top = most < values.max ? most : values.max
  const value = top - (top % values.step)
  return value >= values.min ? value : null
}

/** Up to `limit` values on sale, evenly spaced from the least to the greatest, of which the price is within the budget. */
export function affordableValues(
  offer: OfferTerms,
  values: BrandValues,
  budget: bigint,
  exponent: number,
  limit: number,
): bigint[] {
  const top = offerValue(offer, values, budget, exponent)
  if (top === null) return []
  if (values.type === 'fixed') return values.values.filter((value) => value <= top).slice(-limit)
  const { min, step } = values
  const first = ceilDiv(min, step) * step
  const count = (top - first) / step + 1n
  const stride = ceilDiv(count, BigInt(limit)) * step
  const found: bigint[] = []
  for (let value = top; value >= first; value -= stride) found.push(value)
  return found.reverse()
}

/** Whether the offer gives anything on this card. */
export const isAdvantage = (value: bigint, price: bigint): boolean => value > price

/**
 * What stays with the operator, in minor units; below zero: what the operator adds.
 * @param discountBp the brand's own discount, hundredths of a percent
 */
export function offerRevenue({ funder }: OfferTerms, value: bigint, price: bigint, discountBp: number): bigint {
  return funder === 'brand' ? 0n : price - priceOf(value, discountBp, 'partner').cost
}
