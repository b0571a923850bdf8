import type { RestFailureCode } from '../protocol/rest-call.ts'

/** What the client itself found; all other codes are the server's (`invalid_request_error`, `not_found`, `invalid_client`, …). */
export type PledgClientCode = RestFailureCode

/**
 * ```ts
 * try {
 *   await pledg.credit('pur_…', { amount_cents: 1500 })
 * } catch (error) {
 *   if (!(error instanceof PledgError)) throw error
 *   if (error.applied === 'unknown') readThePurchaseBeforeTryingAgain()
 * }
 * ```
 */
export class PledgError extends Error {
  readonly code: PledgClientCode | (string & {})
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  /**
   * Whether the request may have had its effect. A credit that is sent again credits again, so it is not repeated once it may have
   * been done: read the purchase first.
   */
  readonly applied: 'no' | 'unknown'

  constructor(
    code: PledgError['code'],
    message: string,
    facts: { status: number; applied: 'no' | 'unknown'; cause?: unknown },
  ) {
    super(message, facts.cause === undefined ? {} : { cause: facts.cause })
    this.name = 'PledgError'
    this.code = code
    this.status = facts.status
    this.applied = facts.applied
  }
}
