import type { CardSecrets } from '../../credentials/card-codes.ts'
import type { Keyring } from '../../credentials/keyring.ts'
import type { CardRow } from '../../storage/cards.ts'

/** What is secret about a card, for the partner that has bought it: no look that is worth writing down. */
export const boughtSecrets = ({ keyring }: { keyring: Keyring }, row: CardRow): CardSecrets =>
  JSON.parse(keyring.open(row.code, `card:${row.id}:secrets`)) as CardSecrets
