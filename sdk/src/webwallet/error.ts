import type { WebWalletServerCode } from './error-codes.ts'

/** What the client itself found; all other codes are the server's, of the API or of OAuth (`invalid_client`). */
export type WebWalletClientCode =
  /** No answer arrived. Whether a payment was made is unknown: repeat it with the error's `idempotencyKey`. */
  | 'network-failure'
  | 'timeout'
  /** Not what the API answers: another server's page, perhaps. */
  | 'answer-malformed'
  /** A success without a signature, or any answer whose signature does not fit. Somebody else may have written it. */
  | 'answer-unsigned'
  | 'answer-signature-wrong'
  /** A signed answer, but there is no signing secret to check it with. */
  | 'answer-signature-unverifiable'
  /** An answer to another request. */
  | 'answer-mismatch'
  /** Only the owner can help: there is no consent, or it has ended. */
  | 'authorization-required'
  /** The owner came back with the state of another authorization, from another issuer, or with no code. */
  | 'callback-mismatch'
  /** A token that was to be bound to a key was not. */
  | 'token-not-bound'
  /** A transaction token that must not be believed; the message says why. */
  | 'transaction-token-refused'

/**
 * ```ts
 * try {
 *   await wallets.pay({ target: 'co:3123456789:COP', amount: '1500', currency: 'COP' })
 * } catch (error) {
 *   if (!(error instanceof WebWalletError)) throw error
 *   switch (error.code) { … }
 * }
 * ```
 */
export class WebWalletError extends Error {
  readonly code: WebWalletClientCode | WebWalletServerCode | (string & {})
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  /** Of the transaction, if the server named one. */
  readonly reference: string | undefined
  /** The key that the request went out with; null for reads. */
  readonly idempotencyKey: string | null
  /** Whether the server signed the refusal. It does so once it knows the client. */
  readonly verified: boolean

  constructor(
    code: WebWalletError['code'],
    message: string,
    facts: { status: number; reference?: string; idempotencyKey?: string | null; verified?: boolean; cause?: unknown },
  ) {
    super(message, facts.cause === undefined ? {} : { cause: facts.cause })
    this.name = 'WebWalletError'
    this.code = code
    this.status = facts.status
    this.reference = facts.reference
    this.idempotencyKey = facts.idempotencyKey ?? null
    this.verified = facts.verified ?? false
  }
}
