import { type ConsentRow, findConsent } from '../storage/consents.ts'
import type { Database } from '../storage/database.ts'
import { createFreshCache, type FreshCache } from './fresh-cache.ts'

/** What an owner allows an application now. The same object for as long as that does not change. */
export type ConsentState = {
  clientId: string
  partyId: string
  scopes: ReadonlySet<string>
  /** account ids: those consented to that the owner still owns */
  wallets: ReadonlySet<bigint>
  /** ms since the epoch; null: until it is withdrawn */
  expiresAt: number | null
  /** tells whether it changed */
  revision: string
}

/** By the consent's id; null once it is withdrawn. At most five seconds behind the database. */
export type ConsentStates = FreshCache<ConsentState>

const CAPACITY = 10_000

export function createConsentStates(deps: { db: Database; monotonic: () => number }): ConsentStates {
  return createFreshCache<ConsentState>({
    capacity: CAPACITY,
    monotonic: deps.monotonic,
    async load(id, previous) {
      const row = await findConsent(deps.db, id)
      if (!row) return null
      const state = consentState(row)
      return previous?.revision === state.revision ? previous : state
    },
  })
}

function consentState(row: ConsentRow): ConsentState {
  const wallets = row.wallets.map(({ id }) => id)
  const expiresAt = row.expires_at?.getTime() ?? null
  return {
    clientId: row.client_id,
    partyId: row.party_id,
    scopes: new Set(row.scopes),
    wallets: new Set(wallets),
    expiresAt,
    revision: [expiresAt, ...row.scopes, ...wallets].join(' '),
  }
}
