import { collectInstalments } from '../operations/purchases/collect-instalment.ts'
import { expirePurchases } from '../operations/purchases/end-purchase.ts'
import type { PurchaseDeps } from '../operations/purchases/purchase-deps.ts'
import { lapseAuthorizations } from '../operations/purchases/release-purchase.ts'
import type { Job } from './worker.ts'

const SECOND = 1000

/**
 * What becomes due of purchases, by the due clock. Any number of servers may do it at once, and any of them may be killed: each step is
 * one conditional write.
 */
export function purchaseJobs({
  purchases,
  log,
}: {
  purchases: PurchaseDeps
  log: { error(fields: object, message: string): void }
}): Job[] {
  const deps = { ...purchases, log }
  return [
    { name: 'collect-instalments', interval: 2 * SECOND, run: (signal) => collectInstalments(deps, signal) },
    { name: 'expire-purchases', interval: 5 * SECOND, run: (signal) => expirePurchases(purchases, signal) },
    { name: 'lapse-authorizations', interval: 5 * SECOND, run: (signal) => lapseAuthorizations(purchases, signal) },
  ]
}
