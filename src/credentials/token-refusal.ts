export type TokenRefusalCode = 'invalid_request' | 'invalid_token' | 'insufficient_scope' | 'invalid_dpop_proof'

const STATUS: Record<TokenRefusalCode, 400 | 401 | 403> = {
  invalid_request: 400,
  invalid_token: 401,
  insufficient_scope: 403,
  invalid_dpop_proof: 401,
}

/** How a token was presented: alone (RFC 6750), or with the proof of its key (RFC 9449). */
export type TokenScheme = 'Bearer' | 'DPoP'

/**
 * Why a token is refused, in the words of RFC 6750 section 3.1 and RFC 9449 section 7.1. The message says nothing of the token
 * itself.
 */
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

  /** The value of `WWW-Authenticate` where bearer tokens are all there is. */
  challenge(realm: string): string {
    return `Bearer realm="${realm}"${this.reason()}`
  }

  /** The parameters of a challenge that say why; none when the request carried no credential. */
  reason(): string {
    return this.missing ? '' : `, error="${this.code}", error_description="${this.message}"`
  }
}
