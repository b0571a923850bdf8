import { ExactJsonError } from '#sdk/protocol/errors.ts'
import { BodyError } from '../../http/node.ts'
import { LedgerUnavailable } from '../../ledger/command.ts'
import type { VoucherRefusal } from '../../operations/jackpot/require-voucher.ts'
import type { ReserveRefusal } from '../../operations/jackpot/reserve-voucher.ts'
import { isDatabaseAway } from '../../storage/database-away.ts'

/** Every error that the routes answer with. Jackpot's documents name none: the first four are of RFC 6749. */
export const errors = {
  invalid_request: {
    http: 400,
    meaning: 'A member of the body or a parameter is missing or malformed; the description says which',
  },
  invalid_client: { http: 401, meaning: 'The API key is unknown or was revoked, or the client secret is wrong' },
  invalid_grant: { http: 400, meaning: 'The initialization token is malformed, wrongly signed, too old, or was used' },
  unsupported_grant_type: { http: 400, meaning: '`grant_type` is neither jwt-bearer nor client credentials' },
  invalid_token: { http: 401, meaning: 'There is no session with this token, or its hour is over' },
  session_ended: { http: 401, meaning: 'The session has reserved, and is good for looking at its voucher only' },
  insufficient_scope: { http: 403, meaning: 'The path takes another means: the description says which' },
  store_not_found: { http: 404, meaning: 'There is no such store, or it is not on sale' },
  offer_not_found: { http: 404, meaning: 'The store has no such offer' },
  voucher_not_found: { http: 404, meaning: 'The partner, or the session, has no such voucher' },
  route_not_found: { http: 404, meaning: 'The API has no such path' },
  method_not_allowed: { http: 405, meaning: 'The path takes another method; `Allow` says which' },
  payload_too_large: { http: 413, meaning: 'The body is larger than 65,536 bytes' },
  unsupported_media_type: { http: 415, meaning: 'The body must be JSON, or for `/v2/token` a form; not compressed' },
  voucher_state: { http: 409, meaning: 'The voucher is in a state from which no way leads there' },
  reservation_expired: { http: 409, meaning: 'Nobody confirmed the voucher in time' },
  out_of_stock: { http: 409, meaning: 'No code of this value is left' },
  offer_exhausted: { http: 409, meaning: 'What the operator adds to this offer is used up' },
  insufficient_funds: { http: 409, meaning: 'The float of the partner does not cover the price' },
  store_unavailable: { http: 409, meaning: 'The store sells nothing at present' },
  amount_exceeds_session: { http: 422, meaning: 'It costs more than the session may spend' },
  value_not_offered: { http: 422, meaning: 'The store has no card of this value, or none for this price' },
  limit_reached: { http: 422, meaning: 'The operator limits how many cards, or for how much, are sold in a period' },
  too_many_requests: {
    http: 429,
    meaning: 'Too many requests in a minute: `Retry-After` says in how many seconds to come back; nothing was done',
  },
  internal_error: { http: 500, meaning: 'A fault of the server' },
  service_unavailable: {
    http: 503,
    meaning: 'The server could not do it, or cannot tell whether it did: repeat the request',
  },
} as const

export type ErrorCode = keyof typeof errors

/** A refusal in the form of RFC 6749 section 5.2: `error` and `error_description`. */
export class JackpotProblem extends Error {
  override name = 'JackpotProblem'
  readonly code: ErrorCode
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ErrorCode, message: string = errors[code].meaning, headers: Record<string, string> = {}) {
    super(message)
    this.code = code
    this.headers = { ...(errors[code].http === 401 && { 'www-authenticate': 'Bearer realm="jackpot"' }), ...headers }
  }
}

export const tooMany = (seconds: number) =>
  new JackpotProblem('too_many_requests', undefined, { 'retry-after': String(seconds) })
export const invalidRequest = (message: string) => new JackpotProblem('invalid_request', message)

/** Refusals of the operations. Total: one without an answer does not compile. */
const codes: Record<ReserveRefusal | VoucherRefusal, ErrorCode> = {
  'no-client-session': 'insufficient_scope',
  'session-ended': 'session_ended',
  'store-not-found': 'store_not_found',
  'offer-not-found': 'offer_not_found',
  'amount-exceeds-session': 'amount_exceeds_session',
  'offer-exhausted': 'offer_exhausted',
  'voucher-not-found': 'voucher_not_found',
  'voucher-state': 'voucher_state',
  'reservation-expired': 'reservation_expired',
  'out-of-stock': 'out_of_stock',
  'brand-disabled': 'store_unavailable',
  'brand-paused': 'store_unavailable',
  'value-not-offered': 'value_not_offered',
  'delivery-not-offered': 'store_unavailable',
  'asynchronous-only': 'store_unavailable',
  'float-missing': 'insufficient_funds',
  'insufficient-float': 'insufficient_funds',
  'velocity-count': 'limit_reached',
  'velocity-amount': 'limit_reached',
  'velocity-card-count': 'limit_reached',
  'velocity-card-amount': 'limit_reached',
  'velocity-recipient-count': 'limit_reached',
  'velocity-recipient-amount': 'limit_reached',
  'velocity-address-count': 'limit_reached',
  'velocity-address-amount': 'limit_reached',
  'request-conflict': 'session_ended',
  'not-cancellable': 'voucher_state',
  'card-ended': 'voucher_state',
  'card-blocked': 'voucher_state',
  'card-used': 'voucher_state',
  'card-expired': 'voucher_state',
  'insufficient-balance': 'voucher_state',
  'float-full': 'store_unavailable',
  'too-late': 'reservation_expired',
  refused: 'store_unavailable',
}

/** @param state of the voucher, where that is the reason */
export function refused(refusal: ReserveRefusal | VoucherRefusal, state?: string): JackpotProblem {
  const code = codes[refusal]
  return code === 'voucher_state' && state !== undefined
    ? new JackpotProblem(code, `The voucher is ${state.toUpperCase()}`)
    : new JackpotProblem(code)
}

/** What any error is to the caller; `onFault` hears of those that are ours. */
export function explain(error: unknown, onFault: (error: unknown) => void): JackpotProblem {
  if (error instanceof JackpotProblem) return error
  if (error instanceof BodyError)
    return error.status === 413 ? new JackpotProblem('payload_too_large') : invalidRequest(error.message)
  if (error instanceof ExactJsonError) return invalidRequest(`The body is no exact JSON: ${error.code}`)
  onFault(error)
  if (error instanceof LedgerUnavailable || isDatabaseAway(error))
    return new JackpotProblem('service_unavailable', undefined, { 'retry-after': '1' })
  return new JackpotProblem('internal_error')
}
