import { uuidV7 } from '../../domain/uuid.ts'
import { cardRefunded, findOwnCard, type Redemption, redemptionRefunded } from '../../storage/card-use.ts'
import { isoTime } from './gift-deps.ts'
import {
  type CardAsk,
  type CardUseDeps,
  type CardUseResult,
  entryOf,
  refusalOfState,
  submitCardUse,
} from './use-card.ts'

/**
 * Gives all or part of a redemption back onto its card, from the wallet that it went to. Together the refunds of a redemption
 * never exceed it.
 * @param input.amount minor units; null: all that is left of it
 */
export async function refundToCard(
  deps: CardUseDeps,
  input: CardAsk & { redemption: Redemption; amount: bigint | null },
): Promise<CardUseResult> {
  const { redemption, actor } = input
  const card = await findOwnCard(deps.db, { id: redemption.card_id })
  if (!card) throw new Error(`the card ${redemption.card_id} of a redemption is gone`)
  const left = redemption.amount - redemption.refunded
  // Of nothing that is left only a repeat comes through to the ledger, for its first answer.
  const amount = input.amount ?? (left > 0n ? left : 1n)
  const transaction = uuidV7(deps.clock())
  return submitCardUse(deps, input, {
    transaction,
    kind: 'card-refund',
    account: card.account_id,
    legs: [{ type: 'transfer', source: redemption.wallet_id, target: card.account_id, amount }],
    payload: { card: card.id, brand: card.brand, transaction: redemption.id },
    content: { redemption: redemption.id, amount: input.amount === null ? 'all' : String(amount) },
    doomed: refusalOfState(card, deps.clock()) ?? (amount > left ? 'refund-exceeds-redemption' : undefined),
    effects: [
      { effect: redemptionRefunded, row: [redemption.id, String(amount)] },
      {
        effect: cardRefunded,
        row: (decided) => [
          transaction,
          redemption.id,
          String(amount),
          String(entryOf(decided, card.account_id)),
          actor,
          isoTime(decided.at),
          card.expires_at?.toISOString() ?? null,
        ],
      },
    ],
  })
}
