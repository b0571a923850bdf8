import type { RefusalCode } from '../../domain/refusal.ts'

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

/** The ledger's refusals in the WebWallet's words (the specification gives none; see docs/webwallet.md). */
export const refusals: Record<RefusalCode, Rendered> = {
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
export const unprocessable = (code: string, message: string) => new WalletApiError(422, code, message)
