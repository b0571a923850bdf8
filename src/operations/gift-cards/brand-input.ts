import { AssetError, defineAsset } from '../../domain/asset.ts'
import type { BrandValues } from '../../domain/gift-card.ts'
import { AmountError, parseAmount, parseAmountOrZero } from '../../domain/money.ts'
import { findAsset } from '../../storage/assets.ts'
import type { Brand } from '../../storage/brands.ts'
import type { Sql } from '../../storage/database.ts'
import { OperationRefusal } from '../input.ts'
import { DEFAULT_CIRCLE } from '../open-wallet.ts'

/** What a brand sells, in its currency. */
export type ValuesInput =
  | { type: 'fixed'; values: readonly (number | string)[] }
  | { type: 'range'; min: number | string; max: number | string; step: number | string }

/** What an operator says of a brand, when it is made or later. Absent members stay as they are. */
export type BrandTerms = {
  values?: ValuesInput
  /** percent, with up to two decimals */
  discount?: number | string
  /** members that are null are taken away */
  texts?: Record<string, unknown>
} & Partial<
  Pick<
    Brand,
    | 'name'
    | 'countries'
    | 'categories'
    | 'discountKeeper'
    | 'validityDays'
    | 'delivery'
    | 'barcode'
    | 'asynchronous'
    | 'cancellable'
    | 'status'
    | 'statusReason'
    | 'lowStock'
  >
>

export const readValues = (input: ValuesInput, exponent: number): BrandValues =>
  amountsOf('values', () =>
    input.type === 'fixed'
      ? { type: 'fixed', values: input.values.map((value) => parseAmount(value, exponent)) }
      : {
          type: 'range',
          min: parseAmount(input.min, exponent),
          max: parseAmount(input.max, exponent),
          step: parseAmount(input.step, exponent),
        },
  )

/** @returns hundredths of a percent */
export function readDiscount(percent: number | string): number {
  const points = Number(amountsOf('discount', () => parseAmountOrZero(percent, 2)))
  if (points <= 10_000) return points
  throw new OperationRefusal('invalid_input', 'discount', 'a discount is 0 to 100 percent')
}

/** @returns minor units of the currency */
export const readAmount = (field: string, value: number | string, exponent: number): bigint =>
  amountsOf(field, () => parseAmount(value, exponent))

/** Decimals of a currency, whether or not anything is held in it yet. */
export async function readExponent(sql: Sql, currency: string, circle = DEFAULT_CIRCLE): Promise<number> {
  const asset = await findAsset(sql, currency, circle)
  if (asset) return asset.exponent
  try {
    return defineAsset(currency, circle).exponent
  } catch (error) {
    if (error instanceof AssetError) throw new OperationRefusal('invalid_input', 'currency', error.message)
    throw error
  }
}

function amountsOf<T>(field: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof AmountError) throw new OperationRefusal('invalid_input', field, error.message)
    throw error
  }
}
