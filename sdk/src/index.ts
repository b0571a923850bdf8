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
  formatWalletId,
  isExplicitId,
  isOpaqueId,
  normaliseWalletId,
  opaqueWalletId,
  parseWalletId,
  type WalletId,
} from './protocol/wallet-id.ts'
export { createWebWallet } from './webwallet/client.ts'
export { type WebWalletClientCode, WebWalletError } from './webwallet/error.ts'
export type {
  Amount,
  Balance,
  CallOptions,
  Currency,
  Details,
  FundParams,
  HistoryPage,
  PayParams,
  Receipt,
  Transaction,
  Wallet,
  WebWallet,
  WebWalletOptions,
} from './webwallet/types.ts'
