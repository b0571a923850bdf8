import { listConsentsOfParty } from '../storage/consents.ts'
import type { Sql } from '../storage/database.ts'

export type ConsentView = {
  id: string
  clientId: string
  clientName: string
  scopes: string[]
  /** explicit ids of those that the owner still owns */
  wallets: string[]
  grantedAt: Date
  /** when a token was issued under it */
  lastUsedAt: Date | null
  expiresAt: Date | null
}

/** The applications that may act for an owner, the latest consent first. @param now ms since the epoch */
export async function listConsents(db: Sql, partyId: string, now = Date.now()): Promise<ConsentView[]> {
  const rows = await listConsentsOfParty(db, partyId, new Date(now))
  return rows.map((row) => ({
    id: row.id,
    clientId: row.client_id,
    clientName: row.client_name,
    scopes: row.scopes,
    wallets: row.wallet_names,
    grantedAt: row.granted_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
  }))
}
