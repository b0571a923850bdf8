import { randomBytes } from 'node:crypto'
import { hashSecret } from '../../credentials/secrets.ts'
import type { PurchaseRefusal } from '../../domain/purchase.ts'
import { type Day, isDay } from '../../domain/schedule.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Merchant } from '../../storage/merchants.ts'
import {
  findPurchase,
  insertPurchase,
  isReferenceUsed,
  type Purchase,
  type PurchaseVia,
} from '../../storage/purchases.ts'
import { dueNow, type PurchaseDeps } from './purchase-deps.ts'
import { type PurchaseDetails, sealDetails } from './purchase-details.ts'

/** What a merchant asks for. Its form is the protocol's to check. */
export type PurchaseWish = {
  /** the merchant's own, 1 to 200 characters */
  readonly reference: string
  /** minor units of the merchant's currency */
  readonly amount: bigint
  readonly title: string
  readonly secondDate?: Day
  readonly details: PurchaseDetails
}

/** `link` opens the checkout page and is told this once: 192 random bits. */
export type CreatedPurchase = { readonly purchase: Purchase; readonly link: string }

const MOST = 10n ** 15n

/**
 * Makes a purchase that waits for a person, until the merchant's links expire. Several may wait under one reference; the first
 * one that is accepted uses it up.
 */
export async function createPurchase(
  deps: Pick<PurchaseDeps, 'db' | 'keyring' | 'clock' | 'sandbox'>,
  { merchant, wish, via }: { merchant: Merchant; wish: PurchaseWish; via: PurchaseVia },
): Promise<CreatedPurchase | { refusal: PurchaseRefusal }> {
  const { reference, amount, title, secondDate, details } = wish
  if (amount <= 0n || amount > MOST) return { refusal: 'amount-out-of-range' }
  if (secondDate !== undefined && !isDay(secondDate)) return { refusal: 'plan-not-offered' }
  if (await isReferenceUsed(deps.db, { merchantId: merchant.id, reference })) return { refusal: 'reference-used' }
  const now = await dueNow(deps)
  const id = uuidV7(deps.clock())
  const link = randomBytes(24).toString('base64url')
  await insertPurchase(deps.db, {
    id,
    uid: `pur_${id}`,
    merchantId: merchant.id,
    reference,
    via,
    amount,
    assetId: merchant.wallet.asset.id,
    title,
    secondDate: secondDate ?? null,
    details: sealDetails(deps.keyring, id, details),
    linkHash: hashSecret(link),
    createdAt: new Date(now),
    expiresAt: new Date(now + merchant.linkSeconds * 1000),
  })
  return { purchase: (await findPurchase(deps.db, { id })) as Purchase, link }
}

/** The purchase of a checkout page's address. */
export const findPurchaseByLink = ({ db }: Pick<PurchaseDeps, 'db'>, link: string): Promise<Purchase | undefined> =>
  findPurchase(db, { linkHash: hashSecret(link) })
