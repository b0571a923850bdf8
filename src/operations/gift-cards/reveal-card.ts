import type { CardSecrets } from '../../credentials/card-codes.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import { insertCardEvent } from '../../storage/card-listings.ts'
import { findCard } from '../../storage/cards.ts'
import { OperationRefusal, requireUuid } from '../input.ts'
import type { GiftDeps } from './gift-deps.ts'

export type RevealedCard = CardSecrets & {
  /** the secret in the address of the card's page */
  readonly link: string
}

/** What is secret about a card. Who asked, and why, is written down before it is told. @throws {OperationRefusal} */
export async function revealCard(
  deps: Pick<GiftDeps, 'db' | 'keyring' | 'clock'>,
  actor: string,
  { cardId, reason }: { cardId: string; reason: string },
): Promise<RevealedCard> {
  const card = await findCard(deps.db, { id: requireUuid('card_id', cardId) })
  if (!card) throw new OperationRefusal('not_found', 'card_id', 'there is no such card')
  const id = uuidV7(deps.clock())
  await insertCardEvent(deps.db, { id, cardId: card.id, what: 'revealed', principal: actor, detail: reason })
  const secrets = JSON.parse(deps.keyring.open(card.code, `card:${card.id}:secrets`)) as CardSecrets
  return { ...secrets, link: deps.keyring.open(card.link, `card:${card.id}:link`) }
}
