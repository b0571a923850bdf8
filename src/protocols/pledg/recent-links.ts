import { hashSecret } from '../../credentials/secrets.ts'
import { findPurchaseByLink } from '../../operations/purchases/create-purchase.ts'
import { dueNow, type PurchaseDeps } from '../../operations/purchases/purchase-deps.ts'

const CAPACITY = 10_000

/**
 * An address that is opened again leads to the purchase that it began, as long as that one waits: so reloading keeps no rows, and
 * does not part a customer from a form. Every process remembers its own.
 */
export function createRecentLinks(
  deps: Pick<PurchaseDeps, 'db' | 'clock' | 'sandbox'>,
): (address: string, begin: () => Promise<string>) => Promise<string> {
  const links = new Map<string, Promise<string>>()

  async function isWaiting(link: string): Promise<boolean> {
    const purchase = await findPurchaseByLink(deps, link)
    return purchase?.state === 'created' && purchase.expiresAt.getTime() > (await dueNow(deps))
  }

  return async (address, begin) => {
    // What was signed is not kept in memory, only that it was here.
    const name = hashSecret(address).toString('base64')
    const before = links.get(name)
    if (before && (await before.then(isWaiting, () => false))) return before
    // Of many that found it over, one begins anew.
    const now = links.get(name)
    if (now && now !== before) return now
    if (links.size >= CAPACITY) links.delete(links.keys().next().value as string)
    const begun = begin()
    links.set(name, begun)
    begun.catch(() => links.get(name) === begun && links.delete(name))
    return begun
  }
}
