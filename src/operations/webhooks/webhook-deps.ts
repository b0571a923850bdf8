import type { Keyring } from '../../credentials/keyring.ts'
import type { AddressRules } from '../../delivery/address-rules.ts'
import type { Sql } from '../../storage/database.ts'

/** What the operations on webhook endpoints need. Those that write take the caller's transaction as `db`. */
export type WebhookDeps = {
  db: Sql
  keyring: Keyring
  /** ms since the epoch */
  clock: () => number
  /** which addresses may be called */
  addressRules: AddressRules
}
