/** Why a JSON text is refused. */
export type ExactJsonErrorCode =
  /** Not JSON (RFC 8259), `NaN`, hexadecimal, a byte order mark and raw control characters included. */
  | 'json-malformed'
  | 'json-too-large'
  | 'json-too-deep'
  /** A name occurs twice in one object, however it is escaped. */
  | 'json-duplicate-member'
  /** `__proto__`: harmless here, a trap for code that copies members by assignment. */
  | 'json-forbidden-member'
  /** The number's exact decimal value differs from what RFC 8785 would print, so that it would sign as another one. */
  | 'json-number-inexact'
  /** The number is beyond the range of a double. */
  | 'json-number-out-of-range'
  /** Half of a surrogate pair: no UTF-8 exists for it, so it can't be signed. */
  | 'json-lone-surrogate'
  /** U+0000, which many stores can't hold. */
  | 'json-nul-character'

/** A JSON text that must not be acted upon. `offset` counts UTF-16 units; `path` reads `$.payload.amount`. */
export class ExactJsonError extends Error {
  readonly code: ExactJsonErrorCode
  readonly offset: number | undefined
  readonly path: string | undefined

  constructor(code: ExactJsonErrorCode, message: string, place: { offset?: number; path?: string } = {}) {
    super(place.path === undefined ? message : `${message} at ${place.path}`)
    this.name = 'ExactJsonError'
    this.code = code
    this.offset = place.offset
    this.path = place.path
  }
}

/** Why a value has no canonical JSON. */
export type CanonicalJsonErrorCode =
  /** Neither null, boolean, number, string, array nor plain object. */
  'canonical-unsupported-value' | 'canonical-number-not-finite' | 'canonical-lone-surrogate' | 'canonical-too-deep'

/** A value that RFC 8785 can't print. */
export class CanonicalJsonError extends Error {
  readonly code: CanonicalJsonErrorCode

  constructor(code: CanonicalJsonErrorCode, message: string) {
    super(message)
    this.name = 'CanonicalJsonError'
    this.code = code
  }
}

/** Why an envelope is refused. */
export type EnvelopeErrorCode =
  /** Not `{header, payload, signature}` with an object as payload, or a member that does not belong there. */
  | 'envelope-malformed'
  /** `header.alg` is neither `hs256` nor `HS256`. */
  | 'envelope-algorithm-refused'
  /** A header member other than `alg`, `kid` and `typ`: `crit`, `jku`, `jwk`, `x5u`… ask for what is never done here. */
  | 'envelope-header-refused'
  | 'envelope-unsigned'
  /** Not 43 characters of canonical base64url. */
  | 'envelope-signature-malformed'
  | 'envelope-signature-wrong'

/** An envelope that must not be believed. */
export class EnvelopeError extends Error {
  readonly code: EnvelopeErrorCode

  constructor(code: EnvelopeErrorCode, message: string) {
    super(message)
    this.name = 'EnvelopeError'
    this.code = code
  }
}

/** A text that is neither an explicit nor an opaque wallet id. */
export class WalletIdError extends Error {
  readonly code = 'wallet-id-malformed'

  constructor(message: string) {
    super(message)
    this.name = 'WalletIdError'
  }
}
