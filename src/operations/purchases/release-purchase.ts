import type { Leg } from '../../domain/posting.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Outcome } from '../../ledger/command.ts'
import type { Merchant } from '../../storage/merchants.ts'
import { purchaseSettled } from '../../storage/purchase-effects.ts'
import { listOverduePurchases, listPurchaseHolds, type Purchase } from '../../storage/purchases.ts'
import { type EndResult, merchantsOf } from './end-purchase.ts'
import { noticeOf } from './notices.ts'
import { dueNow, isoTime, NO_ANSWER, type PurchaseDeps, purchaseRefusalOf } from './purchase-deps.ts'

/** Gives up a purchase that was accepted and not captured: what is held is free again. Its reference stays used. */
export async function releasePurchase(
  deps: PurchaseDeps,
  { purchase, merchant, actor }: { purchase: Purchase; merchant: Merchant; actor: string },
): Promise<EndResult> {
  if (purchase.state !== 'authorized') return { done: false, refusal: 'not-authorized' }
  const holds = await listPurchaseHolds(deps.db, purchase.id)
  const legs = holds.map(({ id: hold, source, target }): Leg => ({ type: 'release', hold, source, target }))
  const settle = async (kept: readonly Leg[]) => {
    const transaction = uuidV7(deps.clock())
    const { outcome } = await deps.ledger.submit({
      principal: actor,
      transaction,
      kind: 'purchase-release',
      legs: kept,
      payload: JSON.stringify({ purchase: purchase.id, reference: purchase.reference, description: purchase.title }),
      effects: [
        { effect: purchaseSettled, row: [purchase.id, transaction, 'voided', isoTime(await dueNow(deps)), null] },
        ...noticeOf(deps, { purchase, merchant }, { status: 'voided' }),
      ],
      answer: NO_ANSWER,
    })
    return outcome as Outcome
  }
  let outcome = await settle(legs)
  // A hold that has expired has given its money back: what is left to write is the purchase's end.
  if (!outcome.accepted && outcome.refusal.code === 'hold-expired') outcome = await settle([])
  if (outcome.accepted) return { done: true, transaction: outcome.transaction }
  const accounts = { merchant: merchant.wallet.id, financing: merchant.financing }
  return { done: false, refusal: purchaseRefusalOf(outcome.refusal, accounts) }
}

const BATCH = 200

/** Gives up what merchants did not capture in time. @returns how many */
export async function lapseAuthorizations(deps: PurchaseDeps, signal?: AbortSignal): Promise<number> {
  const now = new Date(await dueNow(deps))
  let ended = 0
  for (let after: string | null = null; !signal?.aborted; ) {
    const purchases: Purchase[] = await listOverduePurchases(deps.db, 'authorized', { now, after, limit: BATCH })
    const merchants = await merchantsOf(deps, purchases)
    const results = await Promise.all(
      purchases.map((purchase) => {
        const merchant = merchants.get(purchase.merchantId)
        return merchant && releasePurchase(deps, { purchase, merchant, actor: 'worker' })
      }),
    )
    ended += results.filter((result) => result?.done).length
    const last = purchases.at(-1)
    if (!last || purchases.length < BATCH) break
    after = last.id
  }
  return ended
}
