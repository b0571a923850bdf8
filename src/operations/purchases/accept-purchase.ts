import type { Leg } from '../../domain/posting.ts'
import type { PurchaseRefusal } from '../../domain/purchase.ts'
import { dayAt } from '../../domain/schedule.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Command, Outcome } from '../../ledger/command.ts'
import type { Merchant } from '../../storage/merchants.ts'
import { purchaseDecided, purchaseHeld, referenceUsed } from '../../storage/purchase-effects.ts'
import { findPurchase, hasOverdueParts, isReferenceUsed, type Purchase } from '../../storage/purchases.ts'
import type { Wallet } from '../../storage/wallets.ts'
import { isKept } from '../send-payment.ts'
import { type Offer, offerOf } from './list-offers.ts'
import { type Notice, noticeOf } from './notices.ts'
import { partRows, payOutMoves } from './pay-out.ts'
import { dueNow, isoTime, NO_ANSWER, type PurchaseDeps, purchaseRefusalOf } from './purchase-deps.ts'

type Effects = NonNullable<Command['effects']>

export type AcceptWish = {
  readonly purchase: Purchase
  readonly merchant: Merchant
  /** the person, whose right over the wallet is checked here */
  readonly partyId: string
  readonly wallet: Wallet
  /** name of one of the merchant's plans */
  readonly plan: string
  /** the person's own name for the request: asked again under it, the answer is the same */
  readonly key: string
}

/** `reference` is the transaction's. */
export type AcceptResult =
  | {
      readonly accepted: true
      readonly state: 'authorized' | 'completed'
      readonly reference: string
      readonly replayed: boolean
    }
  | { readonly accepted: false; readonly refusal: PurchaseRefusal }

/** How long a merchant may wait with the capture; ms of the due clock. */
export const AUTHORIZATION_TIME = 7 * 86_400_000
/** How long the ledger keeps what is held: by its own clock, and longer, so that it is the due clock that ends it. */
const HOLD_TIME = 35 * 86_400_000

const refuse = (refusal: PurchaseRefusal): AcceptResult => ({ accepted: false, refusal })

/**
 * Accepts a purchase for a person, in one transaction of the ledger: the reference is used up, the merchant is paid by the wallet
 * or by its financing account, what is due today is paid by the wallet, the schedule is written and the notification queued; or
 * nothing of it happens. Where the merchant captures, the same is held instead.
 */
export async function acceptPurchase(deps: PurchaseDeps, wish: AcceptWish): Promise<AcceptResult> {
  const { purchase, merchant, partyId, wallet } = wish
  const now = await dueNow(deps)
  const refusal = await foresee(deps, wish, now)
  if (refusal) return (await findEarlier(deps, wish)) ?? refuse(refusal)
  const plan = merchant.plans.find(({ name }) => name === wish.plan)
  const offer = plan && offerOf(plan, purchase, now)
  if (!offer) return refuse('plan-not-offered')
  const financed = offer.plan.terms.kind !== 'now'
  const { financing, fees } = merchant
  if (financed) {
    if (financing === null || (fees === null && offer.parts.some(({ fee }) => fee > 0n)))
      return refuse('plan-not-offered')
    if (await hasOverdueParts(deps.db, partyId, financing)) return refuse('overdue')
  }
  const accounts = { wallet: wallet.id, merchant: merchant.wallet.id, financing: financed ? financing : null, fees }
  const command = prepare(deps, wish, offer, accounts, now)
  const outcome = (await deps.ledger.submit(command)).outcome as Outcome
  if (outcome.accepted) {
    const state = merchant.manualCapture ? 'authorized' : 'completed'
    return { accepted: true, state, reference: outcome.transaction, replayed: false }
  }
  return (await findEarlier(deps, wish)) ?? refuse(purchaseRefusalOf(outcome.refusal, accounts))
}

