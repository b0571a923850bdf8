import { uuidV7 } from '../../domain/uuid.ts'
import { cardRedeemed, findTill, type OwnCard } from '../../storage/card-use.ts'
import type { Wallet } from '../../storage/wallets.ts'
import type { CardRefusal } from './card-refusal.ts'
import { isoTime } from './gift-deps.ts'
import {
  type CardAsk,
  type CardUseDeps,
  type CardUseResult,
  entryOf,
  refusalOfState,
  submitCardUse,
} from './use-card.ts'

/** What a merchant asks of a card. That the wallet is the merchant's own is the caller's to see to. */
export type CardWish = CardAsk & {
  readonly card: OwnCard
  readonly wallet: Wallet
  /** minor units */
  readonly amount: bigint
  readonly note?: string | null | undefined
}

/** Why a merchant's wish for a card is going to be refused, apart from the amount. */
export async function foreseeWish(
  deps: CardUseDeps,
  { card, wallet }: Pick<CardWish, 'card' | 'wallet'>,
): Promise<CardRefusal | undefined> {
  const state = refusalOfState(card, deps.clock())
  if (state) return state
  const till = await findTill(deps.db, card.brand_id, wallet.id)
  if (!till?.accepted) return 'brand-not-accepted'
  if (till.books) return 'wallet-not-usable'
  return wallet.asset.id === card.asset_id ? undefined : 'currency-differs'
}

/** Spends all or part of a card: from its account to the merchant's wallet, once for each key. */
export async function redeemCard(deps: CardUseDeps, wish: CardWish): Promise<CardUseResult> {
  const { card, wallet, amount, actor, note = null } = wish
  const transaction = uuidV7(deps.clock())
  return submitCardUse(deps, wish, {
    transaction,
    kind: 'card-redemption',
    account: card.account_id,
    legs: [{ type: 'transfer', source: card.account_id, target: wallet.id, amount }],
    payload: { card: card.id, brand: card.brand, ...(note !== null && { description: note }) },
    content: { card: card.id, wallet: wallet.explicitId, amount: String(amount), note },
    doomed: (await foreseeWish(deps, wish)) ?? (card.balance - card.held < amount ? 'insufficient-balance' : undefined),
    effects: [
      {
        effect: cardRedeemed,
        row: (decided) => [
          transaction,
          card.id,
          String(wallet.id),
          wallet.partyId,
          String(amount),
          null,
          String(entryOf(decided, card.account_id)),
          note,
          actor,
          isoTime(decided.at),
          card.expires_at?.toISOString() ?? null,
        ],
      },
    ],
  })
}
