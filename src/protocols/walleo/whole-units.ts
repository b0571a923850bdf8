import type { WalleoFacialValues } from '#sdk/walleo/wire.ts'
import type { Asset } from '../../domain/asset.ts'
import type { BrandValues } from '../../domain/gift-card.ts'

/** Minor units in one unit of the currency: 100 for EUR, 1 for JPY. */
export const unitOf = ({ exponent }: Pick<Asset, 'exponent'>): bigint => 10n ** BigInt(exponent)

/**
 * The values of a brand that can be said in Walleo's whole currency units; null when there is none.
 * Of a range these are the multiples of the least common multiple of its step and the unit.
 */
export function facialValuesOf(values: BrandValues, unit: bigint): WalleoFacialValues | null {
  if (values.type === 'fixed') {
    const amounts = values.values.filter((value) => value % unit === 0n).map((value) => Number(value / unit))
    return amounts.length === 0 ? null : { type: 'fixed', amounts }
  }
  const step = (values.step / greatestCommonDivisor(values.step, unit)) * unit
  const min = ((values.min + step - 1n) / step) * step
  const max = (values.max / step) * step
  if (min > max) return null
  const [min_amount, max_amount, step_amount] = [min, max, step].map((value) => Number(value / unit))
  return { type: 'free', min_amount, max_amount, step_amount } as WalleoFacialValues
}

const greatestCommonDivisor = (a: bigint, b: bigint): bigint => (b === 0n ? a : greatestCommonDivisor(b, a % b))

/** What a caller is told whose amount is not offered, in the documents' words. */
export function describeAmounts(values: WalleoFacialValues): string {
  if (values.type === 'free') {
    const { min_amount: min, max_amount: max, step_amount: step } = values
    return `Amount must be within range from ${min} to ${max} with steps of ${step}.`
  }
  const amounts = values.amounts.map(String)
  const last = amounts.pop()
  return `Amount must be one of ${amounts.length === 0 ? last : `${amounts.join(', ')} or ${last}`}.`
}
