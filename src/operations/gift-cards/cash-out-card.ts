import type { Leg } from '../../domain/posting.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import { readBalance } from '../../ledger/reads.ts'
import type { Brand } from '../../storage/brands.ts'
import { type CardRow, cardEnded } from '../../storage/cards.ts'
import { listSalesOfCard, type SaleRow } from '../../storage/gift-sales.ts'
import { findFloat } from '../../storage/partners.ts'
import { revenueOf } from './as-sold.ts'
import { type GiftDeps, giftRefusal, isoTime } from './gift-deps.ts'
import { checkCard } from './load-card.ts'
import type { OrderRefused } from './place-order.ts'
import { findEarlier, type PartnerWish } from './repeat.ts'
import { type CarriedOut, submitRequest } from './submit-request.ts'

export type CashOutWish = PartnerWish & { readonly brand: Brand; readonly card: CardRow }

/** The balance may change between reading and emptying; then both are done again. */
const TRIES = 5

/**
 * Ends a card and gives the float what is left on it, at the price that was paid: of a card bought for 95.50 of which 40 of 100
 * are left, 38.20. Otherwise a discount could be drawn again and again. Fractions stay with the brand.
 */
export async function cashOutCard(deps: GiftDeps, wish: CashOutWish): Promise<CarriedOut | OrderRefused> {
  for (let tries = 0; ; tries++) {
    const earlier = await findEarlier(deps, wish)
    if (earlier) return 'refusal' in earlier ? earlier : { request: earlier, repeated: true }
    const result = await attempt(deps, wish)
    if (result !== 'moved') {
      // What refuses it may be the same request, which came at the same moment and was faster.
      const twin = 'refusal' in result ? await findEarlier(deps, wish) : null
      return twin && !('refusal' in twin) ? { request: twin, repeated: true } : result
    }
    if (tries >= TRIES) return { refusal: 'card-used' }
  }
}

async function attempt(deps: GiftDeps, wish: CashOutWish): Promise<CarriedOut | OrderRefused | 'moved'> {
  const { brand, card, partner } = wish
  const now = deps.clock()
  const refusal = checkCard(card, now)
  if (refusal) return { refusal }
  const float = await findFloat(deps.db, partner.id, card.asset_id)
  if (float === undefined) return { refusal: 'float-missing' }
  const account = card.account_id as bigint
  const { balance: rest = 0n, status } = (await readBalance(deps.db, account)) ?? {}
  if (status === 'closed') return { refusal: 'card-ended' }
  if (rest <= 0n) return { refusal: 'insufficient-balance' }
  const { price, revenue } = shareOf(rest, await listSalesOfCard(deps.db, card))
  const { settlement } = brand
  const legs: Leg[] = [{ type: 'transfer', source: account, target: settlement, amount: rest }]
  legs.push({ type: 'change-account', account, status: 'closed' })
  if (revenue > 0n) legs.push({ type: 'transfer', source: brand.revenue, target: settlement, amount: revenue })
  if (price > 0n) legs.push({ type: 'transfer', source: settlement, target: float, amount: price })
  const transaction = uuidV7(now)
  const done = await submitRequest(deps, wish, {
    kind: 'gift-card-cash-out',
    transaction,
    float,
    legs,
    payload: { card: card.id, brand: brand.slug },
    orderId: card.order_id,
    cardId: card.id,
    effects: [{ effect: cardEnded, row: ({ at }) => [card.id, 'cashed-out', String(rest), transaction, isoTime(at)] }],
  })
  if (!('refused' in done)) return done
  const { code, account: where } = done.refused
  if (code === 'source-closed' || code === 'account-closed') return { refusal: 'card-ended' }
  if (where === account) return 'moved'
  if (code === 'unavailable-funds') return { refusal: 'refused' }
  return { refusal: giftRefusal(done.refused, float) }
}

/** What part of what was paid for the card belongs to the rest. Rounded down. */
export function shareOf(rest: bigint, sales: readonly SaleRow[]): { price: bigint; revenue: bigint } {
  let face = 0n
  let paid = 0n
  let kept = 0n
  for (const sale of sales) {
    face += sale.face
    paid += sale.cost
    kept += revenueOf(sale)
  }
  // A till may have put value on the card that no order tells of: for that, nothing was paid here.
  const of = (sum: bigint) => (face === 0n ? 0n : ((rest < face ? rest : face) * sum) / face)
  return { price: of(paid), revenue: of(kept) }
}
