import { uuidV7 } from '../../domain/uuid.ts'
import { cardToppedUp } from '../../storage/card-use.ts'
import { isoTime } from './gift-deps.ts'
import { type CardWish, foreseeWish } from './redeem-card.ts'
import { type CardUseDeps, type CardUseResult, entryOf, submitCardUse } from './use-card.ts'

/** Puts money of a merchant's wallet onto a card, which holds no more than the brand's greatest value afterwards. */
export async function topUpCard(deps: CardUseDeps, wish: Omit<CardWish, 'note'>): Promise<CardUseResult> {
  const { card, wallet, amount, actor } = wish
  const transaction = uuidV7(deps.clock())
  return submitCardUse(deps, wish, {
    transaction,
    kind: 'card-top-up',
    account: card.account_id,
    legs: [{ type: 'transfer', source: wallet.id, target: card.account_id, amount }],
    payload: { card: card.id, brand: card.brand },
    content: { card: card.id, wallet: wallet.explicitId, amount: String(amount) },
    doomed: (await foreseeWish(deps, wish)) ?? (card.balance + amount > card.max_balance ? 'card-full' : undefined),
    effects: [
      {
        effect: cardToppedUp,
        row: (decided) => [
          transaction,
          card.id,
          String(wallet.id),
          wallet.partyId,
          String(amount),
          String(entryOf(decided, card.account_id)),
          String(card.max_balance),
          actor,
          isoTime(decided.at),
          card.expires_at?.toISOString() ?? null,
        ],
      },
    ],
  })
}
