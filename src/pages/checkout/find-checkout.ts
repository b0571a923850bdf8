import { findPurchaseByLink } from '../../operations/purchases/create-purchase.ts'
import { dueNow } from '../../operations/purchases/purchase-deps.ts'
import { openDetails, type PurchaseDetails } from '../../operations/purchases/purchase-details.ts'
import { findMerchant, type Merchant } from '../../storage/merchants.ts'
import type { Purchase } from '../../storage/purchases.ts'
import { isLanguage } from '../messages.ts'
import { PageProblem } from '../problem.ts'
import type { PageContext } from '../session.ts'
import type { CheckoutDeps } from './deps.ts'

/** What a checkout page is about. */
export type Checkout = {
  readonly path: string
  readonly purchase: Purchase
  readonly merchant: Merchant
  readonly details: PurchaseDetails
  /** of the due clock; ms */
  readonly now: number
  /** `open` as long as somebody can accept it */
  readonly stage: 'open' | 'authorized' | 'completed' | 'cancelled' | 'expired' | 'voided'
}

/** @throws {PageProblem} for a link that nobody has made. Also sets the language that the shop asks for, before sign-in. */
export async function requireCheckout({ db, keyring, purchases }: CheckoutDeps, c: PageContext): Promise<Checkout> {
  const link = c.req.param('link') ?? ''
  const purchase = /^[A-Za-z0-9_-]{32,64}$/.test(link) ? await findPurchaseByLink(purchases, link) : undefined
  const merchant = purchase && (await findMerchant(db, { id: purchase.merchantId }))
  if (!purchase || !merchant) throw new PageProblem('not-found')
  const details = openDetails(keyring, purchase)
  if (c.get('session') === null && isLanguage(details.language)) c.set('language', details.language)
  const now = await dueNow(purchases)
  const late = purchase.expiresAt.getTime() <= now || merchant.disabledAt !== null
  const stage = purchase.state === 'created' ? (late ? 'expired' : 'open') : purchase.state
  return { path: `/checkout/${link}`, purchase, merchant, details, now, stage }
}
