import { redeemCard } from '../../../src/operations/gift-cards/redeem-card.ts'
import { findOwnCard } from '../../../src/storage/card-use.ts'
import type { Wallet } from '../../../src/storage/wallets.ts'
import { type Account, type Books, decided, underKey } from './books.ts'
import type { Deps } from './installation.ts'
import type { Action } from './life.ts'

/** What a life has whose cards are spent at a shop, whatever they were bought by. */
type Spendable = Books & { readonly cards: Readonly<Record<string, string>>; readonly redeemed: number }

/** All, a part or more than is on a card is spent at the life's shop. */
export function spending<S extends Spendable>(
  scene: { shop: Wallet; actor: string; key(): string; pick<T>(of: readonly T[]): T },
  state: S,
  name: string,
  find: (deps: Deps) => Promise<string>,
): Action<S> {
  const { balance } = state.accounts[name] as Account
  const amount = Math.max(1, scene.pick([balance, 1, Math.ceil(balance / 2), balance + 1]))
  const key = scene.key()
  return {
    text: `${amount} of the card of ${name} is spent (${key})`,
    async run(deps) {
      const card = await findOwnCard(deps.db, { id: await find(deps) })
      if (!card) throw new Error(`the card of ${name} is gone`)
      const { shop: wallet, actor } = scene
      const result = await redeemCard(deps, { card, wallet, amount: BigInt(amount), actor, key })
      return result.accepted ? 'ok' : `no ${result.code}`
    },
    model: (before) =>
      underKey(before, { key, content: `${name} ${amount}` }, () => {
        const ended = before.cards[name] !== 'active' ? ['card-ended'] : []
        const short = (before.accounts[name] as Account).balance < amount ? ['insufficient-balance'] : []
        const made = decided(before, [{ source: name, target: 'shop', amount }], [...ended, ...short], (after) => ({
          ...after,
          redeemed: after.redeemed + amount,
        }))
        // The ledger's words for the two are the card's here.
        return made.filter(({ answer }) => !/source-closed|unavailable-funds/.test(answer))
      }),
  }
}
