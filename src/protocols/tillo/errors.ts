import { type TilloErrorCode, tilloErrors } from '#sdk/tillo/error-codes.ts'
import { tilloReadings } from '#sdk/tillo/readings.ts'
import type { TilloErrorBody } from '#sdk/tillo/wire.ts'
import type { GiftRefusal } from '../../domain/gift-card.ts'
import { BodyError } from '../../http/node.ts'
import { LedgerUnavailable } from '../../ledger/command.ts'
import { isDatabaseAway } from '../../storage/database-away.ts'

type Facts = { http?: number; data?: Record<string, string[]>; headers?: Record<string, string> }

/** A refusal in Tillo's form. Its status is the usual one of its code, unless it is given. */
export class TilloProblem extends Error {
  override name = 'TilloProblem'
  readonly code: TilloErrorCode
  readonly http: number
  /** what is wrong with which member */
  readonly data: TilloErrorBody['data'] | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(code: TilloErrorCode, message: string, { http, data, headers = {} }: Facts = {}) {
    super(message)
    this.code = code
    this.http = http ?? usualStatus(code)
    this.data = data
    this.headers = headers
  }
}

const usualStatus = (code: TilloErrorCode): number =>
  code === tilloReadings.authenticationFailure.code
    ? tilloReadings.authenticationFailure.http
    : (tilloErrors[code].http[0] as number)

/** A member that is not what it should be. */
export const invalid = (member: string, message: string) =>
  new TilloProblem('433', 'The request is not valid', { data: { [member]: [message] } })

/** Refusals of the operations, each with its code. Total: a refusal without an answer does not compile. */
const refusals: Record<GiftRefusal, readonly [code: TilloErrorCode, message: string]> = {
  'brand-disabled': ['711', 'The brand is no longer active'],
  'brand-paused': ['706', 'The brand is not on sale at present'],
  'value-not-offered': ['704', 'The brand is not sold with this value'],
  'delivery-not-offered': ['713', 'The brand does not offer this delivery method'],
  'asynchronous-only': ['720', 'The brand is only sold by digital/order-card'],
  'float-missing': ['709', 'There is no float in the currency of the brand'],
  'insufficient-float': ['610', 'The float does not cover the request'],
  'out-of-stock': ['725', 'No card of this value is left'],
  'velocity-count': ['719', 'The operator limits how many cards a partner buys in a period'],
  'velocity-amount': ['719', 'The operator limits for how much a partner buys cards in a period'],
  'velocity-card-count': ['719', 'The operator limits how often a card is topped up in a period'],
  'velocity-card-amount': ['719', 'The operator limits by how much a card is topped up in a period'],
  'velocity-recipient-count': ['719', 'The operator limits how many cards a recipient gets in a period'],
  'velocity-recipient-amount': ['719', 'The operator limits for how much a recipient gets cards in a period'],
  'velocity-address-count': ['719', 'The operator limits how many cards are bought from an address in a period'],
  'velocity-address-amount': ['719', 'The operator limits for how much cards are bought from an address in a period'],
  'request-conflict': ['708', 'The client_request_id was used for another request'],
  'not-cancellable': ['720', 'Cards of this brand are not taken back'],
  'card-ended': ['100', 'The card was cancelled, reversed, cashed out or has expired before'],
  'card-blocked': ['711', 'The card is blocked'],
  'card-used': ['100', 'The card was used'],
  'card-expired': ['735', 'The card has expired'],
  'insufficient-balance': ['728', 'The balance of the card does not cover the request'],
  'float-full': ['100', 'The float cannot take the amount'],
  'too-late': ['100', 'The time for it is over'],
  refused: ['706', 'The request cannot be carried out at present'],
}

/** @param message instead of the usual one */
export const refused = (refusal: GiftRefusal, message?: string): TilloProblem => {
  const [code, usual] = refusals[refusal]
  return new TilloProblem(code, message ?? usual)
}

/** What any error is to the caller; `onFault` hears of those that are ours. */
export function explain(error: unknown, onFault: (error: unknown) => void): TilloProblem {
  if (error instanceof TilloProblem) return error
  if (error instanceof BodyError) {
    return error.status === 413
      ? new TilloProblem('999', error.message, { http: 413 })
      : new TilloProblem('433', error.message)
  }
  onFault(error)
  const later = { headers: { 'retry-after': '1' } }
  // Nothing was done: 604. It cannot be learnt whether it was: 600, which a caller repeats under the same id.
  if (error instanceof LedgerUnavailable && error.unknown)
    return new TilloProblem('600', 'Whether the request was carried out is not known: send it again', later)
  if (error instanceof LedgerUnavailable || isDatabaseAway(error))
    return new TilloProblem('604', 'The server cannot do its work at present', later)
  return new TilloProblem('600', 'The request failed here')
}
