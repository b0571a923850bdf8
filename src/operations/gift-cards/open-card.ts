import type { CardSecrets } from '../../credentials/card-codes.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import { insertCardEvent } from '../../storage/card-listings.ts'
import type { CardRow } from '../../storage/cards.ts'
import type { GiftDeps } from './gift-deps.ts'

/** What of a card is told to whoever has its page. */
export type Told = 'code-shown' | 'pin-shown' | 'barcode-shown' | 'pdf-made'

/** Whether the card is a code, or nothing but a page of its vendor's. Tells nothing of it. */
export const isVendorsPage = ({ keyring }: Pick<GiftDeps, 'keyring'>, card: Pick<CardRow, 'id' | 'code'>): boolean =>
  readSecrets(keyring, card).code === ''

const readSecrets = (keyring: GiftDeps['keyring'], { id, code }: Pick<CardRow, 'id' | 'code'>): CardSecrets =>
  JSON.parse(keyring.open(code, `card:${id}:secrets`)) as CardSecrets

/** What is secret about a card, for its own page. That it was told, and to whom, is written down before. */
export async function openCard(
  deps: Pick<GiftDeps, 'db' | 'keyring' | 'clock'>,
  card: Pick<CardRow, 'id' | 'code'>,
  { what, principal }: { what: Told; principal: string },
): Promise<CardSecrets> {
  await insertCardEvent(deps.db, { id: uuidV7(deps.clock()), cardId: card.id, what, principal, detail: null })
  return readSecrets(deps.keyring, card)
}
