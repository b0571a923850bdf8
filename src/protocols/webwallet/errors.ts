import type { RefusalCode } from '../../domain/refusal.ts'
import type { MoneyRefusalCode } from '../../operations/money-refusal.ts'

/** A refusal in the WebWallet's form: an envelope `{endpoint, success: false, error: {code, message}}` with this status. */
export class WalletApiError extends Error {
  override name = 'WalletApiError'
  readonly status: number
  readonly code: string
  readonly headers: Record<string, string>

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

type Rendered = { readonly status: number; readonly code: string; readonly message: string }

/** The refusals of the operations and of the ledger in the WebWallet's words (the specification gives none; see docs/webwallet.md). */
export const refusals: Record<MoneyRefusalCode | RefusalCode, Rendered> = {
  'wallet-kept': rendered(422, 'wallet-kept', 'What is kept for gift cards is moved by the operator alone'),
  'invoice-not-found': rendered(404, 'invoice-not-found', 'There is no such invoice'),
  'invoice-payer-differs': rendered(
    422,
    'invoice-payer-differs',
    'The invoice is to another wallet than the one that pays',
  ),
  'invoice-payee-differs': rendered(
    422,
    'invoice-payee-differs',
    'The invoice is from another wallet than the one that is paid',
  ),
  'invoice-amount-differs': rendered(422, 'invoice-amount-differs', 'An invoice is paid whole, and no more than that'),
  'invoice-settled': rendered(409, 'invoice-settled', 'The invoice was paid, declined or cancelled before'),
  'invoice-expired': rendered(422, 'invoice-expired', 'The invoice has expired'),
  'transaction-not-found': rendered(404, 'transaction-not-found', 'The wallet has no such transaction'),
  'not-refundable': rendered(422, 'not-refundable', 'Only payments and charges are refunded'),
  'refund-target-differs': rendered(422, 'refund-target-differs', 'A refund goes to the wallet that paid'),
  'refund-exceeds-original': rendered(422, 'refund-exceeds-original', 'The refunds would exceed what was paid'),
  'parent-missing': rendered(422, 'parent-missing', 'The wallet has no parent to be refilled from'),
  'refill-policy-missing': rendered(422, 'refill-policy-missing', 'The wallet has no refill policy'),
  'refill-cap-exceeded': rendered(422, 'refill-cap-exceeded', 'The amount is more than one refill may be'),
  'refill-cap-reached': rendered(
    422,
    'refill-cap-reached',
    'The amount is more than the policy leaves for this period',
  ),
  'token-invalid': rendered(403, 'token-invalid', 'This is no transaction token of this server'),
  'token-audience-differs': rendered(403, 'token-audience-differs', 'The transaction token is not for the presenter'),
  'token-terms-differ': rendered(422, 'token-terms-differ', 'The transaction token is for something else'),
  'token-used': rendered(409, 'token-used', 'The transaction token was used or revoked before'),
  'token-expired': rendered(422, 'token-expired', 'The transaction token has expired'),
  'token-not-active': rendered(422, 'token-not-active', 'The transaction token is not valid yet'),
  'token-lifetime-invalid': rendered(422, 'token-lifetime-invalid', 'A transaction token lives for 7 days at most'),
  'expiry-passed': rendered(422, 'expiry-passed', 'The expiry is not in the future, or not after the start'),

  'idempotency-conflict': rendered(409, 'idempotency-conflict', 'The key was used before with other content'),
  'already-exists': rendered(409, 'already-exists', 'What the request would create exists'),
  'effect-refused': rendered(422, 'not-allowed', 'A limit of what the request refers to would be exceeded'),
  'same-account': rendered(422, 'same-wallet', 'Source and target are the same wallet'),
  'account-exists': rendered(409, 'wallet-exists', 'The wallet exists'),
  'account-not-found': rendered(404, 'wallet-not-found', 'There is no such wallet'),
  'source-not-found': rendered(404, 'wallet-not-found', 'There is no such source wallet'),
  'target-not-found': rendered(404, 'wallet-not-found', 'There is no such target wallet'),
  'asset-mismatch': rendered(422, 'currency-mismatch', 'Source and target are in different currencies or circles'),
  'account-closed': rendered(422, 'wallet-closed', 'The wallet is closed'),
  'source-closed': rendered(422, 'wallet-closed', 'The source wallet is closed'),
  'target-closed': rendered(422, 'wallet-closed', 'The target wallet is closed'),
  'source-frozen': rendered(422, 'wallet-frozen', 'The source wallet is frozen'),
  'hold-not-found': rendered(404, 'hold-not-found', 'There is no such hold'),
  'hold-ended': rendered(422, 'hold-ended', 'The hold was captured or released before'),
  'hold-expired': rendered(422, 'hold-expired', 'The hold has expired'),
  'capture-exceeds-hold': rendered(422, 'capture-exceeds-hold', 'The amount is more than what is held'),
  'unavailable-funds': rendered(422, 'unavailable-funds', 'The amount is more than the source wallet has available'),
  'unreceivable-funds': rendered(422, 'unreceivable-funds', 'The amount is more than the target wallet can receive'),
  'amount-out-of-range': rendered(422, 'amount-out-of-range', 'A balance would become too large to be kept'),
  'limits-crossed': rendered(422, 'limits-crossed', 'The lower limit is above the upper limit'),
  'limit-broken': rendered(422, 'limit-broken', 'The present balance breaks the new limit'),
  'account-not-empty': rendered(422, 'wallet-not-empty', 'Only a wallet without balance and holds can be closed'),
}

function rendered(status: number, code: string, message: string): Rendered {
  return { status, code, message }
}

export const malformed = (code: string, message: string) => new WalletApiError(400, code, message)
export const forbidden = (code: string, message: string) => new WalletApiError(403, code, message)
export const notFound = (code: string, message: string) => new WalletApiError(404, code, message)
/** @param seconds to wait */
export const tooMany = (seconds: number) =>
  new WalletApiError(429, 'too-many-requests', 'Too many requests in a minute', { 'retry-after': String(seconds) })
export const unprocessable = (code: string, message: string) => new WalletApiError(422, code, message)
