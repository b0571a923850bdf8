import { hash } from 'node:crypto'
import { uuidV7 } from '../../domain/uuid.ts'
import { cardStatusChanged, findCardState } from '../../storage/card-listings.ts'
import { OperationRefusal, requireUuid } from '../input.ts'
import { type GiftDeps, isoTime, NO_ANSWER } from './gift-deps.ts'

/**
 * Blocks a card or (`to: 'active'`) lets it go. The account of a card of ours is frozen in the same transaction, so that nothing
 * leaves it once this has returned. Asked again, nothing changes.
 * @throws {OperationRefusal}
 */
export async function setCardBlocked(
  deps: Pick<GiftDeps, 'db' | 'ledger' | 'clock'>,
  actor: string,
  input: { cardId: string; to: 'active' | 'blocked'; reason: string | null },
): Promise<void> {
  const { cardId, to, reason } = input
  const card = await findCardState(deps.db, requireUuid('card_id', cardId))
  if (!card) throw new OperationRefusal('not_found', 'card_id', 'there is no such card')
  if (card.status === 'ended') throw new OperationRefusal('conflict', 'status', 'the card has ended')
  if (card.status === to) return
  const { account_id: account, changes } = card
  const what = to === 'blocked' ? 'blocked' : 'unblocked'
  const now = deps.clock()
  const { outcome } = await deps.ledger.submit({
    principal: `card:${cardId}`,
    // Of two changes that begin from one state, one is made.
    key: { value: `status-${changes}`, hash: hash('sha256', what).slice(0, 32) },
    transaction: uuidV7(now),
    kind: 'card-status',
    legs: account === null ? [] : [{ type: 'change-account', account, status: to === 'blocked' ? 'frozen' : 'open' }],
    payload: JSON.stringify({ card: cardId, status: to, by: actor }),
    effects: [
      {
        effect: cardStatusChanged,
        row: ({ at }) => [uuidV7(now), cardId, to, what, actor, reason, isoTime(at)],
      },
    ],
    answer: NO_ANSWER,
  })
  // Without an outcome the same change was made meanwhile.
  if (!outcome || outcome.accepted) return
  throw new OperationRefusal('conflict', 'status', 'the card was changed meanwhile: ask again')
}
