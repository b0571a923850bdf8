import type { Keyring } from '../../credentials/keyring.ts'
import type { Purchase } from '../../storage/purchases.ts'

/** What is kept sealed with a purchase: who is asked, and where it returns and reports to. */
export type PurchaseDetails = {
  readonly email?: string
  readonly firstName?: string
  readonly lastName?: string
  readonly subtitle?: string
  readonly language?: string
  readonly redirectUrl?: string
  readonly cancelUrl?: string
  readonly paymentNotificationUrl?: string
  readonly errorNotificationUrl?: string
  readonly metadata?: object
  /** what else was said: address, phone number, birth */
  readonly more?: object
}

const context = (id: string) => `purchase:${id}:details`

export const sealDetails = (keyring: Keyring, id: string, details: PurchaseDetails): Buffer =>
  keyring.seal(JSON.stringify(details), context(id))

export const openDetails = (keyring: Keyring, { id, details }: Pick<Purchase, 'id' | 'details'>): PurchaseDetails =>
  JSON.parse(keyring.open(details, context(id)))
