import type { Sql } from './database.ts'

// What operators see of the directory. A page is what follows `after` in the order of the ids, so that no page shifts.

export type Page<Id> = { after?: Id | undefined; limit: number }

export type PartyListing = { id: string; kind: 'person' | 'business'; name: string; created_at: Date }

const PARTY = 'select id, kind, name, created_at from party'

export async function listParties(sql: Sql, { after, limit }: Page<string>): Promise<PartyListing[]> {
  return sql.query(`${PARTY} where $1::uuid is null or id > $1 order by id limit $2`, [after ?? null, limit])
}

export async function findPartyListing(sql: Sql, id: string): Promise<PartyListing | undefined> {
  return (await sql.query<PartyListing>(`${PARTY} where id = $1`, [id]))[0]
}

export type WalletListing = {
  /** the account's id */
  id: bigint
  explicit_id: string
  opaque_id: string
  party_id: string
  /** explicit id */
  parent: string | null
  currency: string
  circle: string
  exponent: number
  balance: bigint
  held: bigint
  lower: bigint | null
  upper: bigint | null
  /** as in the account table */
  status: number
  opened_at: Date
}

const WALLET = `
select w.id, w.namespace || ':' || w.number || ':' || w.currency as explicit_id, w.opaque_id, w.party_id,
  p.namespace || ':' || p.number || ':' || p.currency as parent, w.currency, s.circle, s.exponent,
  a.balance, a.held, a.lower, a.upper, a.status, w.opened_at
from wallet w join account a on a.id = w.id join asset s on s.id = a.asset_id left join wallet p on p.id = w.parent_id`

/** The wallets of a party that are its own to see and to spend: those that are kept for gift cards and loans are not. */
export async function listOwnWalletsPage(
  sql: Sql,
  { after, limit, partyId }: Page<bigint> & { partyId: string },
): Promise<WalletListing[]> {
  const values = [after ?? 0n, limit, partyId]
  return sql.query(`${WALLET} where w.party_id = $3 and w.id > $1 and not w.kept order by w.id limit $2`, values)
}

export async function listWalletsPage(
  sql: Sql,
  { after, limit, partyId }: Page<bigint> & { partyId?: string | undefined },
): Promise<WalletListing[]> {
  // Two statements rather than "or": each is one range of an index, whatever the planner thinks of the other.
  return partyId === undefined
    ? sql.query(`${WALLET} where w.id > $1 order by w.id limit $2`, [after ?? 0n, limit])
    : sql.query(`${WALLET} where w.party_id = $3 and w.id > $1 order by w.id limit $2`, [after ?? 0n, limit, partyId])
}

export async function findWalletListing(sql: Sql, id: bigint): Promise<WalletListing | undefined> {
  return (await sql.query<WalletListing>(`${WALLET} where w.id = $1`, [id]))[0]
}

export type ClientListing = {
  id: string
  party_id: string
  name: string
  public: boolean
  redirect_uris: string[]
  scopes: string[]
  implicit: boolean
  disabled_at: Date | null
  created_at: Date
}

const CLIENT = 'select id, party_id, name, public, redirect_uris, scopes, implicit, disabled_at, created_at from client'

export async function listClients(sql: Sql, { after, limit }: Page<string>): Promise<ClientListing[]> {
  return sql.query(`${CLIENT} where id > $1 order by id limit $2`, [after ?? '', limit])
}

export async function findClientListing(sql: Sql, id: string): Promise<ClientListing | undefined> {
  return (await sql.query<ClientListing>(`${CLIENT} where id = $1`, [id]))[0]
}

export type ApiKeyListing = {
  id: string
  party_id: string
  name: string
  scopes: string[]
  created_at: Date
  revoked_at: Date | null
}

const API_KEY = 'select id, party_id, name, scopes, created_at, revoked_at from api_key'

export async function listApiKeys(sql: Sql, { after, limit }: Page<string>): Promise<ApiKeyListing[]> {
  return sql.query(`${API_KEY} where $1::uuid is null or id > $1 order by id limit $2`, [after ?? null, limit])
}

export async function findApiKeyListing(sql: Sql, id: string): Promise<ApiKeyListing | undefined> {
  return (await sql.query<ApiKeyListing>(`${API_KEY} where id = $1`, [id]))[0]
}
