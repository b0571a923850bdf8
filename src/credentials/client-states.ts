import { createSecretKey, type KeyObject } from 'node:crypto'
import { type ClientRow, findClient } from '../storage/clients.ts'
import type { Database } from '../storage/database.ts'
import { createFreshCache, type FreshCache } from './fresh-cache.ts'
import type { Keyring } from './keyring.ts'

/** A client ready for use: its HMAC key prepared. The same object for as long as the row does not change. */
export type ClientState = {
  id: string
  partyId: string
  name: string
  public: boolean
  disabled: boolean
  secretHash: Buffer | null
  signingKey: KeyObject | null
  redirectUris: readonly string[]
  scopes: ReadonlySet<string>
  /** may use the implicit flow */
  implicit: boolean
  /** tells whether the row changed */
  revision: string
}

export type ClientStates = FreshCache<ClientState>

const CAPACITY = 10_000

/** What a client's signing secret is sealed for. */
export const signingSecretContext = (clientId: string) => `client:${clientId}:signing_secret`

export function createClientStates(deps: { db: Database; keyring: Keyring; monotonic: () => number }): ClientStates {
  return createFreshCache<ClientState>({
    capacity: CAPACITY,
    monotonic: deps.monotonic,
    async load(id, previous) {
      const row = await findClient(deps.db, id)
      if (!row) return null
      const revision = revisionOf(row)
      return previous?.revision === revision ? previous : clientState(row, revision, deps.keyring)
    },
  })
}

const revisionOf = (row: ClientRow) =>
  JSON.stringify([
    row.party_id,
    row.name,
    row.public,
    row.secret_hash?.toString('base64'),
    row.signing_secret?.toString('base64'),
    row.redirect_uris,
    row.scopes,
    row.implicit,
    row.disabled_at,
  ])

function clientState(row: ClientRow, revision: string, keyring: Keyring): ClientState {
  const signingSecret = row.signing_secret && keyring.open(row.signing_secret, signingSecretContext(row.id))
  return {
    id: row.id,
    partyId: row.party_id,
    name: row.name,
    public: row.public,
    disabled: row.disabled_at !== null,
    secretHash: row.secret_hash,
    signingKey: signingSecret === null ? null : createSecretKey(signingSecret, 'utf8'),
    redirectUris: row.redirect_uris,
    scopes: new Set(row.scopes),
    implicit: row.implicit,
    revision,
  }
}
