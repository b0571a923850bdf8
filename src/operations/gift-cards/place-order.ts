import type { CardSecrets } from '../../credentials/card-codes.ts'
import { type GiftRefusal, isOffered, type Price, priceOf } from '../../domain/gift-card.ts'
import type { Leg } from '../../domain/posting.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Command, Decided, Outcome } from '../../ledger/command.ts'
import type { Brand, Delivery } from '../../storage/brands.ts'
import { type CardRow, findCard } from '../../storage/cards.ts'
import {
  findOrder,
  type OrderRow,
  orderPlaced,
  orderReserved,
  type PartnerRequestRow,
  partnerRequested,
} from '../../storage/orders.ts'
import type { Partner } from '../../storage/partners.ts'
import type { StockCode } from '../../storage/stock.ts'
import { bytea, type GiftDeps, giftRefusal, isoTime, NO_ANSWER } from './gift-deps.ts'
import { type PreparedCard, prepareOwnCard, prepareStockCard } from './issue-card.ts'
import { findEarlier } from './repeat.ts'

/** What a partner asks for. */
export type OrderWish = {
  readonly partner: Partner
  readonly protocol: 'walleo' | 'tillo' | 'jackpot'
  /** within which the request's id is used once, e.g. `tillo` */
  readonly scope: string
  readonly requestId: string
  /** what the protocol calls it; with the content, what a repeat must have in common */
  readonly operation: string
  readonly content: string
  readonly brand: Brand
  /** minor units of the brand's asset */
  readonly face: bigint
  readonly delivery: Delivery
  /** kept sealed with the order: recipient, texts, tags */
  readonly details?: object
  /** whose use the rules about recipients count */
  readonly recipient?: string
  /** that the request came from, of IPv6 the network: whose use the rules about addresses count */
  readonly address?: string
  /** the card comes later: the order is answered as requested, and the worker fulfils it */
  readonly later: boolean
  /** instead of the price that follows from the brand's discount */
  readonly price?: Price
  /** the price is held and nothing more, until somebody confirms the order */
  readonly reservation?: Reservation
}

/** What a reservation has beyond an order. */
export type Reservation = {
  /** ms since the epoch, by the ledger's clock */
  readonly until: number
  /** what else is held; after the hold of the price */
  readonly legs: readonly Leg[]
  /** written with the order */
  effects(order: (decided: Decided) => OrderRow): NonNullable<Command['effects']>
}

/** A card, opened. */
export type PlacedCard = {
  readonly row: CardRow
  readonly secrets: CardSecrets
  /** of one that was issued now: its row need not be opened for it */
  readonly link?: string
}

export type PlacedOrder = {
  readonly order: OrderRow
  readonly request: PartnerRequestRow
  /** null while the order is open, and when it failed */
  readonly card: PlacedCard | null
  /** the request's id was used before, by a request with the same content */
  readonly repeated: boolean
}

export type OrderRefused = {
  readonly refusal: GiftRefusal
  /** what the id was used for, when that was something else */
  readonly earlier?: PartnerRequestRow
}

/** A held amount outlives every reasonable wait for a card; an open order whose hold has expired fails. */
export const HOLD_TIME = 35 * 86_400_000
/** A code that another process sells first is passed over; so many in a row mean that something else is wrong. */
const STOCK_TRIES = 50

/**
 * Buys a card. Where the card is at hand (own and stock supply) payment, card and order are one transaction of the ledger;
 * otherwise the float is held and the order stays open. The same request id never buys twice: its row is written in that same
 * transaction.
 */
export function placeOrder(deps: GiftDeps, wish: OrderWish): Promise<PlacedOrder | OrderRefused> {
  const { partner, scope, requestId } = wish
  return deps.lookUps.inTurn({ partnerId: partner.id, scope, requestId }, async (afterTwin) => {
    const lookFirst = afterTwin || deps.lookUps.expectsRepeats()
    const repeat = lookFirst ? await findRepeat(deps, wish) : null
    if (repeat) return repeat
    const placed = await placeNew(deps, wish)
    if (!('refusal' in placed)) return placed
    // What was carried out before, or by a faster twin, is answered as it was then: it may itself be what stands in the way now.
    return (await findRepeat(deps, wish)) ?? placed
  })
}

