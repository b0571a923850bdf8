import { type DueOrder, listOpenOrders } from '../../storage/orders.ts'
import { type BuyUpstream, fulfilOrder, STALE_ORDER } from './fulfil-order.ts'
import type { GiftDeps } from './gift-deps.ts'

/** Works off open orders beside each other. */
export type Fulfilment = {
  /** Takes in hand what is due and has room, and does not wait for its end. @returns how many orders it took */
  start(): Promise<number>
  /** Waits for what is in hand. */
  finish(): Promise<void>
}

/** In hand at once: of one brand, so that a vendor is not flooded, and one that hangs keeps its own orders waiting and no others; */
const OF_BRAND = 8
/** and of all, which bounds memory and sockets. Dozens of brands may hang before others feel it. */
const AT_ONCE = 256

/**
 * Each brand has room of its own. What is in hand is not waited for: a call that comes while an upstream hangs takes the orders
 * of all other brands.
 * @param deps.orderBell rung when room was made where there had been none
 */
export function createFulfilment(
  deps: GiftDeps & { log: { error(fields: object, message: string): void } },
  buy: BuyUpstream,
  { ofBrand = OF_BRAND, atOnce = AT_ONCE }: { ofBrand?: number; atOnce?: number } = {},
): Fulfilment {
  const inHand = new Map<string, Promise<void>>()
  const brands = new Map<string, number>()

  async function fulfil({ id, brand_id: brandId }: DueOrder): Promise<void> {
    try {
      await fulfilOrder(deps, buy, id)
    } catch (err) {
      deps.log.error({ err, order: id }, 'an order was not fulfilled; it comes again')
    } finally {
      const others = (brands.get(brandId) as number) - 1
      const wasFull = others + 1 >= ofBrand || inHand.size >= atOnce
      if (others === 0) brands.delete(brandId)
      else brands.set(brandId, others)
      inHand.delete(id)
      if (wasFull) deps.orderBell?.ring()
    }
  }

  return {
    async start() {
      const begunBefore = new Date(deps.clock() - STALE_ORDER)
      const without = [...brands].flatMap(([id, count]) => (count >= ofBrand ? [id] : []))
      const due = await listOpenOrders(deps.db, { begunBefore, ofBrand, limit: atOnce, without })
      let taken = 0
      for (const order of due) {
        const ofThis = brands.get(order.brand_id) ?? 0
        if (inHand.size >= atOnce) break
        if (ofThis >= ofBrand || inHand.has(order.id)) continue
        brands.set(order.brand_id, ofThis + 1)
        inHand.set(order.id, fulfil(order))
        taken++
      }
      return taken
    },
    async finish() {
      await Promise.all(inHand.values())
    },
  }
}
