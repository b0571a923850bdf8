import { randomInt } from 'node:crypto'
import { type GiftRefusal, isOffered } from '../../domain/gift-card.ts'
import { offerPrice, offerRevenue, offerValue } from '../../domain/offer.ts'
import type { Leg } from '../../domain/posting.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Decided } from '../../ledger/command.ts'
import type { Brand, Delivery } from '../../storage/brands.ts'
import { findJackpotAccount } from '../../storage/jackpot-accounts.ts'
import type { JackpotSession } from '../../storage/jackpot-sessions.ts'
import type { OrderRow } from '../../storage/orders.ts'
import { listStores, type Offer } from '../../storage/voucher-offers.ts'
import { findVoucher, type VoucherRow, voucherReserved } from '../../storage/vouchers.ts'
import { type GiftDeps, isoTime } from '../gift-cards/gift-deps.ts'
import { placeOrder, type Reservation } from '../gift-cards/place-order.ts'
import { findEarlier } from '../gift-cards/repeat.ts'
import { confirmVoucher } from './confirm-voucher.ts'
import { couponEffects } from './notices.ts'
import { readings } from './readings.ts'
import { becoming } from './voucher-sequel.ts'

export type ReserveWish = {
  readonly session: JackpotSession
  readonly storeId: string
  readonly offerId: string
  /** whether `amount` is what may be paid, or what the card is to be worth */
  readonly by: 'price' | 'value'
  /** minor units */
  readonly amount: bigint
  /** that the request came from, of IPv6 the network: whose use the rules about addresses count */
  readonly address?: string
}

export type ReserveRefusal =
  | GiftRefusal
  /** of the partner's own machine: it has no amount */
  | 'no-client-session'
  /** it has reserved something else */
  | 'session-ended'
  | 'store-not-found'
  | 'offer-not-found'
  | 'amount-exceeds-session'
  /** what the operator adds to the price is used up */
  | 'offer-exhausted'

export const SCOPE = 'jackpot'

/**
 * Reserves a voucher: the partner's float is held, and what the operator adds is held with it, until somebody confirms or cancels,
 * or 48 hours are over. A session reserves once; asked the same again, it gets the same voucher. Where nobody is to confirm, it is
 * confirmed at once, or by the worker.
 */
export async function reserveVoucher(
  deps: GiftDeps,
  wish: ReserveWish,
): Promise<{ voucher: VoucherRow } | { refusal: ReserveRefusal }> {
  const { session, storeId, offerId, by, amount } = wish
  if (session.amount === null || session.notificationKey === null) return { refusal: 'no-client-session' }
  const request = {
    partner: session.partner,
    scope: SCOPE,
    requestId: session.id,
    operation: 'reserve',
    content: JSON.stringify([storeId, offerId, by, String(amount)]),
  }
  const findFirst = async () => {
    const earlier = await findEarlier(deps, request)
    if (!earlier) return null
    if ('refusal' in earlier) return { refusal: 'session-ended' } as const
    return { voucher: await requireVoucher(deps, session) }
  }
  const first = await findFirst()
  if (first) return first
  const store = (await listStores(deps.db, session.asset.id)).find(({ brand }) => brand.id === storeId)
  if (!store) return { refusal: 'store-not-found' }
  const offer = store.offers.find(({ id }) => id === offerId)
  if (!offer) return { refusal: 'offer-not-found' }
  const { brand } = store
  const priced = priceWish(offer, brand, by, amount)
  if (!priced) return { refusal: 'value-not-offered' }
  const { value, price } = priced
  if (price > session.amount || (by === 'price' && amount > session.amount))
    return { refusal: 'amount-exceeds-session' }
  // A twin that came at the same moment may have taken the last one.
  if (brand.supply === 'stock' && !(await isInStock(deps, brand, value)))
    return (await findFirst()) ?? { refusal: 'out-of-stock' }
  const account = await findJackpotAccount(deps.db, session.partner.id)
  const automatic = account?.confirmation === 'automatic' && !session.manual
  const revenue = offerRevenue(offer, value, price, brand.discountBp)
  const placed = await placeOrder(deps, {
    ...request,
    protocol: 'jackpot',
    brand,
    face: value,
    delivery: deliveryOf(brand),
    later: true,
    price: { cost: price, revenue },
    reservation: await reservationOf(deps, { session, brand, offer, value, price, revenue, automatic }),
    ...(wish.address !== undefined && { address: wish.address }),
    ...(session.userId && { recipient: deps.keyring.open(session.userId, `jackpot_session:${session.id}:user`) }),
  })
  // A twin that came at the same moment may have used up what this one was refused.
  if ('refusal' in placed) return (await findFirst()) ?? { refusal: refusalOf(placed.refusal) }
  if (automatic && !placed.repeated) await confirmAtOnce(deps, placed.order)
  return { voucher: await requireVoucher(deps, session) }
}

