import type { Sql } from './database.ts'
import type { ApiKeyListing, ClientListing } from './directory-listings.ts'
import { byName, lowerName, where } from './where.ts'

// What the console shows of clients, consents and API keys. No secret is read.

/** `party_id` of whose they are; absent: everybody's. `after`: the last one of the page before. */
type Search = { readonly partyId?: string | undefined; readonly after?: string | undefined; readonly limit: number }

export type ClientRecord = ClientListing & { readonly party_name: string; readonly last_used_at: Date | null }

const CLIENT = `select c.id, c.party_id, p.name as party_name, c.name, c.public, c.redirect_uris, c.scopes, c.implicit,
  c.disabled_at, c.created_at, c.last_used_at from client c join party p on p.id = c.party_id`

/** In the order of their ids; searched by name, in that of their names. @param search.name how it begins, in any case */
export function searchClients(
  sql: Sql,
  { partyId, name, after, limit }: Search & { name?: string | undefined },
): Promise<ClientRecord[]> {
  const { conditions, order } = byName({ table: 'client', alias: 'c', name: lowerName, beginning: name, after })
  const of = where([['c.party_id = $', partyId], ...conditions], [limit])
  return sql.query<ClientRecord>(`${CLIENT} where ${of.text} order by ${order} limit $1`, of.values)
}

export async function findClientRecord(sql: Sql, id: string): Promise<ClientRecord | undefined> {
  return (await sql.query<ClientRecord>(`${CLIENT} where c.id = $1`, [id]))[0]
}

/** A consent, also one that has ended. */
export type GrantRecord = {
  readonly id: string
  readonly client_id: string
  readonly client_name: string
  /** whose the client is */
  readonly client_party: string
  /** who allowed it */
  readonly party_id: string
  readonly party_name: string
  readonly scopes: string[]
  /** explicit ids of those that the owner still owns */
  readonly wallets: string[]
  readonly granted_at: Date
  readonly last_used_at: Date | null
  readonly expires_at: Date | null
  readonly revoked_at: Date | null
}

const grantsOf = (
  from: string,
) => `select g.id, g.client_id, c.name as client_name, c.party_id as client_party, g.party_id,
  p.name as party_name, g.scopes, g.granted_at, g.last_used_at, g.expires_at, g.revoked_at,
  array(select w.namespace || ':' || w.number || ':' || w.currency from wallet w
    where w.id = any(g.wallet_ids) and w.party_id = g.party_id order by w.id) as wallets
from (${from}) g join client c on c.id = g.client_id join party p on p.id = g.party_id order by g.id desc`

/** Clients of a party up to which each one's consents are looked up. A party with more has most consents of all, so the newest are walked through. */
const MANY_CLIENTS = 5_000

/**
 * Newest first. Of a party each client's newest are read from its own part of an index.
 * @param search.partyId whose clients they were given to
 * @param search.owner party that gave them
 * @param search.live those that were not withdrawn
 */
export async function searchGrants(
  sql: Sql,
  search: Search & { clientId?: string | undefined; owner?: string | undefined; live?: boolean },
): Promise<GrantRecord[]> {
  const { partyId, clientId, owner, after, limit } = search
  // One client or one person narrows it enough; else it depends on how many clients there are.
  const each =
    partyId !== undefined && clientId === undefined && owner === undefined && !(await hasManyClients(sql, partyId))
  const of = where(
    [
      ['g.client_id = $', clientId],
      ['g.party_id = $', owner],
      ['g.id < $', after],
    ],
    partyId === undefined ? [limit] : [limit, partyId],
  )
  const live = search.live ? ' and g.revoked_at is null' : ''
  // Of a client that is named, whose it is is asked once, and not of each of its grants.
  const own =
    clientId === undefined
      ? 'exists (select from client o where o.id = g.client_id and o.party_id = $2 offset 0)'
      : '(select exists (select from client o where o.id = $3 and o.party_id = $2))'
  const page = `select * from consent g where ${of.text}${live}`
  const from =
    partyId === undefined
      ? `${page} order by g.id desc limit $1`
      : !each
        ? `${page} and ${own} order by g.id desc limit $1`
        : `select q.* from client o cross join lateral (${page} and g.client_id = o.id order by g.id desc limit $1) q
         where o.party_id = $2 order by q.id desc limit $1`
  return sql.query<GrantRecord>(grantsOf(from), of.values)
}

async function hasManyClients(sql: Sql, partyId: string): Promise<boolean> {
  const [row] = await sql.query<{ many: boolean }>(
    'select count(*) >= $2 as many from (select from client where party_id = $1 limit $2) c',
    [partyId, MANY_CLIENTS],
  )
  return row?.many ?? false
}

export async function findGrant(sql: Sql, id: string): Promise<GrantRecord | undefined> {
  return (await sql.query<GrantRecord>(grantsOf('select * from consent where id = $1'), [id]))[0]
}

export type ApiKeyRecord = ApiKeyListing & { readonly party_name: string }

const API_KEY = `select k.id, k.party_id, p.name as party_name, k.name, k.scopes, k.created_at, k.revoked_at
from api_key k join party p on p.id = k.party_id`

export function searchApiKeys(sql: Sql, { partyId, after, limit }: Search): Promise<ApiKeyRecord[]> {
  const of = where(
    [
      ['k.party_id = $', partyId],
      ['k.id < $', after],
    ],
    [limit],
  )
  return sql.query<ApiKeyRecord>(`${API_KEY} where ${of.text} order by k.id desc limit $1`, of.values)
}

export async function findApiKeyRecord(sql: Sql, id: string): Promise<ApiKeyRecord | undefined> {
  return (await sql.query<ApiKeyRecord>(`${API_KEY} where k.id = $1`, [id]))[0]
}
