import type { Asset } from '../../domain/asset.ts'
import type { Command } from '../../ledger/command.ts'
import { creditUsed } from '../../storage/fundings.ts'
import { OperationRefusal } from '../input.ts'
import { type FundingDeps, limitFor, type Operator } from './move-funds.ts'

/** What a wallet may owe; minor units, null: anything. */
const creditOf = (lower: bigint | null): bigint | null => (lower === null ? null : lower < 0n ? -lower : 0n)

/**
 * Credit can be spent as money can, so what an operator gives alone on a day has the limit of what is moved alone, counted for itself:
 * else a lower limit would be the way around the second pair of eyes. Taking credit away is free.
 * @param by who gives it
 * @param limit of the wallet, before (0 of a new one) and after
 * @returns what is to be written with it
 * @throws {OperationRefusal} for credit without an end, which nobody gives alone
 */
export function creditUse(
  { config, clock }: Pick<FundingDeps, 'config' | 'clock'>,
  by: Pick<Operator, 'partyId'>,
  asset: Pick<Asset, 'id' | 'code' | 'exponent'>,
  limit: { before: bigint | null; after: bigint | null },
): NonNullable<Command['effects']> {
  const [before, after] = [creditOf(limit.before), creditOf(limit.after)]
  if (before === null || (after !== null && after <= before)) return []
  if (after === null) throw tooMuchCredit()
  const day = new Date(clock()).toISOString().slice(0, 10)
  const row = [by.partyId, String(asset.id), day, String(limitFor(config, asset)), String(after - before)]
  return [{ effect: creditUsed, row }]
}

export const tooMuchCredit = () =>
  new OperationRefusal('conflict', 'lower', 'that is more credit than one person may give alone on a day')
