import type { Refusal } from '../../domain/refusal.ts'
import { CARD_END } from '../../storage/cards.ts'

/** Why something with a card that was sold is refused. A closed union; whoever shows it maps it totally to words. */
export const cardRefusals = [
  'idempotency-conflict', // the key was used for something else
  'card-ended', // cancelled, reversed or cashed out
  'card-expired',
  'card-blocked',
  'brand-not-accepted', // the wallet's owner does not take cards of this brand
  'wallet-not-usable', // closed, frozen, or a brand's own books are kept in it
  'currency-differs', // card and wallet are not in one unit of account
  'insufficient-balance', // of the card, what is held aside
  'insufficient-funds', // of the wallet that pays onto the card
  'wallet-full',
  'card-full', // it would hold more than the brand's greatest value
  'refund-exceeds-redemption',
  'hold-ended', // captured or released before
  'hold-expired',
  'capture-exceeds-hold',
  'refused', // by the ledger, for a reason that nobody at a till can mend
] as const
export type CardRefusal = (typeof cardRefusals)[number]

const CONSTRAINTS: Readonly<Record<string, CardRefusal>> = {
  [CARD_END]: 'card-ended',
  card_redemption_unexpired: 'card-expired',
  card_hold_unexpired: 'card-expired',
  card_refund_unexpired: 'card-expired',
  card_top_up_unexpired: 'card-expired',
  card_refund_within_redemption: 'refund-exceeds-redemption',
  card_top_up_within: 'card-full',
  card_redemption_hold_id_key: 'hold-ended',
  card_hold_expires_later: 'hold-expired',
}

/** The ledger's refusal in the words of cards. @param account the card's */
export function cardRefusalOf(refusal: Refusal, account: bigint): CardRefusal {
  const named = refusal.constraint === undefined ? undefined : CONSTRAINTS[refusal.constraint]
  if (named) return named
  const ofCard = refusal.account === account
  switch (refusal.code) {
    case 'idempotency-conflict':
    case 'hold-ended':
    case 'hold-expired':
    case 'capture-exceeds-hold':
      return refusal.code
    case 'asset-mismatch':
      return 'currency-differs'
    case 'source-frozen':
      return ofCard ? 'card-blocked' : 'wallet-not-usable'
    case 'source-closed':
    case 'target-closed':
      return ofCard ? 'card-ended' : 'wallet-not-usable'
    case 'unavailable-funds':
      return ofCard ? 'insufficient-balance' : 'insufficient-funds'
    case 'unreceivable-funds':
      return ofCard ? 'card-full' : 'wallet-full'
    default:
      return 'refused'
  }
}
