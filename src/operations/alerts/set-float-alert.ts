import { AmountError, parseAmount } from '../../domain/money.ts'
import { findWatchedFloat, setFloatAlert, type WatchedFloat } from '../../storage/alerts.ts'
import type { Sql } from '../../storage/database.ts'
import { OperationRefusal } from '../input.ts'

/**
 * Says below which amount operators want to hear of a partner's float.
 * @param amount decimal text in the float's currency; empty: of none
 * @throws {OperationRefusal}
 */
export async function watchFloat(sql: Sql, walletId: string, amount: string): Promise<WatchedFloat> {
  const float = /^\d{1,18}$/.test(walletId) ? await findWatchedFloat(sql, BigInt(walletId)) : undefined
  if (!float) throw new OperationRefusal('not_found', 'wallet', 'there is no such float')
  const below = amount.trim() === '' ? null : readAmount(amount.trim(), float.exponent)
  await setFloatAlert(sql, float.wallet_id, below)
  return { ...float, below }
}

function readAmount(text: string, exponent: number): bigint {
  try {
    return parseAmount(text, exponent)
  } catch (error) {
    if (!(error instanceof AmountError)) throw error
    throw new OperationRefusal(
      'invalid_input',
      'below',
      'an amount above zero, with no more decimals than the currency has',
    )
  }
}
