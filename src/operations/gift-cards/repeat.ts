import type { PartnerRequestRow } from '../../storage/orders.ts'
import type { GiftDeps } from './gift-deps.ts'
import type { OrderRefused, OrderWish } from './place-order.ts'

/** What every request of a partner has that changes something. */
export type PartnerWish = Pick<OrderWish, 'partner' | 'scope' | 'requestId' | 'operation' | 'content' | 'address'>

/** What the request's id was used for before: the same, or something else; null when it is new. */
export async function findEarlier(
  { lookUps }: Pick<GiftDeps, 'lookUps'>,
  { partner, scope, requestId, operation, content }: PartnerWish,
): Promise<PartnerRequestRow | OrderRefused | null> {
  const request = await lookUps.request({ partnerId: partner.id, scope, requestId })
  if (!request) return null
  const same = request.operation === operation && request.content === content
  return same ? request : { refusal: 'request-conflict', earlier: request }
}
