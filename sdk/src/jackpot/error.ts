import type { RestFailureCode } from '../protocol/rest-call.ts'

/** What the client itself found; all other codes are the server's (`invalid_grant`, `invalid_client`, …). */
export type JackpotClientCode = RestFailureCode

/**
 * ```ts
 * try {
 *   await session.reserveByPrice({ storeId, offerId, price: 100 })
 * } catch (error) {
 *   if (!(error instanceof JackpotError)) throw error
 *   if (error.applied === 'unknown') tryAgain()
 * }
 * ```
 */
export class JackpotError extends Error {
  readonly code: JackpotClientCode | (string & {})
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  /**
   * Whether the request may have had its effect. Everything may be sent again but an initialization token, which is for one time:
   * open another session then, under another `notificationKey`.
   */
  readonly applied: 'no' | 'unknown'

  constructor(
    code: JackpotError['code'],
    message: string,
    facts: { status: number; applied: 'no' | 'unknown'; cause?: unknown },
  ) {
    super(message, facts.cause === undefined ? {} : { cause: facts.cause })
    this.name = 'JackpotError'
    this.code = code
    this.status = facts.status
    this.applied = facts.applied
  }
}
