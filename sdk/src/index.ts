export { createJackpot } from './jackpot/client.ts'
export { type JackpotClientCode, JackpotError } from './jackpot/error.ts'
export {
  type JackpotClaim,
  type JackpotNotificationRefusal,
  type JackpotVerifiedNotification,
  readJackpotNotification,
} from './jackpot/notifications.ts'
export { createJackpotSession } from './jackpot/session.ts'
export * from './jackpot/signing.ts'
export type * from './jackpot/types.ts'
export * from './jackpot/wire.ts'
export { createPledg } from './pledg/client.ts'
export { type PledgClientCode, PledgError } from './pledg/error.ts'
export * from './pledg/notifications.ts'
export { type PledgRedirect, pledgRedirectErrors, readPledgRedirect } from './pledg/redirect.ts'
export * from './pledg/signing.ts'
export type * from './pledg/types.ts'
export { type PledgNotice, type PledgNoticeVerdict, verifyPledgNotification } from './pledg/verification.ts'
export type * from './pledg/wire.ts'
export { canonicalJson } from './protocol/canonical-json.ts'
export {
  checkEnvelope,
  type Envelope,
  type EnvelopeMac,
  importSigningKey,
  readEnvelope,
  sealEnvelope,
  signEnvelope,
  verifyEnvelope,
} from './protocol/envelope.ts'
export {
  CanonicalJsonError,
  type CanonicalJsonErrorCode,
  EnvelopeError,
  type EnvelopeErrorCode,
  ExactJsonError,
  type ExactJsonErrorCode,
  WalletIdError,
} from './protocol/errors.ts'
export { type Json, type JsonLimits, type JsonObject, parseExactJson } from './protocol/exact-json.ts'
export {
  type Jwt,
  type JwtMac,
  type JwtParts,
  type JwtRefusal,
  jwtParts,
  readJwt,
  signJwt,
} from './protocol/hs256-jwt.ts'
export type { ComeBackOptions, RepeatOptions } from './protocol/repeat.ts'
export {
  formatWalletId,
  isExplicitId,
  isOpaqueId,
  normaliseWalletId,
  opaqueWalletId,
  parseWalletId,
  type WalletId,
} from './protocol/wallet-id.ts'
export type * from './tillo/catalogue.ts'
export { createTillo } from './tillo/client.ts'
export * from './tillo/endpoints.ts'
export { type TilloClientCode, TilloError } from './tillo/error.ts'
export * from './tillo/error-codes.ts'
export type * from './tillo/physical.ts'
export { tilloReadings } from './tillo/readings.ts'
export * from './tillo/signing.ts'
export type * from './tillo/types.ts'
export * from './tillo/verification.ts'
export * from './tillo/wire.ts'
export { createWalleo } from './walleo/client.ts'
export { type WalleoClientCode, WalleoError } from './walleo/error.ts'
export * from './walleo/error-codes.ts'
export { walleoReadings } from './walleo/readings.ts'
export * from './walleo/signing.ts'
export type * from './walleo/types.ts'
export * from './walleo/verification.ts'
export * from './walleo/wire.ts'
export * from './webhooks/verify.ts'
export type { AuthorizeParams, PendingAuthorization } from './webwallet/authorization.ts'
export { createWebWallet } from './webwallet/client.ts'
export { createDpop, type Dpop } from './webwallet/dpop.ts'
export { type WebWalletClientCode, WebWalletError } from './webwallet/error.ts'
export type { WebWalletServerCode } from './webwallet/error-codes.ts'
export { createOauthClient, type OauthClient } from './webwallet/oauth.ts'
export type { ConnectionOptions, WebWalletOptions } from './webwallet/options.ts'
export type { OauthOptions } from './webwallet/token-endpoint.ts'
export { createTokenSession, memoryTokenStore, type TokenStore } from './webwallet/token-session.ts'
export type { AccessToken, TokenSet, TokenSource } from './webwallet/token-source.ts'
export { checkTransactionToken, type TransactionTokenClaims } from './webwallet/transaction-token.ts'
export type {
  Amount,
  Balance,
  CallOptions,
  ChargeParams,
  Currency,
  Details,
  FundParams,
  HistoryFilter,
  HistoryPage,
  Invoice,
  InvoiceFilter,
  InvoicePage,
  InvoiceParams,
  IssuedToken,
  PageParams,
  PayParams,
  Receipt,
  RefillParams,
  RefundParams,
  TokenPage,
  TokenParams,
  TokenView,
  Transaction,
  Wallet,
} from './webwallet/types.ts'
export type { InvoiceTerms, WebWallet } from './webwallet/web-wallet.ts'
