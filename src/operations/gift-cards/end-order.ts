import type { Leg } from '../../domain/posting.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Command, Decided, Outcome } from '../../ledger/command.ts'
import type { Brand } from '../../storage/brands.ts'
import { type OrderRow, orderEnded } from '../../storage/orders.ts'
import { findFloat } from '../../storage/partners.ts'
import { voucherSequel } from '../jackpot/voucher-sequel.ts'
import { type GiftDeps, giftRefusal, isoTime, NO_ANSWER } from './gift-deps.ts'
import type { PreparedCard } from './issue-card.ts'
import type { OrderRefused } from './place-order.ts'

export type EndedOrder = { readonly status: 'succeeded' | 'failed' }

/** Captures the held float and issues the card, in one transaction. An order ends once; a second end is refused. */
export async function completeOrder(
  deps: GiftDeps,
  order: OrderRow,
  brand: Brand,
  card: PreparedCard,
): Promise<EndedOrder | OrderRefused> {
  return end(deps, order, brand, {
    status: 'succeeded',
    error: null,
    capture: order.cost,
    validUntil: (at) => card.row(at).expires_at,
    legs: card.legs,
    effects: card.effects,
  })
}

/** Releases the held float. @param error why, in a word of ours, for the partner and the operator */
export async function failOrder(
  deps: GiftDeps,
  order: OrderRow,
  brand: Brand,
  error: string,
): Promise<EndedOrder | OrderRefused> {
  return end(deps, order, brand, { status: 'failed', error, capture: null, legs: [], effects: [] })
}

type End = {
  status: 'succeeded' | 'failed'
  error: string | null
  /** minor units; null: the hold is released */
  capture: bigint | null
  legs: Leg[]
  effects: NonNullable<Command['effects']>
  /** of the card; null: for ever */
  validUntil?(at: number): Date | null
}

async function end(deps: GiftDeps, order: OrderRow, brand: Brand, how: End): Promise<EndedOrder | OrderRefused> {
  const float = order.partner_id === null ? undefined : await findFloat(deps.db, order.partner_id, order.asset_id)
  if (float === undefined) return { refusal: 'float-missing' }
  const hold = order.hold_id && { hold: order.hold_id, source: float, target: brand.settlement }
  const held: Leg[] = !hold
    ? []
    : how.capture === null
      ? [{ type: 'release', ...hold }]
      : [{ type: 'capture', ...hold, amount: how.capture }]
  const transaction = uuidV7(deps.clock())
  const sequel =
    order.kind === 'voucher' ? await voucherSequel(deps, { order, brand, float, transaction, ...how }) : null
  const values = ({ at, entries }: Decided) => [
    order.id,
    how.status,
    how.error,
    entries.findLast((entry) => entry.account === float)?.balance.toString() ?? null,
    isoTime(at),
  ]
  const { outcome } = await deps.ledger.submit({
    principal: `partner:${order.partner_id}`,
    transaction,
    kind: how.status === 'succeeded' ? 'gift-card' : 'gift-card-failure',
    legs: [...held, ...(sequel?.legs ?? []), ...how.legs],
    payload: JSON.stringify({ order: order.id, brand: brand.slug }),
    effects: [{ effect: orderEnded, row: values }, ...how.effects, ...(sequel?.effects ?? [])],
    answer: NO_ANSWER,
  })
  const settled = outcome as Outcome
  // A hold that has expired has given its money back: what is left to write is the order's end.
  if (!settled.accepted && settled.refusal.code === 'hold-expired' && how.capture === null)
    return end(deps, { ...order, hold_id: null }, brand, how)
  return settled.accepted ? { status: how.status } : { refusal: giftRefusal(settled.refusal, float) }
}
