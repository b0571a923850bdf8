import { uuidV7 } from '../../domain/uuid.ts'
import type { Command } from '../../ledger/command.ts'
import type { Brand } from '../../storage/brands.ts'
import { listBrandCodes } from '../../storage/brands.ts'
import type { Sql } from '../../storage/database.ts'
import { deliveryQueued, deliveryValues, type NewDelivery, queueDelivery } from '../../storage/deliveries.ts'
import { listToldAccounts } from '../../storage/jackpot-accounts.ts'
import { listOffers, type Store } from '../../storage/voucher-offers.ts'
import type { Notice } from './notices.ts'
import { storeView } from './store-view.ts'

export type StoreEvent = 'store/enabled' | 'store/update'

type Deps = { db: Sql; clock: () => number }

/** What Jackpot calls the brand; undefined when it does not sell it. */
export async function jackpotCodeOf(sql: Sql, brandId: string): Promise<string | undefined> {
  return (await listBrandCodes(sql, [brandId])).find(({ scheme }) => scheme === 'jackpot')?.code
}

/** Tells every partner of the brand's currency about it. @param deps.db the transaction of the change */
export async function queueStoreNotices(deps: Deps, brand: Brand, event: StoreEvent): Promise<void> {
  const slug = await jackpotCodeOf(deps.db, brand.id)
  if (slug === undefined) return
  const offers = (await listOffers(deps.db, brand.id)).filter(({ endedAt }) => endedAt === null)
  const now = deps.clock()
  for (const delivery of await noticesOf(deps, { slug, brand, offers }, event, now))
    await queueDelivery(deps.db, delivery, now)
}

/** The same for a brand that is opened by a command of the ledger. */
export async function storeEnabledEffects(
  deps: Deps,
  brand: Brand,
  slug: string,
): Promise<NonNullable<Command['effects']>> {
  if (brand.status !== 'enabled') return []
  const deliveries = await noticesOf(deps, { slug, brand, offers: [] }, 'store/enabled', deps.clock())
  return deliveries.map((delivery) => ({ effect: deliveryQueued, row: ({ at }) => deliveryValues(delivery, at) }))
}

async function noticesOf(deps: Deps, store: Store, event: StoreEvent, now: number): Promise<NewDelivery[]> {
  const accounts = await listToldAccounts(deps.db, store.brand.asset.id)
  const storeId = store.brand.id
  const message = event === 'store/enabled' ? { storeId, data: storeView(store, now) } : { storeId }
  return accounts.map(({ partnerId }) => {
    const id = uuidV7(now)
    const notice: Notice = { event, id, createdAt: new Date(now).toISOString(), message }
    const object = `store:${storeId}`
    return { id, form: 'jackpot', receiver: partnerId, url: null, object, topic: event, body: JSON.stringify(notice) }
  })
}
