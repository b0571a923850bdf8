import { openMerchantSecret, signToken } from '../../operations/purchases/sign-token.ts'
import type { Merchant } from '../../storage/merchants.ts'
import type { CheckoutDeps } from './deps.ts'

/** What a shop is told when its customer comes back without having paid; the types are of Pledg's documents. */
export type CheckoutError = { type: string; message: string }

export const failures = {
  cancelled: { type: 'payment_refused', message: 'The customer cancelled the purchase' },
  expired: { type: 'direct_confirmation_timeout', message: 'The purchase was not accepted in time' },
  voided: { type: 'payment_refused', message: 'The purchase was released' },
} as const satisfies Record<string, CheckoutError>

/** Where a customer goes who has paid. It proves nothing to the shop: the notification does. */
export function successUrl(redirectUrl: string): string {
  const url = new URL(redirectUrl)
  url.searchParams.set('pledg_result', '{}')
  return url.href
}

/** Where a customer goes who has not; a token of the error where the merchant has a secret, else its JSON. */
export function failureUrl(
  { keyring }: Pick<CheckoutDeps, 'keyring'>,
  merchant: Merchant,
  cancelUrl: string,
  error: CheckoutError,
): string {
  const url = new URL(cancelUrl)
  const secret = openMerchantSecret(keyring, merchant)
  const { type, message } = error
  const content = { type, message }
  url.searchParams.set('pledg_error', secret === null ? JSON.stringify(content) : signToken(content, secret))
  return url.href
}
