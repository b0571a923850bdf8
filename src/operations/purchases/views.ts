import { amountToJson } from '../../domain/money.ts'
import type { MerchantKeyListing } from '../../storage/merchant-keys.ts'
import type { Company, Merchant, MerchantPlan } from '../../storage/merchants.ts'
import type { Purchase, PurchaseCredit, PurchasePart } from '../../storage/purchases.ts'

// What operators are shown of merchants and purchases, in JSON: by the admin API and by the command line alike. No secret has a way
// in here, and nothing of what is kept sealed about who bought.

export const companyView = ({ id, uid, partyId, name }: Company) => ({ id, uid, party_id: partyId, name })

const planView = ({ name, terms, feeBp, minAmount, maxAmount }: MerchantPlan, exponent: number) => ({
  name,
  kind: terms.kind,
  parts: terms.kind === 'instalments' ? terms.parts : null,
  days: terms.kind === 'deferred' ? terms.days : null,
  fee_bp: feeBp,
  min_amount: amountToJson(minAmount, exponent),
  max_amount: maxAmount === null ? null : amountToJson(maxAmount, exponent),
})

export const merchantView = (merchant: Merchant) => ({
  id: merchant.id,
  uid: merchant.uid,
  party_id: merchant.partyId,
  company_id: merchant.companyId,
  name: merchant.name,
  wallet: merchant.wallet.explicitId,
  currency: merchant.wallet.asset.code,
  circle: merchant.wallet.asset.circle,
  financed: merchant.financing !== null,
  plans: merchant.plans.map((plan) => planView(plan, merchant.wallet.asset.exponent)),
  requires_signature: merchant.requiresSignature,
  manual_capture: merchant.manualCapture,
  link_seconds: merchant.linkSeconds,
  payment_notification_url: merchant.paymentNotificationUrl,
  error_notification_url: merchant.errorNotificationUrl,
  redirect_hosts: [...merchant.redirectHosts],
  created_at: merchant.createdAt.toISOString(),
  disabled_at: merchant.disabledAt?.toISOString() ?? null,
})

export const merchantKeyView = (row: MerchantKeyListing) => ({
  id: row.id,
  key: row.key,
  merchant_id: row.merchantId,
  company_id: row.companyId,
  created_at: row.createdAt.toISOString(),
  revoked_at: row.revokedAt?.toISOString() ?? null,
})

export const purchaseView = (row: Purchase, exponent: number) => ({
  id: row.id,
  uid: row.uid,
  reference: row.reference,
  title: row.title,
  state: row.state,
  amount: amountToJson(row.amount, exponent),
  captured: row.captured === null ? null : amountToJson(row.captured, exponent),
  credited: amountToJson(row.credited, exponent),
  plan: row.plan?.name ?? null,
  party_id: row.partyId,
  created_at: row.createdAt.toISOString(),
  expires_at: row.expiresAt.toISOString(),
  decided_at: row.decidedAt?.toISOString() ?? null,
  settled_at: row.settledAt?.toISOString() ?? null,
})

export const partView = (row: PurchasePart, exponent: number) => ({
  number: row.number,
  amount: amountToJson(row.amount, exponent),
  fee: amountToJson(row.fee, exponent),
  due_on: row.dueOn,
  state: row.state,
  paid: amountToJson(row.paid, exponent),
  cancelled: amountToJson(row.reduced, exponent),
  attempts: row.attempts,
  next_attempt_at: row.nextAttemptAt?.toISOString() ?? null,
})

export const creditView = (row: PurchaseCredit, exponent: number) => ({
  id: row.id,
  amount: amountToJson(row.amount, exponent),
  to_financing: amountToJson(row.toFinancing, exponent),
  to_wallet: amountToJson(row.toWallet, exponent),
  at: row.at.toISOString(),
})
