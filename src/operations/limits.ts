import { AmountError, parseSignedAmount } from '../domain/money.ts'
import { OperationRefusal } from './input.ts'

/** Amounts in the wallet's currency; null: no limit; absent: as it is. A credit limit is a lower limit below zero. */
export type LimitsInput = { lower?: number | string | null; upper?: number | string | null }

/** @returns minor units */
export function readLimits(input: LimitsInput, exponent: number): { lower?: bigint | null; upper?: bigint | null } {
  const limits: { lower?: bigint | null; upper?: bigint | null } = {}
  for (const name of ['lower', 'upper'] as const) {
    const value = input[name]
    if (value === undefined) continue
    try {
      limits[name] = value === null ? null : parseSignedAmount(value, exponent)
    } catch (error) {
      if (error instanceof AmountError) throw new OperationRefusal('invalid_input', name, error.message)
      throw error
    }
  }
  return limits
}
