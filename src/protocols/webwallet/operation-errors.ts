import { BODY_CODES } from '../../http/body-errors.ts'
import type { WalletErrorCode as Code } from './error-table.ts'

// What the endpoints refuse with, in groups: the error table has the words.

export const READING = [
  'invalid-request',
  'invalid-token',
  'invalid-dpop-proof',
  'insufficient-scope',
  'wallet-not-allowed',
  'too-many-requests',
  'unavailable',
  'internal-error',
] as const satisfies Code[]
export const QUERY = ['query-invalid', 'query-unknown'] as const satisfies Code[]
export const ONE = ['endpoint-not-found'] as const satisfies Code[]

export const WRITING = [
  ...READING,
  ...BODY_CODES,
  'envelope-malformed',
  'envelope-algorithm-refused',
  'envelope-header-refused',
  'envelope-signature-malformed',
  'envelope-unsigned',
  'envelope-signature-wrong',
  'signature-not-expected',
  'payload-invalid',
  'payload-member-unknown',
  'idempotency-key-malformed',
  'idempotency-key-mismatch',
  'idempotency-conflict',
  'endpoint-mismatch',
  'route-mismatch',
  'outcome-unknown',
] as const satisfies Code[]

const AMOUNT = [
  'wallet-id-malformed',
  'wallet-not-found',
  'currency-mismatch',
  'circle-mismatch',
  'amount-not-a-number',
  'amount-malformed',
  'amount-not-positive',
  'amount-too-large',
  'amount-too-precise',
] as const satisfies Code[]
const DETAILS = [
  'details-malformed',
  'details-unknown-member',
  'details-part-invalid',
  'details-sum-differs',
] as const satisfies Code[]
const BOOKS = [
  'unavailable-funds',
  'unreceivable-funds',
  'amount-out-of-range',
  'same-wallet',
  'wallet-closed',
  'wallet-frozen',
  'wallet-kept',
] as const satisfies Code[]
const INVOICE = [
  'invoice-not-found',
  'invoice-payer-differs',
  'invoice-payee-differs',
  'invoice-amount-differs',
  'invoice-settled',
  'invoice-expired',
] as const satisfies Code[]
const TOKEN = [
  'token-invalid',
  'token-audience-differs',
  'token-terms-differ',
  'token-used',
  'token-expired',
  'token-not-active',
] as const satisfies Code[]

export const MOVING = [...AMOUNT, ...DETAILS, ...BOOKS] as const
export const PAYING = ['payer-missing', 'payer-ambiguous', ...INVOICE, ...TOKEN] as const
export const REFUNDING = [
  ...AMOUNT,
  ...BOOKS,
  'transaction-not-found',
  'not-refundable',
  'refund-target-differs',
  'refund-exceeds-original',
] as const satisfies Code[]
export const REFILLING = [
  ...AMOUNT,
  ...BOOKS,
  'parent-missing',
  'refill-policy-missing',
  'refill-cap-exceeded',
  'refill-cap-reached',
] as const satisfies Code[]
export const INVOICING = [
  ...AMOUNT,
  ...DETAILS,
  'same-wallet',
  'issuer-missing',
  'issuer-ambiguous',
  'expiry-passed',
  'wallet-kept',
] as const satisfies Code[]
export const CONSENTING = [
  ...AMOUNT,
  ...DETAILS,
  'same-wallet',
  'wallet-kept',
  'expiry-passed',
  'token-lifetime-invalid',
  'token-too-large',
] as const satisfies Code[]
