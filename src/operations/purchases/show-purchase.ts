import type { Sql } from '../../storage/database.ts'
import type { Merchant } from '../../storage/merchants.ts'
import { findPurchase, listCredits, listParts } from '../../storage/purchases.ts'
import { OperationRefusal } from '../input.ts'
import { creditView, partView, purchaseView } from './views.ts'

/** A purchase of the merchant with its schedule and credits. @param id `pur_…` or a UUID @throws {OperationRefusal} */
export async function showPurchase(sql: Sql, merchant: Merchant, id: string) {
  const purchase = await findPurchase(sql, id.startsWith('pur_') ? { uid: id } : { id })
  if (purchase?.merchantId !== merchant.id)
    throw new OperationRefusal('not_found', 'purchase', 'the merchant has no such purchase')
  const { exponent } = merchant.wallet.asset
  const parts = await listParts(sql, purchase.id)
  const credits = await listCredits(sql, purchase.id)
  return {
    ...purchaseView(purchase, exponent),
    parts: parts.map((part) => partView(part, exponent)),
    credits: credits.map((credit) => creditView(credit, exponent)),
  }
}
