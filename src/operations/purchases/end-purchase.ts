import type { PurchaseRefusal } from '../../domain/purchase.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Outcome } from '../../ledger/command.ts'
import { findMerchant, type Merchant } from '../../storage/merchants.ts'
import { purchaseDecided } from '../../storage/purchase-effects.ts'
import { isReferenceUsed, listOverduePurchases, type Purchase } from '../../storage/purchases.ts'
import { noticeOf } from './notices.ts'
import { dueNow, isoTime, NO_ANSWER, type PurchaseDeps, purchaseRefusalOf } from './purchase-deps.ts'

/** `transaction`: the ledger's, by which the purchase names it. */
export type EndResult =
  | { readonly done: true; readonly transaction: string }
  | { readonly done: false; readonly refusal: PurchaseRefusal }

/** What merchants are told of purchases that come to nothing, in Pledg's words. */
const ERROR_STATES = { person: 'ABANDONED', merchant: 'ABANDONED', expired: 'MERCHANT_TIMEOUT' } as const

/** Ends a purchase that nobody has accepted: the person declines it, or the merchant takes it back. */
export const cancelPurchase = (
  deps: PurchaseDeps,
  input: { purchase: Purchase; merchant: Merchant; by: 'person' | 'merchant'; actor: string },
): Promise<EndResult> => end(deps, input, 'cancelled', ERROR_STATES[input.by])

async function end(
  deps: PurchaseDeps,
  { purchase, merchant, actor }: { purchase: Purchase; merchant: Merchant; actor: string },
  state: 'cancelled' | 'expired',
  told: string,
): Promise<EndResult> {
  if (purchase.state !== 'created') return { done: false, refusal: 'purchase-ended' }
  const transaction = uuidV7(deps.clock())
  // Of a reference that was paid by another link a merchant must not hear that it failed.
  const used = await isReferenceUsed(deps.db, purchase)
  const notice = used ? [] : noticeOf(deps, { purchase, merchant }, { status: 'failed', state: told })
  const none = Array.from({ length: 8 }, () => null)
  const outcome = (
    await deps.ledger.submit({
      principal: actor,
      transaction,
      kind: `purchase-${state}`,
      legs: [],
      payload: JSON.stringify({ purchase: purchase.id, reference: purchase.reference }),
      effects: [
        { effect: purchaseDecided, row: [purchase.id, transaction, state, isoTime(await dueNow(deps)), ...none] },
        ...notice,
      ],
      answer: NO_ANSWER,
    })
  ).outcome as Outcome
  if (outcome.accepted) return { done: true, transaction }
  return { done: false, refusal: purchaseRefusalOf(outcome.refusal, { merchant: merchant.wallet.id, financing: null }) }
}

const BATCH = 200

/** Ends the purchases that nobody accepted in time. @returns how many */
export async function expirePurchases(deps: PurchaseDeps, signal?: AbortSignal): Promise<number> {
  const now = new Date(await dueNow(deps))
  let ended = 0
  for (let after: string | null = null; !signal?.aborted; ) {
    const purchases: Purchase[] = await listOverduePurchases(deps.db, 'created', { now, after, limit: BATCH })
    const merchants = await merchantsOf(deps, purchases)
    const results = await Promise.all(
      purchases.map((purchase) => {
        const merchant = merchants.get(purchase.merchantId)
        return merchant && end(deps, { purchase, merchant, actor: 'worker' }, 'expired', ERROR_STATES.expired)
      }),
    )
    ended += results.filter((result) => result?.done).length
    const last = purchases.at(-1)
    if (!last || purchases.length < BATCH) break
    after = last.id
  }
  return ended
}

/** Each merchant is read once for all purchases of a round. */
export async function merchantsOf(
  { db }: Pick<PurchaseDeps, 'db'>,
  purchases: readonly { readonly merchantId: string }[],
): Promise<Map<string, Merchant>> {
  const ids = [...new Set(purchases.map(({ merchantId }) => merchantId))]
  const found = await Promise.all(ids.map((id) => findMerchant(db, { id })))
  return new Map(found.filter((merchant) => merchant !== undefined).map((merchant) => [merchant.id, merchant]))
}
