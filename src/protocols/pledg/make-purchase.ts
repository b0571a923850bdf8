import { createPurchase, type PurchaseWish } from '../../operations/purchases/create-purchase.ts'
import { listOffers } from '../../operations/purchases/list-offers.ts'
import { dueNow } from '../../operations/purchases/purchase-deps.ts'
import type { Merchant } from '../../storage/merchants.ts'
import type { Purchase, PurchaseVia } from '../../storage/purchases.ts'
import type { PledgDeps } from './call.ts'
import { refused } from './refusals.ts'

/** A purchase that waits for a person. @throws {PledgProblem} also where the merchant offers no way to pay it */
export async function makePurchase(
  { purchases }: Pick<PledgDeps, 'purchases'>,
  merchant: Merchant,
  wish: PurchaseWish,
  via: PurchaseVia,
): Promise<{ purchase: Purchase; link: string }> {
  const { amount, secondDate = null } = wish
  // A person who cannot pay it however they choose need not be led there.
  if (listOffers(merchant, { amount, secondDate }, await dueNow(purchases)).length === 0)
    throw refused('plan-not-offered')
  const made = await createPurchase(purchases, { merchant, wish, via })
  if ('refusal' in made) throw refused(made.refusal)
  return made
}

/** Where a person pays it. */
export const checkoutUrl = ({ origin }: Pick<PledgDeps, 'origin'>, link: string): string => `${origin}/checkout/${link}`
