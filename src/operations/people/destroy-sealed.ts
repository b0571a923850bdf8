import type { Keyring } from '../../credentials/keyring.ts'
import { type Mail, mailContext } from '../../mail/mailer.ts'
import type { Database } from '../../storage/database.ts'
import {
  deleteMails,
  destroyOrderDetails,
  listOwnOrders,
  listOwnPurchases,
  readOrderDetails,
  readPurchaseDetails,
  readSealedMails,
  replacePurchaseDetails,
} from '../../storage/sealed-details.ts'
import { openDetails, type PurchaseDetails, sealDetails } from '../purchases/purchase-details.ts'
import type { Replacer } from './replacer.ts'

type Deps = { db: Database; keyring: Keyring }

/** Takes a person out of what is sealed: mails to them, orders of cards for them, purchases that were asked of them. */
export async function destroySealed(
  { db, keyring }: Deps,
  { partyId, emails, replacer }: { partyId: string; emails: readonly string[]; replacer: Replacer },
): Promise<{ mails: number; orders: number; purchases: number }> {
  const says = (text: string) => replacer.anyText(text) !== text
  const counts = { mails: 0, orders: 0, purchases: 0 }
  for await (const page of readSealedMails(db)) {
    const theirs = page.filter(({ id, sealed }) => {
      const text = keyring.open(sealed, mailContext(id))
      return emails.includes((JSON.parse(text) as Mail).to.toLowerCase()) || says(text)
    })
    await deleteMails(
      db,
      theirs.map(({ id }) => id),
    )
    counts.mails += theirs.length
  }
  const ownOrders = new Set(await listOwnOrders(db, partyId))
  for await (const page of readOrderDetails(db)) {
    const theirs = page.filter(
      ({ id, sealed }) => ownOrders.has(id) || says(keyring.open(sealed, `order:${id}:details`)),
    )
    await destroyOrderDetails(
      db,
      theirs.map(({ id }) => id),
    )
    counts.orders += theirs.length
  }
  const ownPurchases = new Set(await listOwnPurchases(db, partyId))
  for await (const page of readPurchaseDetails(db)) {
    for (const { id, sealed } of page) {
      const details = openDetails(keyring, { id, details: sealed })
      if (!ownPurchases.has(id) && !says(JSON.stringify(details))) continue
      await replacePurchaseDetails(db, id, sealDetails(keyring, id, blankDetails(details, replacer)))
      counts.purchases++
    }
  }
  return counts
}

/** What a purchase still works with: where people and notifications go. Nothing that tells who it is. */
export function blankDetails(details: PurchaseDetails, replacer?: Pick<Replacer, 'json'>): PurchaseDetails {
  const { language, redirectUrl, cancelUrl, paymentNotificationUrl, errorNotificationUrl } = details
  const kept = { language, redirectUrl, cancelUrl, paymentNotificationUrl, errorNotificationUrl }
  const named = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined))
  return (replacer ? replacer.json(named) : named) as PurchaseDetails
}
