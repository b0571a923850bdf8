import { isOffered, priceOf } from '../../domain/gift-card.ts'
import type { Leg } from '../../domain/posting.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Decided } from '../../ledger/command.ts'
import type { Brand } from '../../storage/brands.ts'
import type { CardRow } from '../../storage/cards.ts'
import { CARD_WITHIN, type SaleRow, salePlaced } from '../../storage/gift-sales.ts'
import { findFloat } from '../../storage/partners.ts'
import { type GiftDeps, giftRefusal } from './gift-deps.ts'
import { type OrderRefused, orderValues } from './place-order.ts'
import { findEarlier, type PartnerWish } from './repeat.ts'
import { type CarriedOut, submitRequest } from './submit-request.ts'

export type LoadWish = PartnerWish & {
  readonly protocol: 'tillo'
  readonly brand: Brand
  /** a card of ours */
  readonly card: CardRow
  /** minor units */
  readonly face: bigint
}

/**
 * Sells value on a card that is there: the float pays the price, and the value goes to the card's account, in one transaction
 * with an order of its own, by which it can be taken back.
 * @returns `card-full`: the card would hold more than the brand's greatest value
 */
export async function loadCard(
  deps: GiftDeps,
  wish: LoadWish,
): Promise<CarriedOut | OrderRefused | { refusal: 'card-full' }> {
  const earlier = await findEarlier(deps, wish)
  if (earlier) return 'refusal' in earlier ? earlier : { request: earlier, repeated: true }
  const { brand, card, face, partner } = wish
  const now = deps.clock()
  const refusal = checkSale(brand, face) ?? checkCard(card, now)
  if (refusal) return { refusal }
  const float = await findFloat(deps.db, partner.id, brand.asset.id)
  if (float === undefined) return { refusal: 'float-missing' }
  const { cost, revenue } = priceOf(face, brand.discountBp, brand.discountKeeper)
  const { settlement } = brand
  const legs: Leg[] = []
  if (cost > 0n) legs.push({ type: 'transfer', source: float, target: settlement, amount: cost })
  legs.push({ type: 'transfer', source: settlement, target: card.account_id as bigint, amount: face })
  if (revenue > 0n) legs.push({ type: 'transfer', source: settlement, target: brand.revenue, amount: revenue })
  const id = uuidV7(now)
  const transaction = uuidV7(now)
  const order = ({ at, entries }: Decided): SaleRow => ({
    id,
    partner_id: partner.id,
    protocol: wish.protocol,
    request_id: wish.requestId,
    brand_id: brand.id,
    asset_id: brand.asset.id,
    face,
    cost,
    discount_bp: brand.discountBp,
    delivery: 'code',
    details: null,
    hold_id: null,
    status: 'succeeded',
    error: null,
    float_after: entries.find((entry) => entry.account === float)?.balance ?? null,
    transaction_id: transaction,
    created_at: new Date(at),
    ended_at: new Date(at),
    kind: 'top-up',
    card_id: card.id,
  })
  const by = wish.address === undefined ? {} : { address: wish.address }
  const event = {
    partnerId: partner.id,
    brandId: brand.id,
    assetId: brand.asset.id,
    amount: face,
    card: card.id,
    ...by,
  }
  const done = await submitRequest(deps, wish, {
    kind: 'gift-card-top-up',
    transaction,
    float,
    legs,
    payload: { order: id, brand: brand.slug },
    orderId: id,
    cardId: card.id,
    effects: [
      {
        effect: salePlaced,
        row: (decided) => {
          const balance = decided.entries.find((entry) => entry.account === card.account_id)?.balance ?? null
          return saleValues(order(decided), { balance, most: mostOf(brand) })
        },
      },
      ...(await deps.velocity.effects(event, now)),
    ],
  })
  if (!('refused' in done)) return done
  if (done.refused.constraint === CARD_WITHIN) return { refusal: 'card-full' }
  return { refusal: done.refused.code === 'target-closed' ? 'card-ended' : giftRefusal(done.refused, float) }
}

/** @param card of a top-up: the balance after it, and the most that it may be; minor units */
export const saleValues = (
  sale: SaleRow,
  card: { balance: bigint | null; most: bigint } | null = null,
): (string | null)[] => [
  ...orderValues(sale),
  sale.kind,
  sale.card_id,
  card?.balance == null ? null : String(card.balance),
  card && String(card.most),
]

/** No card holds more than the greatest value that its brand is sold with. */
export const mostOf = ({ values }: Brand): bigint =>
  values.type === 'range' ? values.max : (values.values.at(-1) as bigint)

/** Whether the brand sells the value at all. */
export function checkSale(brand: Brand, face: bigint): OrderRefused['refusal'] | null {
  if (brand.status === 'disabled') return 'brand-disabled'
  if (brand.status === 'paused') return 'brand-paused'
  return isOffered(brand.values, face) ? null : 'value-not-offered'
}

/** Whether anything can be done with the card's value. @param now ms since the epoch */
export function checkCard(card: CardRow, now: number): OrderRefused['refusal'] | null {
  if (card.status === 'ended') return 'card-ended'
  if (card.expires_at !== null && card.expires_at.getTime() <= now) return 'card-expired'
  return card.status === 'blocked' ? 'card-blocked' : null
}