async function placeNew(deps: GiftDeps, wish: OrderWish): Promise<PlacedOrder | OrderRefused> {
  const { brand, partner, face } = wish
  const refusal = checkWish(wish)
  if (refusal) return { refusal }
  const float = await deps.lookUps.float(partner.id, brand.asset.id)
  if (float === undefined) return { refusal: 'float-missing' }
  if (wish.later || wish.reservation || brand.supply === 'upstream') return submitOrder(deps, wish, float, null)
  if (brand.supply === 'own') {
    return submitOrder(deps, wish, float, (orderId) => prepareOwnCard(deps, { brand, face, orderId }))
  }
  return sellFromStock(deps, brand, face, (stock) =>
    submitOrder(deps, wish, float, async (orderId) => prepareStockCard(deps, { brand, face, orderId, stock })),
  )
}

/** Tries one code after the other until one is sold. */
export async function sellFromStock<T extends object>(
  deps: GiftDeps,
  brand: Brand,
  face: bigint,
  sell: (stock: StockCode) => Promise<T | OrderRefused>,
): Promise<T | OrderRefused> {
  for (let tries = 0; tries < STOCK_TRIES; tries++) {
    const stock = await deps.shelf.take(brand.id, face)
    if (!stock) break
    let sold = false
    try {
      const result = await sell(stock)
      sold = !('refusal' in result)
      if (sold) deps.soldStock?.add(brand.id, face)
      if (sold || (result as OrderRefused).refusal !== 'out-of-stock') return result
      sold = true // by another process
      deps.shelf.clear(brand.id, face)
    } finally {
      if (!sold) deps.shelf.putBack(brand.id, face, stock)
    }
  }
  return { refusal: 'out-of-stock' }
}

function checkWish({ brand, face, delivery, later, reservation }: OrderWish): GiftRefusal | null {
  if (brand.status === 'disabled') return 'brand-disabled'
  if (brand.status === 'paused') return 'brand-paused'
  if (!isOffered(brand.values, face)) return 'value-not-offered'
  if (!brand.delivery.includes(delivery)) return 'delivery-not-offered'
  return brand.asynchronous && !later && !reservation ? 'asynchronous-only' : null
}

/** What the id was used for before: the same order again, or a conflict. */
async function findRepeat(deps: GiftDeps, wish: OrderWish): Promise<PlacedOrder | OrderRefused | null> {
  const request = await findEarlier(deps, wish)
  if (request === null || 'refusal' in request) return request
  if (request.order_id === null) return { refusal: 'request-conflict', earlier: request }
  return readPlaced(deps, request)
}

/** The order that a request placed, with its card. */
export async function readPlaced(deps: GiftDeps, request: PartnerRequestRow): Promise<PlacedOrder> {
  const orderId = request.order_id as string
  // One after the other: an order that has succeeded has its card, while side by side the card may be looked for too early.
  const order = await findOrder(deps.db, orderId)
  const row = await findCard(deps.db, { orderId })
  if (!order) throw new Error(`the order ${orderId} of a request is gone`)
  const secrets = row && (JSON.parse(deps.keyring.open(row.code, `card:${row.id}:secrets`)) as CardSecrets)
  return { order, request, card: row && secrets ? { row, secrets } : null, repeated: true }
}

