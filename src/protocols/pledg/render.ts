import type { Merchant } from '../../storage/merchants.ts'
import type { Purchase, PurchasePart } from '../../storage/purchases.ts'

/** A purchase as the API shows it to its merchant; what a person is has no place in it. */
export type PledgPurchase = {
  uid: string
  merchant_uid: string
  reference: string
  title: string
  state: string
  amount_cents: number
  currency: string
  captured_cents: number | null
  credited_cents: number
  created_at: string
  expires_at: string
  accepted_at: string | null
  captured_at: string | null
  plan: { name: string; type: 'NOW' | 'DEFERRED' | 'INSTALLMENT' } | null
  installments: { number: number; amount_cents: number; fees: number; payment_date: string; state: string }[]
}

const TYPES = { now: 'NOW', deferred: 'DEFERRED', instalments: 'INSTALLMENT' } as const

export function renderPurchase(
  merchant: Merchant,
  purchase: Purchase,
  parts: readonly PurchasePart[] = [],
): PledgPurchase {
  const accepted = purchase.plan !== null
  return {
    uid: purchase.uid,
    merchant_uid: merchant.uid,
    reference: purchase.reference,
    title: purchase.title,
    state: purchase.state,
    amount_cents: Number(purchase.amount),
    currency: merchant.wallet.asset.code,
    captured_cents: purchase.captured === null ? null : Number(purchase.captured),
    credited_cents: Number(purchase.credited),
    created_at: purchase.createdAt.toISOString(),
    expires_at: purchase.expiresAt.toISOString(),
    accepted_at: (accepted && purchase.decidedAt?.toISOString()) || null,
    captured_at: (purchase.captured !== null && purchase.settledAt?.toISOString()) || null,
    plan: purchase.plan && { name: purchase.plan.name, type: TYPES[purchase.plan.terms.kind] },
    installments: parts.map(({ number, amount, fee, dueOn, state }) => ({
      number,
      amount_cents: Number(amount),
      fees: Number(fee),
      payment_date: dueOn,
      state,
    })),
  }
}
