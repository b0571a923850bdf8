import type { Refusal, RefusalCode } from '../domain/refusal.ts'

/**
 * Why an operation on money is refused besides what the ledger says of balances and limits. A closed union; each protocol maps
 * it totally to its own words.
 */
export const moneyRefusalCodes = [
  'wallet-kept', // books of a brand, or a partner's float
  'invoice-not-found',
  'invoice-payer-differs', // not the debtor's wallet
  'invoice-payee-differs', // not the issuer's wallet
  'invoice-amount-differs', // invoices are paid whole
  'invoice-settled', // paid, declined or cancelled before
  'invoice-expired',
  'transaction-not-found',
  'not-refundable', // only payments and charges are
  'refund-target-differs', // a refund goes back to who paid
  'refund-exceeds-original',
  'parent-missing',
  'refill-policy-missing',
  'refill-cap-exceeded', // more than one refill may be
  'refill-cap-reached', // more than is left of the period
  'token-invalid', // not a transaction token of this server
  'token-audience-differs', // not for this presenter
  'token-terms-differ', // says something else than the request
  'token-used', // or revoked
  'token-expired',
  'token-not-active', // not yet
  'token-lifetime-invalid',
  'expiry-passed', // what is created would have expired already
] as const

export type MoneyRefusalCode = (typeof moneyRefusalCodes)[number]

/** Refused before the ledger was asked; nothing is written and no key is used up. */
export class MoneyRefusal extends Error {
  override name = 'MoneyRefusal'
  readonly code: MoneyRefusalCode

  constructor(code: MoneyRefusalCode, message: string = code) {
    super(message)
    this.code = code
  }
}

/** What the checks of migration 0005 mean. */
const CONSTRAINTS: Readonly<Record<string, MoneyRefusalCode>> = {
  invoice_expires_later: 'expiry-passed',
  invoice_settled_once: 'invoice-settled',
  invoice_unexpired: 'invoice-expired',
  refund_within_original: 'refund-exceeds-original',
  refill_from_parent: 'parent-missing',
  refill_has_policy: 'refill-policy-missing',
  refill_within_cap: 'refill-cap-exceeded',
  refill_within_period: 'refill-cap-reached',
  token_active: 'token-not-active',
  token_expires_later: 'expiry-passed',
  token_used_once: 'token-used',
  token_unexpired: 'token-expired',
}

/** The ledger's refusal in the words of the operation: an effect's constraint says which rule it was. */
export function moneyRefusalOf(refusal: Refusal): MoneyRefusalCode | RefusalCode {
  return (refusal.constraint !== undefined && CONSTRAINTS[refusal.constraint]) || refusal.code
}