function priceWish(offer: Offer, brand: Brand, by: 'price' | 'value', amount: bigint) {
  const { exponent } = brand.asset
  const value = by === 'price' ? offerValue(offer, brand.values, amount, exponent) : amount
  if (value === null || !isOffered(brand.values, value)) return null
  return { value, price: offerPrice(offer, value, exponent) }
}

/** As far as is known here; whether a code is left, its sale decides. */
async function isInStock({ shelf }: GiftDeps, brand: Brand, value: bigint): Promise<boolean> {
  const code = await shelf.take(brand.id, value)
  if (code) shelf.putBack(brand.id, value, code)
  return code !== undefined
}

/** The voucher's own page shows the card, however the brand delivers it. */
const deliveryOf = ({ delivery }: Brand): Delivery =>
  delivery.includes('code') ? 'code' : delivery.includes('url') ? 'url' : 'email'

type Terms = {
  session: JackpotSession
  brand: Brand
  offer: Offer
  value: bigint
  price: bigint
  revenue: bigint
  automatic: boolean
}

async function reservationOf(deps: GiftDeps, terms: Terms): Promise<Reservation> {
  const { session, brand, offer, revenue, automatic } = terms
  const now = deps.clock()
  const until = now + readings.reservation
  const operatorHold = revenue < 0n ? uuidV7(now) : null
  const couponId = makeCouponId()
  const legs: Leg[] =
    operatorHold === null
      ? []
      : [
          {
            type: 'hold',
            hold: operatorHold,
            source: brand.revenue,
            target: brand.settlement,
            amount: -revenue,
            expiresAt: until,
          },
        ]
  const voucher = (order: OrderRow): VoucherRow => ({
    id: order.id,
    partner_id: session.partner.id,
    session_id: session.id,
    offer_id: offer.id,
    notification_key: session.notificationKey as string,
    coupon_id: couponId,
    state: 'reserved',
    automatic,
    hold_id: order.hold_id as string,
    operator_hold_id: operatorHold,
    reserved_at: order.created_at,
    expires_at: new Date(until),
    confirmed_at: null,
    ready_at: null,
    brand_id: brand.id,
    face: order.face,
    cost: order.cost,
    currency: brand.asset.code,
    exponent: brand.asset.exponent,
    valid_until:
      brand.validityDays === null ? null : new Date(order.created_at.getTime() + brand.validityDays * 86_400_000),
    card_id: null,
  })
  let made: ((decided: Decided) => OrderRow) | null = null
  const at = (ms: number) => voucher((made as (decided: Decided) => OrderRow)({ at: ms, entries: [] }))
  const notices = await couponEffects(deps, session.partner.id, ['reserved'], (ms, event) =>
    becoming(at(ms))(ms, event),
  )
  return {
    until,
    legs,
    effects(order) {
      made = order
      return [{ effect: voucherReserved, row: (decided) => voucherValues(voucher(order(decided))) }, ...notices]
    },
  }
}

const voucherValues = (row: VoucherRow): (string | null)[] => [
  row.id,
  row.partner_id,
  row.session_id,
  row.offer_id,
  row.notification_key,
  row.coupon_id,
  String(row.automatic),
  row.hold_id,
  row.operator_hold_id,
  isoTime(row.reserved_at.getTime()),
  isoTime(row.expires_at.getTime()),
]

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

const makeCouponId = () => Array.from({ length: 10 }, () => LETTERS[randomInt(LETTERS.length)]).join('')

/** Of a reservation the only other account that may lack funds is the operator's. */
function refusalOf(refusal: GiftRefusal): ReserveRefusal {
  if (refusal === 'card-used') return 'offer-exhausted'
  return refusal === 'request-conflict' ? 'session-ended' : refusal
}

/** What goes wrong here the worker does again: the reservation stands, and its caller is told of it. */
async function confirmAtOnce(deps: GiftDeps, order: OrderRow): Promise<void> {
  await confirmVoucher(deps, { voucherId: order.id, partner: { id: order.partner_id as string } }).catch(() => {})
}

async function requireVoucher(deps: Pick<GiftDeps, 'db'>, session: Pick<JackpotSession, 'id'>): Promise<VoucherRow> {
  const voucher = await findVoucher(deps.db, { sessionId: session.id })
  if (!voucher) throw new Error(`the session ${session.id} has reserved, and there is no voucher`)
  return voucher
}
