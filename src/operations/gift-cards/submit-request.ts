import type { Leg } from '../../domain/posting.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Command, Decided, Outcome } from '../../ledger/command.ts'
import { type PartnerRequestRow, partnerRequested, REQUEST_USED } from '../../storage/orders.ts'
import { type GiftDeps, NO_ANSWER } from './gift-deps.ts'
import { type OrderRefused, requestValues } from './place-order.ts'
import { findEarlier, type PartnerWish } from './repeat.ts'

/** A request of a partner that was carried out, now or before. */
export type CarriedOut = { readonly request: PartnerRequestRow; readonly repeated: boolean }

type RequestCommand = {
  readonly kind: string
  readonly transaction: string
  /** whose balance afterwards is kept with the request */
  readonly float: bigint
  readonly legs: Leg[]
  readonly payload: object
  readonly orderId: string | null
  readonly cardId: string | null
  readonly effects: NonNullable<Command['effects']>
}

/**
 * Carries a partner's request out: money, rows, and the use of its id in one transaction. One whose id was used meanwhile gets
 * what that use was.
 * @returns `refused`: why the ledger refuses it otherwise
 */
export async function submitRequest(
  deps: Pick<GiftDeps, 'ledger' | 'lookUps'>,
  wish: PartnerWish,
  { kind, transaction, float, legs, payload, orderId, cardId, effects }: RequestCommand,
): Promise<CarriedOut | OrderRefused | { refused: Refusal }> {
  const request = ({ at, entries }: Decided): PartnerRequestRow => ({
    operation: wish.operation,
    content: wish.content,
    order_id: orderId,
    card_id: cardId,
    float_after: entries.findLast((entry) => entry.account === float)?.balance ?? null,
    transaction_id: transaction,
    at: new Date(at),
  })
  const { outcome } = await deps.ledger.submit({
    principal: `partner:${wish.partner.id}`,
    transaction,
    kind,
    legs,
    payload: JSON.stringify(payload),
    effects: [
      // First, so that a repeat is told from every other conflict.
      { effect: partnerRequested, row: (decided) => requestValues(wish, request(decided)) },
      ...effects,
    ],
    answer: NO_ANSWER,
  })
  const settled = outcome as Outcome
  if (settled.accepted) return { request: request(settled), repeated: false }
  // What refuses it may be the same request, which came at the same moment and was faster.
  const first = await findEarlier(deps, wish)
  if (first && !('refusal' in first)) return { request: first, repeated: true }
  return settled.refusal.constraint === REQUEST_USED ? { refusal: 'request-conflict' } : { refused: settled.refusal }
}
