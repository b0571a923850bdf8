import { amountToJson } from '../domain/money.ts'
import { ACCOUNT_STATUS } from '../ledger/lines.ts'
import type { StatementLine } from '../ledger/reads.ts'
import type { ApiKeyListing, ClientListing, PartyListing, WalletListing } from '../storage/directory-listings.ts'

// What operators are shown, in JSON: by the admin API and by the command line alike. No secret has a way in here.

const STATUSES = Object.keys(ACCOUNT_STATUS) as (keyof typeof ACCOUNT_STATUS)[]

export const partyView = (row: PartyListing) => ({
  id: row.id,
  kind: row.kind,
  name: row.name,
  created_at: row.created_at.toISOString(),
})

export function walletView(row: WalletListing) {
  const amount = (minor: bigint) => amountToJson(minor, row.exponent)
  const limit = (minor: bigint | null) => (minor === null ? null : amount(minor))
  return {
    id: row.explicit_id,
    opaque_id: row.opaque_id,
    party_id: row.party_id,
    parent: row.parent,
    currency: row.currency,
    circle: row.circle,
    exponent: row.exponent,
    status: STATUSES[row.status] as (typeof STATUSES)[number],
    balance: amount(row.balance),
    held: amount(row.held),
    lower: limit(row.lower),
    upper: limit(row.upper),
    opened_at: row.opened_at.toISOString(),
  }
}

export const clientView = (row: ClientListing) => ({
  id: row.id,
  party_id: row.party_id,
  name: row.name,
  public: row.public,
  redirect_uris: row.redirect_uris,
  scopes: row.scopes,
  implicit: row.implicit,
  created_at: row.created_at.toISOString(),
  disabled_at: row.disabled_at?.toISOString() ?? null,
})

export const apiKeyView = (row: ApiKeyListing) => ({
  id: row.id,
  party_id: row.party_id,
  name: row.name,
  scopes: row.scopes,
  created_at: row.created_at.toISOString(),
  revoked_at: row.revoked_at?.toISOString() ?? null,
})

export const statementView = (line: StatementLine, exponent: number) => ({
  entry: Number(line.seq),
  reference: line.reference,
  kind: line.kind,
  amount: amountToJson(line.amount, exponent),
  balance: amountToJson(line.balance, exponent),
  counterparty: line.counterpartyId ?? `account:${line.counterparty}`,
  details: JSON.parse(line.payload) as Record<string, unknown>,
  at: line.at.toISOString(),
})

export type PageView<View> = { items: View[]; next: string | null }

/** A page of `limit` rows out of up to one more, which tells whether another page follows. */
export function pageView<Row, View>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => View,
  cursor: (row: Row) => string,
): PageView<View> {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return { items: page.map(view), next: rows.length > limit && last !== undefined ? cursor(last) : null }
}
