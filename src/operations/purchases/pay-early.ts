import { openOf, type PurchaseRefusal } from '../../domain/purchase.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Outcome } from '../../ledger/command.ts'
import type { Merchant } from '../../storage/merchants.ts'
import { listParts, type Purchase, type PurchasePart } from '../../storage/purchases.ts'
import { partPayment } from './collect-instalment.ts'
import { NO_ANSWER, type PurchaseDeps, purchaseRefusalOf } from './purchase-deps.ts'

export type PayEarlyResult =
  | { readonly done: true; readonly transaction: string; readonly replayed: boolean }
  | { readonly done: false; readonly refusal: PurchaseRefusal }

const refuse = (refusal: PurchaseRefusal): PayEarlyResult => ({ done: false, refusal })

/** Each try fails only because a payment or a credit of these parts went through: there are not so many. */
const TRIES = 100

/**
 * Pays parts before the worker collects them, or after it has given up: all that are named, or none. Parts of which less is open
 * meanwhile are looked at again.
 * @param input.partyId who must be the one that accepted the purchase
 * @param input.parts ids
 * @param input.key the person's own name for the request: asked again under it, the answer is the same
 */
export async function payEarly(
  deps: PurchaseDeps,
  input: { purchase: Purchase; merchant: Merchant; partyId: string; parts: readonly string[]; key: string },
): Promise<PayEarlyResult> {
  const { purchase, merchant, partyId, key } = input
  if (purchase.partyId !== partyId) return refuse('wallet-not-yours')
  if (purchase.state !== 'completed') return refuse('part-not-open')
  const wanted = new Set(input.parts)
  const find = async () => (await listParts(deps.db, purchase.id)).filter(({ id }) => wanted.has(id))
  let parts = await find()
  if (wanted.size === 0 || parts.length !== wanted.size) return refuse('part-not-open')
  for (let tries = 0; tries < TRIES; tries++) {
    if (parts.some((part) => openOf(part) === 0n)) return paidBefore(parts, key) ?? refuse('part-not-open')
    const returned = await attempt(deps, { purchase, merchant }, parts, key)
    if (returned.done) return returned
    const tried = parts
    parts = await find()
    // What is refused of parts that have changed, it may be for want of more than is open now, is no answer.
    const same = parts.every((part, i) => openOf(part) === openOf(tried[i] as PurchasePart))
    if (same && returned.refusal !== 'part-not-open') return returned
  }
  return refuse('busy')
}

async function attempt(
  deps: PurchaseDeps,
  { purchase, merchant }: { purchase: Purchase; merchant: Merchant },
  parts: readonly PurchasePart[],
  key: string,
): Promise<PayEarlyResult> {
  const transaction = uuidV7(deps.clock())
  const outcome = (
    await deps.ledger.submit({
      principal: `person:${purchase.partyId}`,
      transaction,
      kind: 'purchase-payment',
      ...partPayment({ purchase, merchant }, parts, transaction, key),
      payload: JSON.stringify({
        purchase: purchase.id,
        reference: purchase.reference,
        description: purchase.title,
        parts: parts.map(({ number }) => number),
      }),
      answer: NO_ANSWER,
    })
  ).outcome as Outcome
  if (outcome.accepted) return { done: true, transaction, replayed: false }
  const accounts = { wallet: purchase.walletId as bigint, merchant: merchant.wallet.id, financing: merchant.financing }
  return refuse(purchaseRefusalOf(outcome.refusal, accounts))
}

function paidBefore(parts: readonly PurchasePart[], key: string): PayEarlyResult | null {
  const transaction = parts[0]?.paidBy ?? null
  const same = parts.every(({ requestKey, paidBy }) => requestKey === key && paidBy === transaction)
  return same && transaction !== null ? { done: true, transaction, replayed: true } : null
}