async function submitOrder(
  deps: GiftDeps,
  wish: OrderWish,
  float: bigint,
  prepareCard: ((orderId: string) => Promise<PreparedCard>) | null,
): Promise<PlacedOrder | OrderRefused> {
  const { brand, partner, face } = wish
  const now = deps.clock()
  const id = uuidV7(now)
  const transaction = uuidV7(now)
  const { reservation } = wish
  const { cost } = wish.price ?? priceOf(face, brand.discountBp, brand.discountKeeper)
  const card = prepareCard && (await prepareCard(id))
  const holdId = card || cost === 0n ? null : uuidV7(now)
  const between = { source: float, target: brand.settlement, amount: cost }
  const payment: Leg[] =
    cost === 0n
      ? []
      : holdId
        ? [{ type: 'hold', hold: holdId, ...between, expiresAt: reservation?.until ?? now + HOLD_TIME }]
        : [{ type: 'transfer', ...between }]
  const details = wish.details && deps.keyring.seal(JSON.stringify(wish.details), `order:${id}:details`)
  const order = ({ at, entries }: Decided): OrderRow => ({
    id,
    partner_id: partner.id,
    protocol: wish.protocol,
    request_id: wish.requestId,
    brand_id: brand.id,
    asset_id: brand.asset.id,
    face,
    cost,
    discount_bp: brand.discountBp,
    revenue: wish.price?.revenue ?? null,
    delivery: wish.delivery,
    details: details ?? null,
    hold_id: holdId,
    status: card ? 'succeeded' : reservation ? 'reserved' : 'requested',
    error: null,
    float_after: entries.find((entry) => entry.account === float)?.balance ?? null,
    transaction_id: transaction,
    created_at: new Date(at),
    ended_at: card ? new Date(at) : null,
  })
  const request = (decided: Decided): PartnerRequestRow => ({
    operation: wish.operation,
    content: wish.content,
    order_id: id,
    card_id: card?.id ?? null,
    float_after: order(decided).float_after,
    transaction_id: transaction,
    at: new Date(decided.at),
  })
  const velocity = await deps.velocity.effects(
    {
      partnerId: partner.id,
      brandId: brand.id,
      assetId: brand.asset.id,
      amount: face,
      ...(wish.recipient !== undefined && { recipient: wish.recipient }),
      ...(wish.address !== undefined && { address: wish.address }),
    },
    now,
  )
  const command: Command = {
    principal: `partner:${partner.id}`,
    transaction,
    kind: card ? 'gift-card' : reservation ? 'voucher-reservation' : 'gift-card-order',
    legs: [...payment, ...(card?.legs ?? []), ...(reservation?.legs ?? [])],
    payload: JSON.stringify({ order: id, brand: brand.slug }),
    effects: [
      // First, so that a repeat is told from every other conflict.
      { effect: partnerRequested, row: (decided) => requestValues(wish, request(decided)) },
      reservation
        ? {
            effect: orderReserved,
            row: (decided) => [...orderValues(order(decided)), text(order(decided).revenue ?? null)],
          }
        : { effect: orderPlaced, row: (decided) => orderValues(order(decided)) },
      ...velocity,
      ...(card?.effects ?? []),
      ...(reservation?.effects(order) ?? []),
    ],
    answer: NO_ANSWER,
  }
  const outcome = (await deps.ledger.submit(command)).outcome as Outcome
  if (outcome.accepted) {
    if (!card && !reservation) deps.orderBell?.ring()
    return {
      order: order(outcome),
      request: request(outcome),
      card: card && { row: card.row(outcome.at), secrets: card.secrets, link: card.link },
      repeated: false,
    }
  }
  return { refusal: giftRefusal(outcome.refusal, float) }
}

const text = (value: bigint | null) => (value === null ? null : String(value))

export function orderValues(order: OrderRow): (string | null)[] {
  return [
    order.id,
    order.partner_id,
    order.protocol,
    order.request_id,
    order.brand_id,
    String(order.asset_id),
    String(order.face),
    String(order.cost),
    String(order.discount_bp),
    order.delivery,
    order.details && bytea(order.details),
    order.hold_id,
    order.status,
    order.error,
    text(order.float_after),
    order.transaction_id,
    order.created_at.toISOString(),
    order.ended_at?.toISOString() ?? null,
  ]
}

export function requestValues(
  { partner, scope, requestId }: Pick<OrderWish, 'partner' | 'scope' | 'requestId'>,
  request: PartnerRequestRow,
): (string | null)[] {
  return [
    partner.id,
    scope,
    requestId,
    request.operation,
    request.content,
    request.order_id,
    request.card_id,
    text(request.float_after),
    request.transaction_id,
    isoTime(request.at.getTime()),
  ]
}
