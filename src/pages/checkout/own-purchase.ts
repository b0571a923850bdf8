import { openOf, type PurchaseState } from '../../domain/purchase.ts'
import { findMerchant, type Merchant } from '../../storage/merchants.ts'
import { findPurchase, type Purchase, type PurchasePart } from '../../storage/purchases.ts'
import { PageProblem } from '../problem.ts'
import { type PageContext, sessionOf } from '../session.ts'
import type { CheckoutDeps } from './deps.ts'

/** A purchase that the reader has accepted. @throws {PageProblem} the same for another's as for none at all */
export async function requireOwnPurchase(
  { db }: CheckoutDeps,
  c: PageContext,
): Promise<{ purchase: Purchase; merchant: Merchant; path: string }> {
  const uid = c.req.param('uid') ?? ''
  const purchase = /^pur_[0-9a-f-]{36}$/.test(uid) ? await findPurchase(db, { uid }) : undefined
  const merchant = purchase && (await findMerchant(db, { id: purchase.merchantId }))
  if (!purchase || !merchant || purchase.partyId !== sessionOf(c).partyId) throw new PageProblem('not-found')
  return { purchase, merchant, path: `/wallet/purchases/${uid}` }
}

/** What the person still pays for a part: its fee falls away with the whole of it. */
export const owed = (part: PurchasePart): bigint => (openOf(part) === 0n ? 0n : openOf(part) + part.fee - part.feePaid)

/** What was paid for a part, fee included. */
export const paidFor = (part: PurchasePart): bigint => part.paid + part.feePaid

/** As a person sees it: a purchase of which nothing is open any more is paid. */
export const stateOf = (state: PurchaseState, open: bigint): PurchaseState | 'settled' =>
  state === 'completed' && open === 0n ? 'settled' : state

const TONES: Partial<Record<string, 'waiting' | 'over' | 'good'>> = {
  settled: 'good',
  paid: 'good',
  authorized: 'good',
  completed: 'good',
  late: 'waiting',
  failed: 'waiting',
}

export const toneOf = (state: string): 'waiting' | 'over' | 'good' => TONES[state] ?? 'over'
