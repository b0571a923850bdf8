import { uuidV7 } from '../../domain/uuid.ts'
import { type CardHold, cardHeld, cardRedeemed } from '../../storage/card-use.ts'
import { isoTime } from './gift-deps.ts'
import { type CardWish, foreseeWish } from './redeem-card.ts'
import { type CardAsk, type CardUseDeps, type CardUseResult, entryOf, submitCardUse } from './use-card.ts'

/** Seconds that a hold may last. A card does not expire while something of it is held. */
export const SHORTEST_HOLD = 60
export const LONGEST_HOLD = 7 * 86_400

/** Reserves a part of a card for a merchant, until it is captured, released or its time is over. */
export async function holdOnCard(
  deps: CardUseDeps,
  wish: CardWish & { seconds: number },
): Promise<CardUseResult & { hold: string }> {
  const { card, wallet, amount, actor, seconds, note = null } = wish
  const now = deps.clock()
  const transaction = uuidV7(now)
  // The transaction names the hold, too: so the answer that is kept with the key leads to it.
  const hold = transaction
  const expiresAt = now + seconds * 1000
  const result = await submitCardUse(deps, wish, {
    transaction,
    kind: 'card-hold',
    account: card.account_id,
    legs: [{ type: 'hold', hold, source: card.account_id, target: wallet.id, amount, expiresAt }],
    payload: { card: card.id, brand: card.brand, ...(note !== null && { description: note }) },
    content: { card: card.id, wallet: wallet.explicitId, amount: String(amount), seconds: String(seconds), note },
    doomed: (await foreseeWish(deps, wish)) ?? (card.balance - card.held < amount ? 'insufficient-balance' : undefined),
    effects: [
      {
        effect: cardHeld,
        row: ({ at }) => [
          hold,
          card.id,
          String(wallet.id),
          wallet.partyId,
          String(amount),
          note,
          actor,
          transaction,
          isoTime(at),
          card.expires_at?.toISOString() ?? null,
          isoTime(expiresAt),
        ],
      },
    ],
  })
  return { ...result, hold: result.accepted ? result.reference : hold }
}

const ENDED = [undefined, 'hold-ended', 'hold-ended', 'hold-expired'] as const

/**
 * Takes what was held, or a part of it; the rest is free again. The hold is a promise: it can be captured of a card that was
 * blocked or whose last day has passed meanwhile.
 * @param input.amount minor units
 */
export async function captureCardHold(
  deps: CardUseDeps,
  input: CardAsk & { hold: CardHold; amount: bigint },
): Promise<CardUseResult> {
  const { hold, amount, actor } = input
  const transaction = uuidV7(deps.clock())
  return submitCardUse(deps, input, {
    transaction,
    kind: 'card-redemption',
    account: hold.account_id,
    legs: [{ type: 'capture', hold: hold.id, source: hold.account_id, target: hold.wallet_id, amount }],
    payload: { card: hold.card_id, brand: hold.brand, hold: hold.id, ...(hold.note && { description: hold.note }) },
    content: { hold: hold.id, amount: String(amount) },
    doomed: ENDED[hold.status] ?? (amount > hold.amount ? 'capture-exceeds-hold' : undefined),
    effects: [
      {
        effect: cardRedeemed,
        row: (decided) => [
          transaction,
          hold.card_id,
          String(hold.wallet_id),
          hold.party_id,
          String(amount),
          hold.id,
          String(entryOf(decided, hold.account_id)),
          hold.note,
          actor,
          isoTime(decided.at),
          null,
        ],
      },
    ],
  })
}

/** Gives back what was held. */
export async function releaseCardHold(deps: CardUseDeps, input: CardAsk & { hold: CardHold }): Promise<CardUseResult> {
  const { hold } = input
  return submitCardUse(deps, input, {
    transaction: uuidV7(deps.clock()),
    kind: 'card-hold-release',
    account: hold.account_id,
    legs: [{ type: 'release', hold: hold.id, source: hold.account_id, target: hold.wallet_id }],
    payload: { card: hold.card_id, hold: hold.id },
    content: { hold: hold.id },
    doomed: ENDED[hold.status],
    effects: [],
  })
}
