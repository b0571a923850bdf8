import { type WalleoErrorCode, walleoErrors } from '#sdk/walleo/error-codes.ts'
import { BodyError } from '../../http/node.ts'
import { LedgerUnavailable } from '../../ledger/command.ts'
import { isDatabaseAway } from '../../storage/database-away.ts'

/** What the documents have no code for, in their form. */
const ownErrors = {
  malformed_body: { http: 400, status: 'bad_request', meaning: 'The body was cut off, or is not UTF-8' },
  route_not_found: { http: 404, status: 'not_found', meaning: 'The API has no such path' },
  method_not_allowed: {
    http: 405,
    status: 'method_not_allowed',
    meaning: 'The path takes another method; `Allow` says which',
  },
  payload_too_large: { http: 413, status: 'payload_too_large', meaning: 'The body is larger than 65,536 bytes' },
  unsupported_media_type: {
    http: 415,
    status: 'unsupported_media_type',
    meaning: 'The body of a `POST` must be `application/json`, not compressed',
  },
  invalid_request: {
    http: 422,
    status: 'unprocessable_entity',
    meaning: 'A member of the body, a request id or a parameter is missing or malformed; the message says which',
  },
  limit_reached: {
    http: 422,
    status: 'unprocessable_entity',
    meaning: 'The operator limits how many cards, or for how much, are sold in a period; the message says which',
  },
  card_unavailable: {
    http: 422,
    status: 'unprocessable_entity',
    meaning: 'The card could not be supplied, for a reason that the partner cannot mend; nothing was paid',
  },
  too_many_requests: {
    http: 429,
    status: 'too_many_requests',
    meaning: 'Too many requests in a minute: `Retry-After` says in how many seconds to come back; nothing was done',
  },
  internal_server_error: { http: 500, status: 'internal_server_error', meaning: 'A fault of the server' },
  service_unavailable: {
    http: 503,
    status: 'service_unavailable',
    meaning: 'The server could not do it, or cannot tell whether it did: repeat the request with the same id',
  },
} as const

/** Every error that the routes answer with: the documents' own, and ours. */
export const errors = { ...walleoErrors, ...ownErrors }

export type ErrorCode = WalleoErrorCode | keyof typeof ownErrors

/** A refusal in Walleo's form. */
export class WalleoProblem extends Error {
  override name = 'WalleoProblem'
  readonly code: ErrorCode
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ErrorCode, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.code = code
    this.headers = headers
  }
}

export const unauthorized = () => new WalleoProblem('unauthorized', 'Not authorized')
export const invalidSignature = () =>
  new WalleoProblem('invalid_signature', 'Your request does not match your signature')
export const tooMany = (seconds: number) =>
  new WalleoProblem('too_many_requests', 'Too many requests in a minute', { 'retry-after': String(seconds) })
export const invalidRequest = (message: string) => new WalleoProblem('invalid_request', message)
export const giftCardNotFound = (code: string) =>
  new WalleoProblem('gift_card_not_found', `Gift card not found with code '${shorten(code)}'`)
export const cardNotFound = (id: string) =>
  new WalleoProblem('card_not_found', `Card not found with id '${shorten(id)}'`)
export const pullRequestNotFound = (requestId: string) =>
  new WalleoProblem('pull_request_not_found', `Pull request not found with request_id: ${shorten(requestId)}`)

/**
 * Why an order came to nothing.
 * @param error the word that stands with the order: a refusal of ours, or `upstream: CODE`
 * @param code the gift card's
 */
export function failureOf(error: string | null, code: string): WalleoProblem {
  switch (error) {
    case 'insufficient-float':
    case 'float-missing':
      return new WalleoProblem('not_enough_funds', 'Your balance account is not high enough')
    case 'out-of-stock':
    case 'upstream: out_of_stock': // their stock is ours
      return new WalleoProblem('out_of_stock', `Out of stock gift card '${shorten(code)}'`)
    case 'velocity-count':
      return new WalleoProblem('limit_reached', 'No more cards may be bought in this period')
    case 'velocity-amount':
      return new WalleoProblem('limit_reached', 'Cards for so much may not be bought in this period')
    case 'velocity-address-count':
      return new WalleoProblem('limit_reached', 'No more cards may be bought from this address in this period')
    case 'velocity-address-amount':
      return new WalleoProblem('limit_reached', 'Cards for so much may not be bought from this address in this period')
    default:
      return new WalleoProblem('card_unavailable', 'The card could not be supplied; nothing was paid')
  }
}

/** A caller's text comes back, but not a whole body of it. */
const shorten = (text: string) => (text.length > 255 ? `${text.slice(0, 255)}…` : text)

/** What any error is to the caller; `onFault` hears of those that are ours. */
export function explain(error: unknown, onFault: (error: unknown) => void): WalleoProblem {
  if (error instanceof WalleoProblem) return error
  if (error instanceof BodyError) {
    const code = error.status === 413 ? 'payload_too_large' : 'malformed_body'
    return new WalleoProblem(code, error.message)
  }
  onFault(error)
  if (error instanceof LedgerUnavailable || isDatabaseAway(error))
    return new WalleoProblem('service_unavailable', errors.service_unavailable.meaning, { 'retry-after': '1' })
  return new WalleoProblem('internal_server_error', 'The request failed here')
}
