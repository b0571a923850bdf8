import type { CardSecrets } from '../../credentials/card-codes.ts'
import { type Brand, findBrand } from '../../storage/brands.ts'
import { beginOrder, findOrder, listOpenOrders, type OrderRow } from '../../storage/orders.ts'
import { asSold, revenueOf } from './as-sold.ts'
import { completeOrder, type EndedOrder, failOrder } from './end-order.ts'
import type { GiftDeps } from './gift-deps.ts'
import { prepareBoughtCard, prepareOwnCard, prepareStockCard } from './issue-card.ts'
import { type OrderRefused, sellFromStock } from './place-order.ts'

/**
 * Buys a card from the brand's upstream under the order's id, so that asking again gets the same card.
 * `pending`: the upstream has not decided; ask again later. `failed`: it never will give one under this id.
 */
export type BuyUpstream = (
  brand: Brand,
  order: OrderRow,
) => Promise<
  | { status: 'card'; secrets: CardSecrets; expiresAt?: number }
  | { status: 'pending' }
  | { status: 'failed'; error: string }
>

/** An order that was begun so long ago and not ended is taken over: whoever had it is gone. */
export const STALE_ORDER = 60_000
const BATCH = 50

/** Works off the open orders, one after the other. @returns how many ended */
export async function fulfilOpenOrders(deps: GiftDeps, buy: BuyUpstream, signal?: AbortSignal): Promise<number> {
  const begunBefore = new Date(deps.clock() - STALE_ORDER)
  const orders = await listOpenOrders(deps.db, { begunBefore, ofBrand: BATCH, limit: BATCH })
  let ended = 0
  for (const order of orders) {
    if (signal?.aborted) break
    if (await fulfilOrder(deps, buy, order.id)) ended++
  }
  return ended
}

/**
 * Brings one open order to its end: a card, or an error and the float released. Whatever is interrupted here goes on at the
 * next call: the order's end is one transaction, and an upstream is asked under the same id again.
 * @returns whether it has ended
 */
export async function fulfilOrder(deps: GiftDeps, buy: BuyUpstream, orderId: string): Promise<boolean> {
  const now = deps.clock()
  if (!(await beginOrder(deps.db, orderId, new Date(now), new Date(now - STALE_ORDER)))) return false
  const order = await findOrder(deps.db, orderId)
  const brand = order && (await findBrand(deps.db, { id: order.brand_id }))
  if (!order || !brand) throw new Error(`the order ${orderId} has no brand`)
  const result = await supply(deps, buy, order, asSold(brand, order))
  if (result === 'pending') return false
  if (!('refusal' in result)) return true
  // The order's own end is what a repeated run meets: then it is done.
  const failed = await failOrder(deps, order, brand, result.refusal)
  return !('refusal' in failed) || (await findOrder(deps.db, orderId))?.ended_at != null
}

async function supply(
  deps: GiftDeps,
  buy: BuyUpstream,
  order: OrderRow,
  brand: Brand,
): Promise<'pending' | EndedOrder | { refusal: string }> {
  const bought = brand.supply === 'upstream' ? await buy(brand, order) : null
  if (bought === null) return supplyAtHand(deps, order, brand)
  if (bought.status === 'pending') return 'pending'
  if (bought.status === 'failed') return { refusal: bought.error }
  const revenue = revenueOf(order)
  const card = prepareBoughtCard(deps, { brand, face: order.face, orderId: order.id, revenue, ...bought })
  return completeOrder(deps, order, brand, card)
}

/** Ends an order with a card of our own or from stock. */
export async function supplyAtHand(deps: GiftDeps, order: OrderRow, brand: Brand): Promise<EndedOrder | OrderRefused> {
  const input = { brand, face: order.face, orderId: order.id, revenue: revenueOf(order) }
  if (brand.supply === 'own') return completeOrder(deps, order, brand, await prepareOwnCard(deps, input))
  return sellFromStock(deps, brand, order.face, (stock) =>
    completeOrder(deps, order, brand, prepareStockCard(deps, { ...input, stock })),
  )
}
