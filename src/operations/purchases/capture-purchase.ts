import type { Leg } from '../../domain/posting.ts'
import { dayAt, ScheduleError, type SchedulePart, simulateSchedule } from '../../domain/schedule.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Outcome } from '../../ledger/command.ts'
import type { Merchant } from '../../storage/merchants.ts'
import { purchaseSettled } from '../../storage/purchase-effects.ts'
import { type AcceptedPlan, listPurchaseHolds, type Purchase, type PurchaseHold } from '../../storage/purchases.ts'
import type { EndResult } from './end-purchase.ts'
import { noticeOf } from './notices.ts'
import { partRows, payOutMoves } from './pay-out.ts'
import { dueNow, isoTime, NO_ANSWER, type PurchaseDeps, purchaseRefusalOf } from './purchase-deps.ts'

/**
 * Pays the merchant what was held for it when the purchase was accepted, or less: what is not captured is free again, and the
 * schedule is that of what was captured, from the day of the acceptance.
 * @param input.amount minor units; all of it when left out
 */
export async function capturePurchase(
  deps: PurchaseDeps,
  input: { purchase: Purchase; merchant: Merchant; amount?: bigint; actor: string },
): Promise<EndResult> {
  const { purchase, merchant, actor, amount = purchase.amount } = input
  const { plan, walletId, decidedAt } = purchase
  if (purchase.state !== 'authorized' || !plan || walletId === null || !decidedAt)
    return { done: false, refusal: 'not-authorized' }
  if (amount <= 0n) return { done: false, refusal: 'amount-out-of-range' }
  if (amount > purchase.amount) return { done: false, refusal: 'capture-exceeds-authorization' }
  const now = await dueNow(deps)
  if (purchase.authorizedUntil && purchase.authorizedUntil.getTime() <= now)
    return { done: false, refusal: 'authorization-over' }
  const day = dayAt(decidedAt.getTime())
  const schedule = scheduleOf(purchase, plan, amount, day)
  if (schedule === null) return { done: false, refusal: 'amount-out-of-range' }
  const holds = await listPurchaseHolds(deps.db, purchase.id)
  const parts = withinHolds(schedule, holds)
  const financing = plan.terms.kind === 'now' ? null : merchant.financing
  const accounts = { wallet: walletId, merchant: merchant.wallet.id, financing, fees: merchant.fees }
  const moves = new Map(payOutMoves(accounts, parts, day).map((move) => [move.role, move.amount]))
  const at = deps.clock()
  const transaction = uuidV7(at)
  const legs = holds.map(({ id: hold, source, target, role }): Leg => {
    const captured = moves.get(role)
    return captured === undefined
      ? { type: 'release', hold, source, target }
      : { type: 'capture', hold, source, target, amount: captured }
  })
  const outcome = (
    await deps.ledger.submit({
      principal: actor,
      transaction,
      kind: 'purchase-capture',
      legs,
      payload: JSON.stringify({
        purchase: purchase.id,
        reference: purchase.reference,
        description: purchase.title,
        plan: plan.name,
      }),
      effects: [
        { effect: purchaseSettled, row: [purchase.id, transaction, 'completed', isoTime(now), String(amount)] },
        ...partRows(purchase.id, parts, { day, transaction, at }),
        ...noticeOf(deps, { purchase, merchant }, { status: 'completed', transfer: transaction, amount }),
      ],
      answer: NO_ANSWER,
    })
  ).outcome as Outcome
  if (outcome.accepted) return { done: true, transaction }
  return { done: false, refusal: purchaseRefusalOf(outcome.refusal, accounts) }
}

/** By the terms that were accepted; null where so little cannot be divided. */
function scheduleOf(
  { secondDate }: Purchase,
  { terms, feeBp }: AcceptedPlan,
  amount: bigint,
  created: string,
): SchedulePart[] | null {
  const second = terms.kind === 'instalments' ? (secondDate ?? undefined) : undefined
  try {
    return simulateSchedule({ amount, terms, created, second, feeBp })
  } catch (error) {
    if (error instanceof ScheduleError) return null
    throw error
  }
}

/**
 * Of less than was accepted more minor units may be left over than of the whole, and all of them would be the first part's: of 0.06 it is
 * 0.02, of 0.05 it would be 0.03. What is taken at once is no more than what was held for it; the parts behind it get the rest.
 */
function withinHolds(parts: readonly SchedulePart[], holds: readonly PurchaseHold[]): SchedulePart[] {
  const heldFor = (role: PurchaseHold['role']) => holds.find((hold) => hold.role === role)?.amount
  const first = heldFor('first-part')
  if (first === undefined) return [...parts]
  const amounts = capFirst(
    parts.map(({ amount }) => amount),
    first,
  )
  const fees = capFirst(
    parts.map(({ fee }) => fee),
    heldFor('first-fee') ?? 0n,
  )
  return parts.map(({ due }, index) => ({ due, amount: amounts[index] as bigint, fee: fees[index] as bigint }))
}

/** One unit for each of those behind the first, from the second on; where they are fewer, the last one gets what is left. */
function capFirst([first = 0n, ...others]: readonly bigint[], most: bigint): bigint[] {
  let left = first > most ? first - most : 0n
  const kept = first - left
  return [
    kept,
    ...others.map((share, index) => {
      const more = index === others.length - 1 ? left : left > 0n ? 1n : 0n
      left -= more
      return share + more
    }),
  ]
}
