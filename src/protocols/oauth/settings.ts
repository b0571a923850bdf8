/** The points that the WebWallet text and RFC 6749 leave open, settled in one place. Times are in seconds. */
export const OAUTH_SETTINGS = {
  accessTokenTtl: 3_600,
  /** From the last rotation. A client can always ask again with its secret, so its refresh tokens need not live long. */
  clientRefreshTokenTtl: 24 * 3_600,
  /** The same for tokens under an owner's consent, which may itself end earlier: asking again needs the owner. */
  ownerRefreshTokenTtl: 30 * 24 * 3_600,
  /** RFC 6749 section 4.1.2 recommends ten minutes at most; a redirect takes seconds. */
  authorizationCodeTtl: 60,
  /** How long a person may take to sign in and decide. */
  interactionTtl: 3_600,
  /** How long a retry of a refresh is answered with the pair that the first one got. */
  refreshGrace: 10,
  /** RFC 6749 section 4.4.3 advises against them; the WebWallet text shows them. */
  refreshTokensWithClientCredentials: true,
  /** Tokens that reach more wallets say "all of the subject's" instead of naming them. */
  mostWalletsNamed: 50,
} as const

export type OauthSettings = {
  [Name in keyof typeof OAUTH_SETTINGS]: (typeof OAUTH_SETTINGS)[Name] extends boolean ? boolean : number
}
