import { uuidV7 } from '../../domain/uuid.ts'
import type { Command } from '../../ledger/command.ts'
import { deliveryQueued, deliveryValues } from '../../storage/deliveries.ts'
import type { Merchant } from '../../storage/merchants.ts'
import type { Purchase } from '../../storage/purchases.ts'
import { backFacts, errorFacts, transferFacts } from './notification-facts.ts'
import type { PurchaseDeps } from './purchase-deps.ts'
import { openDetails } from './purchase-details.ts'

type Effects = NonNullable<Command['effects']>

/** What a merchant is told; `paid` names the transfer, so that a repeated notification is known as such. */
export type Notice =
  | { readonly status: 'authorized' | 'voided' | 'refunded' }
  | { readonly status: 'completed'; readonly transfer: string; readonly amount: bigint }
  /** how it ended without being paid, in Pledg's words */
  | { readonly status: 'failed'; readonly state: string }

/**
 * The notification of what a transaction does, queued with it; none where there is no address for it. Of purchases that
 * began at the front, and where the merchant captures, every step is told in back mode; of the others the transfer alone. Of what
 * comes to nothing all of them hear. Dated by the real
 * clock, like everything that leaves the server.
 */
export function noticeOf(
  deps: Pick<PurchaseDeps, 'keyring' | 'clock' | 'sandbox'>,
  { purchase, merchant }: { purchase: Purchase; merchant: Merchant },
  notice: Notice,
): Effects {
  const at = deps.clock()
  const details = openDetails(deps.keyring, purchase)
  const queue = (topic: 'back' | 'transfer' | 'error', url: string | null, facts: object): Effects => {
    if (url === null) return []
    const delivery = {
      id: uuidV7(at),
      form: 'pledg' as const,
      receiver: merchant.id,
      url,
      object: `purchase:${purchase.id}`,
      topic,
      body: JSON.stringify(facts),
    }
    return [{ effect: deliveryQueued, row: deliveryValues(delivery, at) }]
  }
  const about = { reference: purchase.reference, uid: purchase.uid, merchantUid: merchant.uid }
  const paymentUrl = details.paymentNotificationUrl ?? merchant.paymentNotificationUrl
  if (notice.status === 'failed') {
    const url = details.errorNotificationUrl ?? merchant.errorNotificationUrl
    return queue('error', url, errorFacts(about, notice.state))
  }
  if (purchase.via === 'front' || merchant.manualCapture) {
    const { metadata } = details
    const more = { at, sandbox: deps.sandbox, ...(metadata && { metadata }) }
    return queue('back', paymentUrl, backFacts(about, notice.status, more))
  }
  if (notice.status !== 'completed') return []
  return queue('transfer', paymentUrl, transferFacts(about, notice.transfer, notice.amount, at))
}
