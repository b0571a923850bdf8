import type { CardSecrets } from '../../credentials/card-codes.ts'
import { priceOf } from '../../domain/gift-card.ts'
import type { Leg } from '../../domain/posting.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Decided, Outcome } from '../../ledger/command.ts'
import type { Brand } from '../../storage/brands.ts'
import { type SaleRow, salePlaced } from '../../storage/gift-sales.ts'
import { type PartnerRequestRow, partnerRequested, REQUEST_USED } from '../../storage/orders.ts'
import { findFloat } from '../../storage/partners.ts'
import { type GiftDeps, giftRefusal, NO_ANSWER } from './gift-deps.ts'
import { prepareOwnCard } from './issue-card.ts'
import { type CarriedOut, checkSale, saleValues } from './load-card.ts'
import { HOLD_TIME, type OrderRefused, requestValues } from './place-order.ts'
import { findEarlier, type PartnerWish } from './repeat.ts'

export type PlasticWish = PartnerWish & {
  readonly protocol: 'tillo'
  readonly brand: Brand
  /** minor units */
  readonly face: bigint
  /** kept sealed with the order: who it is sent to */
  readonly details?: object
  /** of the card in the buyer's hand, which is activated at once; null: one is to be sent, and gets its value from whoever sends it */
  readonly secrets: CardSecrets | null
}

/** A code that is a card's already breaks this constraint. */
const CARD_CODE = 'card_code_hash_key'

/**
 * Sells the value of a plastic card. One at hand is activated in the transaction that pays for it; for one that is to be sent
 * the float is held, until whoever sends it names the card.
 * @returns `card-active`: the card has its value already
 */
export async function sellPlastic(
  deps: GiftDeps,
  wish: PlasticWish,
): Promise<CarriedOut | OrderRefused | { refusal: 'card-active' }> {
  const earlier = await findEarlier(deps, wish)
  if (earlier) return 'refusal' in earlier ? earlier : { request: earlier, repeated: true }
  const { brand, face, partner, secrets } = wish
  const refusal = checkSale(brand, face)
  if (refusal) return { refusal }
  const float = await findFloat(deps.db, partner.id, brand.asset.id)
  if (float === undefined) return { refusal: 'float-missing' }
  const now = deps.clock()
  const id = uuidV7(now)
  const transaction = uuidV7(now)
  const { cost } = priceOf(face, brand.discountBp, brand.discountKeeper)
  const card = secrets && (await prepareOwnCard(deps, { brand, face, orderId: id, secrets }))
  const holdId = card || cost === 0n ? null : uuidV7(now)
  const between = { source: float, target: brand.settlement, amount: cost }
  const payment: Leg[] =
    cost === 0n
      ? []
      : holdId
        ? [{ type: 'hold', hold: holdId, ...between, expiresAt: now + HOLD_TIME }]
        : [{ type: 'transfer', ...between }]
  const details = wish.details && deps.keyring.seal(JSON.stringify(wish.details), `order:${id}:details`)
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
    delivery: 'plastic',
    details: details ?? null,
    hold_id: holdId,
    status: card ? 'succeeded' : 'requested',
    error: null,
    float_after: entries.find((entry) => entry.account === float)?.balance ?? null,
    transaction_id: transaction,
    created_at: new Date(at),
    ended_at: card ? new Date(at) : null,
    kind: card ? 'activation' : 'plastic',
    card_id: null,
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
  const by = wish.address === undefined ? {} : { address: wish.address }
  const event = { partnerId: partner.id, brandId: brand.id, assetId: brand.asset.id, amount: face, ...by }
  const outcome = (
    await deps.ledger.submit({
      principal: `partner:${partner.id}`,
      transaction,
      kind: card ? 'gift-card-activation' : 'gift-card-order',
      legs: [...payment, ...(card?.legs ?? [])],
      payload: JSON.stringify({ order: id, brand: brand.slug }),
      effects: [
        { effect: partnerRequested, row: (decided) => requestValues(wish, request(decided)) },
        { effect: salePlaced, row: (decided) => saleValues(order(decided)) },
        ...(await deps.velocity.effects(event, now)),
        ...(card?.effects ?? []),
      ],
      answer: NO_ANSWER,
    })
  ).outcome as Outcome
  if (outcome.accepted) return { request: request(outcome), repeated: false }
  const { constraint } = outcome.refusal
  if (constraint === REQUEST_USED) {
    const first = await findEarlier(deps, wish)
    return first && !('refusal' in first) ? { request: first, repeated: true } : { refusal: 'request-conflict' }
  }
  if (constraint === CARD_CODE) return { refusal: 'card-active' }
  return { refusal: giftRefusal(outcome.refusal, float) }
}
