import type { HttpFailureCode } from '../protocol/http.ts'
import type { WalleoErrorCode } from './error-codes.ts'
import type { WalleoErrorItem } from './wire.ts'

/** What the client itself found; all other codes are the server's. */
export type WalleoClientCode =
  | HttpFailureCode
  /** A status 5xx without an error of the protocol's. */
  | 'server-failure'
  /** Status 429 without an error of the protocol's. */
  | 'rate-limited'
  /** Not what the API answers: another server's page, a member of another type. */
  | 'answer-malformed'
  /** The answer belongs to a request with another amount or gift card: the request id was used before. */
  | 'answer-mismatch'
  /** A pull request that ended without a card; `errors` say why. */
  | 'pull-failed'
  /** A pull request that was still waiting when patience ran out. */
  | 'still-waiting'

/**
 * ```ts
 * try {
 *   const card = await walleo.createCard({ amount: 50, gift_card_code: 'IKEAFR' })
 * } catch (error) {
 *   if (!(error instanceof WalleoError)) throw error
 *   if (error.applied === 'unknown') repeatLater(error.requestId)
 * }
 * ```
 */
export class WalleoError extends Error {
  readonly code: WalleoErrorCode | WalleoClientCode | (string & {})
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  /** The request id of the purchase that the call makes or asks about; null for other calls. */
  readonly requestId: string | null
  /**
   * Whether the purchase may have been made. `unknown` is settled by repeating it with {@link requestId}: the server answers what
   * it answered first.
   */
  readonly applied: 'no' | 'unknown'
  /** All errors of the answer; {@link code} is the first one's. */
  readonly errors: readonly WalleoErrorItem[]

  constructor(
    code: WalleoError['code'],
    message: string,
    facts: {
      status: number
      requestId?: string | null
      applied: 'no' | 'unknown'
      errors?: readonly WalleoErrorItem[]
      cause?: unknown
    },
  ) {
    super(message, facts.cause === undefined ? {} : { cause: facts.cause })
    this.name = 'WalleoError'
    this.code = code
    this.status = facts.status
    this.requestId = facts.requestId ?? null
    this.applied = facts.applied
    this.errors = facts.errors ?? []
  }
}
