import type { Leg } from '../../domain/posting.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import { type ExpiringCard, listExpiredCards } from '../../storage/card-use.ts'
import { cardEnded } from '../../storage/cards.ts'
import { type GiftDeps, isoTime, NO_ANSWER } from './gift-deps.ts'

type Deps = Pick<GiftDeps, 'db' | 'ledger' | 'clock'>

const BATCH = 200

/**
 * Ends the cards whose time is over: what is left goes to the brand's breakage account, and the card's account is closed in the
 * same transaction. One that is used or held meanwhile stays and is looked at again.
 * @returns how many ended
 */
export async function expireCards(deps: Deps, signal?: AbortSignal): Promise<number> {
  let ended = 0
  for (;;) {
    const cards = await listExpiredCards(deps.db, new Date(deps.clock()), BATCH)
    // Side by side, so that they share the ledger's commits.
    const results = await Promise.all(cards.map((card) => expireCard(deps, card)))
    const gone = results.filter((done) => done).length
    ended += gone
    if (gone < BATCH || signal?.aborted) return ended
  }
}

/** Without a key: a refusal is no answer for ever, and a second end breaks the key of `card_end`. @returns whether it ended now */
async function expireCard(deps: Deps, card: ExpiringCard): Promise<boolean> {
  const { id, account_id: account, balance, breakage, brand } = card
  const transaction = uuidV7(deps.clock())
  const close: Leg = { type: 'change-account', account, status: 'closed' }
  const { outcome } = await deps.ledger.submit({
    principal: 'worker',
    transaction,
    kind: 'card-expiry',
    // The account closes only when it is empty: so `amount` is all that was left.
    legs: balance > 0n ? [{ type: 'transfer', source: account, target: breakage, amount: balance }, close] : [close],
    payload: JSON.stringify({ card: id, brand }),
    effects: [{ effect: cardEnded, row: ({ at }) => [id, 'expired', String(balance), transaction, isoTime(at)] }],
    answer: NO_ANSWER,
  })
  return outcome?.accepted === true
}
