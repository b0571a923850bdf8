import type { Leg } from '../../domain/posting.ts'
import { type CreditShares, type PurchaseRefusal, shareCredit } from '../../domain/purchase.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Outcome } from '../../ledger/command.ts'
import type { Merchant } from '../../storage/merchants.ts'
import { creditMade, partReduced, purchaseCredited } from '../../storage/purchase-effects.ts'
import {
  listCredits,
  listParts,
  type Purchase,
  type PurchaseCredit,
  type PurchasePart,
} from '../../storage/purchases.ts'
import { noticeOf } from './notices.ts'
import { dueNow, isoTime, NO_ANSWER, type PurchaseDeps, purchaseRefusalOf } from './purchase-deps.ts'

export type CreditWish = {
  readonly purchase: Purchase
  readonly merchant: Merchant
  /** minor units */
  readonly amount: bigint
  /** who asks, e.g. `pledg:<key>` */
  readonly actor: string
  /** the caller's own name for it: asked again under it, nothing more is credited */
  readonly key?: string
}

export type CreditResult =
  | { readonly done: true; readonly credit: PurchaseCredit; readonly replayed: boolean }
  | { readonly done: false; readonly refusal: PurchaseRefusal }

const refuse = (refusal: PurchaseRefusal): CreditResult => ({ done: false, refusal })

/** Each try fails only because another payment or credit of this purchase went through: there are not so many. */
const TRIES = 100

/**
 * The merchant gives back some or all of what it was paid: first what is still owed is cancelled, the last part first, and financing
 * gets that; the rest was paid, and goes back to the wallet. All credits of a purchase together never exceed what was paid. A
 * schedule that changes meanwhile is looked at again.
 */
export async function creditPurchase(deps: PurchaseDeps, wish: CreditWish): Promise<CreditResult> {
  const { purchase, amount } = wish
  if (amount <= 0n) return refuse('amount-out-of-range')
  if (purchase.state !== 'completed' || purchase.captured === null) return refuse('not-paid-out')
  const earlier = await findEarlier(deps, wish)
  if (earlier) return earlier
  for (let tries = 0; tries < TRIES; tries++) {
    const parts = await listParts(deps.db, purchase.id)
    const returned = await attempt(deps, wish, shareCredit(parts, amount))
    if (returned.done) return returned
    // What refuses it may be the same wish, which came at the same moment and was faster.
    if (returned.refusal !== 'part-not-open') return (await findEarlier(deps, wish)) ?? returned
  }
  return refuse('busy')
}

async function attempt(
  deps: PurchaseDeps,
  { purchase, merchant, amount, actor, key }: CreditWish,
  { reductions, toFinancing, toWallet }: CreditShares<PurchasePart>,
): Promise<CreditResult> {
  const { financing, wallet } = merchant
  const transaction = uuidV7(deps.clock())
  const now = await dueNow(deps)
  const legs: Leg[] = []
  if (toFinancing > 0n)
    legs.push({ type: 'transfer', source: wallet.id, target: financing as bigint, amount: toFinancing })
  if (toWallet > 0n)
    legs.push({ type: 'transfer', source: wallet.id, target: purchase.walletId as bigint, amount: toWallet })
  const credit = { id: transaction, amount, toFinancing, toWallet, requestKey: key ?? null, at: new Date(now) }
  const made = [
    transaction,
    purchase.id,
    String(amount),
    String(toFinancing),
    String(toWallet),
    credit.requestKey,
    isoTime(now),
  ]
  const outcome = (
    await deps.ledger.submit({
      principal: actor,
      transaction,
      kind: 'purchase-credit',
      legs,
      payload: JSON.stringify({ purchase: purchase.id, reference: purchase.reference, description: purchase.title }),
      effects: [
        { effect: purchaseCredited, row: [purchase.id, String(purchase.captured), String(amount)] },
        ...reductions.map(({ part, amount }) => ({
          effect: partReduced,
          row: [part.id, String(part.amount), String(amount)],
        })),
        { effect: creditMade, row: made },
        ...noticeOf(deps, { purchase, merchant }, { status: 'refunded' }),
      ],
      answer: NO_ANSWER,
    })
  ).outcome as Outcome
  if (outcome.accepted) return { done: true, credit, replayed: false }
  const accounts = { wallet: purchase.walletId as bigint, merchant: wallet.id, financing }
  return refuse(purchaseRefusalOf(outcome.refusal, accounts))
}

async function findEarlier(
  { db }: Pick<PurchaseDeps, 'db'>,
  { purchase, amount, key }: CreditWish,
): Promise<CreditResult | null> {
  if (key === undefined) return null
  const credit = (await listCredits(db, purchase.id)).find(({ requestKey }) => requestKey === key)
  if (!credit) return null
  return credit.amount === amount ? { done: true, credit, replayed: true } : refuse('key-conflict')
}
