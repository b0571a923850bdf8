import type { PartState } from '../../domain/purchase.ts'
import { type Day, type SchedulePart, startOf } from '../../domain/schedule.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Command } from '../../ledger/command.ts'
import { partScheduled } from '../../storage/purchase-effects.ts'
import { isoTime } from './purchase-deps.ts'

type Effects = NonNullable<Command['effects']>

/** Who pays whom when a purchase is paid out. */
export type PayOutAccounts = {
  readonly wallet: bigint
  readonly merchant: bigint
  /** null: the wallet pays the merchant itself */
  readonly financing: bigint | null
  /** null: no part has a fee */
  readonly fees: bigint | null
}

/** One movement; `role` names what it is, where it is held first. */
export type PayOutMove = {
  readonly role: 'amount' | 'first-part' | 'first-fee'
  readonly source: bigint
  readonly target: bigint
  readonly amount: bigint
}

/**
 * What moves when a purchase is paid out: financing, or the wallet, pays the merchant; what is due on the day of the acceptance is paid
 * back at once, with its fee.
 */
export function payOutMoves(
  { wallet, merchant, financing, fees }: PayOutAccounts,
  parts: readonly SchedulePart[],
  day: Day,
): PayOutMove[] {
  const amount = parts.reduce((sum, part) => sum + part.amount, 0n)
  if (financing === null) return [{ role: 'amount', source: wallet, target: merchant, amount }]
  const moves: PayOutMove[] = [{ role: 'amount', source: financing, target: merchant, amount }]
  const first = parts[0] as SchedulePart
  if (first.due <= day) {
    moves.push({ role: 'first-part', source: wallet, target: financing, amount: first.amount })
    if (first.fee > 0n && fees !== null) {
      moves.push({ role: 'first-fee', source: wallet, target: fees, amount: first.fee })
    }
  }
  return moves
}

/** The rows of the schedule, written with what {@link payOutMoves} moves. @param at ms, for the ids alone */
export function partRows(
  purchaseId: string,
  parts: readonly SchedulePart[],
  { day, transaction, at }: { day: Day; transaction: string; at: number },
): Effects {
  return parts.map(({ amount, fee, due }, index) => {
    const paid = due <= day
    const state: PartState = paid ? 'paid' : 'scheduled'
    const row = [
      uuidV7(at),
      purchaseId,
      String(index + 1),
      String(amount),
      String(fee),
      due,
      paid ? String(amount) : '0',
      paid ? String(fee) : '0',
      state,
      paid ? null : isoTime(startOf(due)),
      paid ? transaction : null,
    ]
    return { effect: partScheduled, row }
  })
}
