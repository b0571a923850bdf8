import type { HttpFailureCode } from '../protocol/http.ts'
import type { TilloErrorCode } from './error-codes.ts'

/** What the client itself found; three digits are the server's. */
export type TilloClientCode =
  | HttpFailureCode
  /** A status 5xx without an error of the protocol's; 502 and 504 have no body. */
  | 'server-failure'
  /** Status 429 without an error of the protocol's. */
  | 'rate-limited'
  /** Not what the API answers: another server's page, a member of another type. */
  | 'answer-malformed'
  /** The card is of another value than the one asked for. */
  | 'answer-mismatch'
  /** An order that ended in `ERROR` or `CANCELLED`: the float has its money again, another try needs another request id. */
  | 'order-failed'
  | 'order-cancelled'
  /** An order that was still at work when patience ran out. */
  | 'still-processing'

/**
 * ```ts
 * try {
 *   const card = await tillo.digital.issue({ brand: 'amazon', … })
 * } catch (error) {
 *   if (!(error instanceof TilloError)) throw error
 *   if (error.applied === 'unknown') repeatLater(error.clientRequestId)
 * }
 * ```
 */
export class TilloError extends Error {
  readonly code: TilloErrorCode | TilloClientCode | (string & {})
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  /** The request id of what the call does or asks about; null where it has none. */
  readonly clientRequestId: string | null
  /**
   * Whether the request may have had its effect. `unknown` is settled by repeating it with {@link clientRequestId}, or, for an
   * issue, by `digital.reverse`.
   */
  readonly applied: 'no' | 'unknown'
  /** What is wrong with which field, as the server says it; null where it does not. */
  readonly data: Record<string, unknown> | readonly unknown[] | null

  constructor(
    code: TilloError['code'],
    message: string,
    facts: {
      status: number
      clientRequestId?: string | null
      applied: 'no' | 'unknown'
      data?: TilloError['data'] | undefined
      cause?: unknown
    },
  ) {
    super(message, facts.cause === undefined ? {} : { cause: facts.cause })
    this.name = 'TilloError'
    this.code = code
    this.status = facts.status
    this.clientRequestId = facts.clientRequestId ?? null
    this.applied = facts.applied
    this.data = facts.data ?? null
  }
}
