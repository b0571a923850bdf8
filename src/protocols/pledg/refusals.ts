import type { PurchaseRefusal } from '../../domain/purchase.ts'
import { PledgProblem, type ProblemType } from './errors.ts'

/** What an operation refuses, in Pledg's words. Total: a refusal without an answer does not compile. */
export const refusals: Record<PurchaseRefusal, readonly [type: ProblemType, message: string]> = {
  'reference-used': ['conflict', 'The reference was used for a purchase that succeeded'],
  'purchase-expired': ['conflict', 'The purchase was not accepted in time'],
  'purchase-ended': ['conflict', 'The purchase was accepted, cancelled or has expired before'],
  'amount-out-of-range': ['invalid_request_error', 'The amount is out of range'],
  'plan-not-offered': ['not_eligible', 'The merchant offers no way to pay for this amount and date'],
  overdue: ['not_eligible', 'The customer has unpaid instalments'],
  'wallet-not-yours': ['not_eligible', 'The wallet is not the customer’s'],
  'wallet-not-usable': ['not_eligible', 'The wallet cannot be used'],
  'currency-differs': ['not_eligible', 'The wallet is in another currency'],
  'insufficient-funds': ['not_eligible', 'The wallet does not have the amount'],
  'merchant-not-payable': ['not_eligible', 'The wallet of the merchant cannot be paid into'],
  'financing-exhausted': ['not_eligible', 'No more is lent at present'],
  'not-authorized': ['conflict', 'There is nothing to capture or to release'],
  'authorization-over': ['conflict', 'The purchase was not captured in time'],
  'capture-exceeds-authorization': ['invalid_request_error', 'More is captured than the purchase has'],
  'not-paid-out': ['conflict', 'Only what the merchant was paid can be credited'],
  'credit-exceeds-purchase': ['invalid_request_error', 'The credits are more than the purchase'],
  'merchant-funds': ['conflict', 'The wallet of the merchant does not have the amount'],
  'part-not-open': ['conflict', 'The instalment was paid or cancelled before'],
  'key-conflict': ['conflict', 'The idempotency key was used for something else'],
  busy: ['maintenance', 'The purchase is being changed: try again'],
  refused: ['conflict', 'The books refuse this; nothing was done'],
}

export const refused = (refusal: PurchaseRefusal): PledgProblem => {
  const [type, message] = refusals[refusal]
  return new PledgProblem(type, message, type === 'maintenance' ? { headers: { 'retry-after': '1' } } : {})
}
