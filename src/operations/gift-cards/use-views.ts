import { amountToJson } from '../../domain/money.ts'
import type { CardHold, OwnCard, Redemption } from '../../storage/card-use.ts'
import { refusalOfState } from './use-card.ts'

// What merchants are shown of cards, in JSON: masked, and nothing of who holds them.

const mask = (tail: string) => `••••${tail}`

/** @param now ms since the epoch */
export function usableCardView(card: OwnCard, now: number) {
  const amount = (minor: bigint) => amountToJson(minor, card.exponent)
  const refusal = refusalOfState(card, now)
  return {
    card_id: card.id,
    brand: card.brand,
    brand_name: card.brand_name,
    code: mask(card.tail),
    currency: card.currency,
    value: amount(card.face),
    balance: amount(card.balance),
    held: amount(card.held),
    available: amount(refusal === undefined ? card.balance - card.held : 0n),
    usable: refusal === undefined,
    reason: refusal ?? null,
    expires_at: card.expires_at?.toISOString() ?? null,
  }
}

export function redemptionView(row: Redemption) {
  const amount = (minor: bigint) => amountToJson(minor, row.exponent)
  return {
    id: row.id,
    card_id: row.card_id,
    brand: row.brand,
    code: mask(row.tail),
    wallet: row.wallet,
    currency: row.currency,
    amount: amount(row.amount),
    balance: amount(row.balance),
    hold_id: row.hold_id,
    note: row.note,
    at: row.at.toISOString(),
  }
}

export const listedRedemptionView = (row: Redemption) => ({
  ...redemptionView(row),
  refunded: amountToJson(row.refunded, row.exponent),
})

const HOLD_STATUSES = ['open', 'captured', 'released', 'expired'] as const

export function cardHoldView(row: CardHold) {
  const amount = (minor: bigint) => amountToJson(minor, row.exponent)
  return {
    id: row.id,
    card_id: row.card_id,
    brand: row.brand,
    code: mask(row.tail),
    wallet: row.wallet,
    currency: row.currency,
    amount: amount(row.amount),
    captured: amount(row.captured),
    status: HOLD_STATUSES[row.status] as (typeof HOLD_STATUSES)[number],
    note: row.note,
    at: row.at.toISOString(),
    expires_at: row.expires_at.toISOString(),
  }
}
