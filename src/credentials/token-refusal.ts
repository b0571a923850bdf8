export type TokenRefusalCode = 'invalid_request' | 'invalid_token' | 'insufficient_scope'

const STATUS: Record<TokenRefusalCode, 400 | 401 | 403> = {
  invalid_request: 400,
  invalid_token: 401,
  insufficient_scope: 403,
}

/** Why a bearer credential is refused, in the words of RFC 6750 section 3.1. The message says nothing of the token itself. */
export class TokenRefusal extends Error {
  override name = 'TokenRefusal'
  readonly code: TokenRefusalCode
  readonly status: 400 | 401 | 403
  /** The request carried no credential at all: the challenge then names no error. */
  readonly missing: boolean

  constructor(code: TokenRefusalCode, message: string, options: { missing?: boolean } = {}) {
    super(message)
    this.code = code
    this.status = STATUS[code]
    this.missing = options.missing ?? false
  }

  /** The value of `WWW-Authenticate`. */
  challenge(realm: string): string {
    const bare = `Bearer realm="${realm}"`
    return this.missing ? bare : `${bare}, error="${this.code}", error_description="${this.message}"`
  }
}