/** What need not be tried. The constraints say the same again, of what changes meanwhile. */
async function foresee(
  { db }: Pick<PurchaseDeps, 'db'>,
  { purchase, merchant, partyId, wallet }: AcceptWish,
  now: number,
): Promise<PurchaseRefusal | null> {
  if (purchase.merchantId !== merchant.id) throw new Error('the purchase is of another merchant')
  if (wallet.partyId !== partyId) return 'wallet-not-yours'
  if (purchase.state !== 'created') return 'purchase-ended'
  if (purchase.expiresAt.getTime() <= now) return 'purchase-expired'
  if (merchant.disabledAt !== null) return 'merchant-not-payable'
  if (wallet.asset.id !== merchant.wallet.asset.id) return 'currency-differs'
  const own = [merchant.wallet.id, merchant.financing, merchant.fees]
  if (own.includes(wallet.id) || isKept(wallet)) return 'wallet-not-usable'
  const { id: except, merchantId, reference } = purchase
  return (await isReferenceUsed(db, { merchantId, reference, except })) ? 'reference-used' : null
}

/** The acceptance under the same key, by the same person. */
async function findEarlier(
  { db }: Pick<PurchaseDeps, 'db'>,
  { purchase: { id }, partyId, wallet, plan, key }: AcceptWish,
): Promise<AcceptResult | null> {
  const found = await findPurchase(db, { id })
  if (!found || found.requestKey !== key || found.partyId !== partyId || found.decidedBy === null) return null
  if (found.walletId !== wallet.id || found.plan?.name !== plan) return refuse('key-conflict')
  const state = found.settledAt === null || found.state === 'completed' ? found.state : 'authorized'
  if (state !== 'authorized' && state !== 'completed') return null
  return { accepted: true, state, reference: found.decidedBy, replayed: true }
}

function prepare(
  deps: PurchaseDeps,
  { purchase, merchant, partyId, wallet, key }: AcceptWish,
  { plan, parts }: Offer,
  accounts: Parameters<typeof payOutMoves>[0],
  now: number,
): Command {
  const at = deps.clock()
  const transaction = uuidV7(at)
  const { manualCapture } = merchant
  const day = dayAt(now)
  const moves = payOutMoves(accounts, parts, day)
  const terms = JSON.stringify({ ...plan.terms, feeBp: plan.feeBp })
  const decided = [
    purchase.id,
    transaction,
    manualCapture ? 'authorized' : 'completed',
    isoTime(now),
    key,
    partyId,
    String(wallet.id),
    plan.name,
    plan.terms.kind,
    terms,
    manualCapture ? isoTime(now + AUTHORIZATION_TIME) : null,
    manualCapture ? null : String(purchase.amount),
  ]
  const holds = moves.map((move) => ({ ...move, hold: uuidV7(at) }))
  const legs: Leg[] = manualCapture
    ? holds.map(({ role: _, ...hold }) => ({ type: 'hold', ...hold, expiresAt: at + HOLD_TIME }))
    : moves.map(({ source, target, amount }) => ({ type: 'transfer', source, target, amount }))
  const paid: Effects = manualCapture
    ? holds.map(({ hold, source, target, amount, role }) => ({
        effect: purchaseHeld,
        row: [hold, purchase.id, String(source), String(target), String(amount), role],
      }))
    : partRows(purchase.id, parts, { day, transaction, at })
  const notice: Notice = manualCapture
    ? { status: 'authorized' }
    : { status: 'completed', transfer: transaction, amount: purchase.amount }
  return {
    principal: `person:${partyId}`,
    transaction,
    kind: manualCapture ? 'purchase-authorization' : 'purchase',
    legs,
    payload: JSON.stringify({
      purchase: purchase.id,
      reference: purchase.reference,
      description: purchase.title,
      plan: plan.name,
    }),
    effects: [
      { effect: purchaseDecided, row: decided },
      { effect: referenceUsed, row: [merchant.id, purchase.reference, purchase.id] },
      ...paid,
      ...noticeOf(deps, { purchase, merchant }, notice),
    ],
    answer: NO_ANSWER,
  }
}
