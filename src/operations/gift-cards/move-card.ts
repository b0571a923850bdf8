import { makeCardLink } from '../../credentials/card-codes.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import { type LinkedCard, linkContext, moveCard } from '../../storage/card-links.ts'
import type { GiftDeps } from './gift-deps.ts'

type Deps = Pick<GiftDeps, 'db' | 'keyring' | 'clock'>
type Moving = Pick<LinkedCard, 'id' | 'link_version' | 'wallet_party_id'>

/** Puts a card that nobody keeps into a person's wallet. @returns the secret of its new address; null: somebody was faster */
export const claimCard = (deps: Deps, card: Moving, partyId: string): Promise<string | null> =>
  card.wallet_party_id === null
    ? move(deps, card, { to: partyId, what: 'claimed', principal: `person:${partyId}` })
    : Promise.resolve(null)

/**
 * Takes a card out of its holder's wallet again, under a new link for somebody else. Until it is claimed, whoever has the link
 * has the card.
 * @returns the secret of its new address; null: it is not this party's, or has moved meanwhile
 */
export const giveCard = (deps: Deps, card: Moving, partyId: string): Promise<string | null> =>
  card.wallet_party_id === partyId
    ? move(deps, card, { to: null, what: 'given', principal: `person:${partyId}` })
    : Promise.resolve(null)

async function move(
  deps: Deps,
  card: Moving,
  { to, what, principal }: { to: string | null; what: 'claimed' | 'given'; principal: string },
): Promise<string | null> {
  const { link, hash } = makeCardLink()
  const moved = await moveCard(deps.db, {
    eventId: uuidV7(deps.clock()),
    cardId: card.id,
    version: card.link_version,
    from: card.wallet_party_id,
    to,
    linkHash: hash,
    link: deps.keyring.seal(link, linkContext(card.id, card.link_version + 1)),
    what,
    principal,
  })
  return moved ? link : null
}
