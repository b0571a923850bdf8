import type { CardSecrets } from '../../credentials/card-codes.ts'
import { priceOf } from '../../domain/gift-card.ts'
import type { Leg } from '../../domain/posting.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Decided } from '../../ledger/command.ts'
import type { Brand } from '../../storage/brands.ts'
import { type SaleRow, salePlaced } from '../../storage/gift-sales.ts'
import { findFloat } from '../../storage/partners.ts'
import { type GiftDeps, giftRefusal } from './gift-deps.ts'
import { prepareOwnCard } from './issue-card.ts'
import { checkSale, saleValues } from './load-card.ts'
import { HOLD_TIME, type OrderRefused } from './place-order.ts'
import { findEarlier, type PartnerWish } from './repeat.ts'
import { type CarriedOut, submitRequest } from './submit-request.ts'

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
  const by = wish.address === undefined ? {} : { address: wish.address }
  const event = { partnerId: partner.id, brandId: brand.id, assetId: brand.asset.id, amount: face, ...by }
  const done = await submitRequest(deps, wish, {
    kind: card ? 'gift-card-activation' : 'gift-card-order',
    transaction,
    float,
    legs: [...payment, ...(card?.legs ?? [])],
    payload: { order: id, brand: brand.slug },
    orderId: id,
    cardId: card?.id ?? null,
    effects: [
      { effect: salePlaced, row: (decided) => saleValues(order(decided)) },
      ...(await deps.velocity.effects(event, now)),
      ...(card?.effects ?? []),
    ],
  })
  if (!('refused' in done)) return done
  if (done.refused.constraint === CARD_CODE) return { refusal: 'card-active' }
  return { refusal: giftRefusal(done.refused, float) }
}
