import { tilloPatterns } from '#sdk/tillo/wire.ts'
import type { Asset } from '../../domain/asset.ts'
import type { BrandValues } from '../../domain/gift-card.ts'
import { AmountError, amountToJson, formatAmount, parseAmount } from '../../domain/money.ts'
import type { Brand } from '../../storage/brands.ts'
import { TilloProblem } from './errors.ts'

const wrong = (message: string, member: string) => new TilloProblem('704', message, { data: { [member]: [message] } })

/**
 * Minor units of an amount: a text or a number of whole units, above zero, with no more decimals than two and than the currency has.
 * @throws {TilloProblem} 704
 */
export function readMoney(amount: string | number, exponent: number, member: string): bigint {
  const text = String(amount)
  if (!tilloPatterns.amount.test(text))
    throw wrong('The amount must be a number above zero with at most two decimals', member)
  try {
    // Leading zeros are no harm: `010.00` is what it is.
    return parseAmount(text.replace(/^0+(?=\d)/, ''), exponent)
  } catch (error) {
    if (error instanceof AmountError) throw wrong(error.message, member)
    throw error
  }
}

/**
 * The value that is asked for, in minor units of the brand's currency.
 * @throws {TilloProblem} 723, 704
 */
export function readFaceValue(value: { amount: string | number; currency: string }, { asset }: Brand): bigint {
  requireCurrency(value, asset)
  return readMoney(value.amount, asset.exponent, 'face_value.amount')
}

/** @throws {TilloProblem} 723 */
export function requireCurrency({ currency }: { currency: string }, asset: Asset): void {
  if (currency === asset.code) return
  throw new TilloProblem('723', `The brand is not sold in [${currency}] but in [${asset.code}]`)
}

/** What a partner is told whose value is not offered, in the API's words. */
export function describeValues({ values, asset, name }: Brand, face: bigint): string {
  const print = (minor: bigint) => formatAmount(minor, asset.exponent)
  return isOutside(values, face)
    ? `The face value must be between [${print(values.min)}] and [${print(values.max)}]`
    : `Denomination [${print(face)}] not available for Brand [${name}]`
}

const isOutside = (values: BrandValues, face: bigint): values is Extract<BrandValues, { type: 'range' }> =>
  values.type === 'range' && (face < values.min || face > values.max)

export const money = (minor: bigint, { code, exponent }: Pick<Asset, 'code' | 'exponent'>) => ({
  currency: code,
  amount: amountToJson(minor, exponent),
})

/** Hundredths of a percent as percent. */
export const percent = (bp: number): number => bp / 100
