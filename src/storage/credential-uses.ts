import type { Sql } from './database.ts'
import { firstId } from './order-listings.ts'

// What a credential was used for. None of these tables has an index by who acted, because every payment would pay for it: a page looks
// at so many rows from the newest on, and says how far it came.

/** Rows that one look costs at most. */
export const USE_SCAN = 20_000

export type Who = {
  /** names in the ledger; `client:ID` stands for all that it did, also for others */
  readonly principals: readonly string[]
  /** party for which clients acted; null: does not matter */
  readonly behalf: string | null
}

const ACTED = (column: string, who: string, behalf: string) =>
  `(split_part(${column}, ':party:', 1) = any(${who}::text[]) or ${column} = any(${who}::text[])
    or split_part(${column}, ':party:', 2) = ${behalf}::text)`

export type LedgerUse = {
  readonly id: string
  readonly at: Date
  readonly kind: string
  readonly principal: string
  /** of its first movement; null: it moved nothing */
  readonly amount: bigint | null
  readonly code: string | null
  readonly exponent: number | null
  /** explicit ids */
  readonly source: string | null
  readonly target: string | null
}

/** A look: what was found, and where the next one goes on; null: everything was looked at. */
export type Look<Row> = { readonly rows: readonly Row[]; readonly next: string | null }

type Range = { readonly since: Date; readonly before: string | undefined; readonly scan?: number }

/** Newest first. */
export async function lookAtLedger(sql: Sql, { principals, behalf }: Who, range: Range): Promise<Look<LedgerUse>> {
  const name = (w: string) => `${w}.namespace || ':' || ${w}.number || ':' || ${w}.currency`
  return look<LedgerUse>(
    sql,
    'select id, at, kind, principal from transaction',
    range,
    `select f.*, t.amount, s.code, s.exponent, ${name('a')} as source, ${name('b')} as target
     from (select * from looked where ${ACTED('principal', '$4', '$5')}) f
     left join transfer t on t.transaction_id = f.id and t.leg = (select min(leg) from transfer m where m.transaction_id = f.id)
     left join asset s on s.id = t.asset_id left join wallet a on a.id = t.source left join wallet b on b.id = t.target`,
    [principals, behalf],
  )
}

export type CallUse = {
  readonly id: string
  readonly at: Date
  readonly method: string
  readonly route: string
  readonly status: number
  readonly request_id: string | null
  readonly address: string | null
}

/** Calls of the partner protocols: of one credential, or of a party. */
export async function lookAtCalls(
  sql: Sql,
  { partyId, credentialId }: { partyId: string; credentialId: string | null },
  range: Range,
): Promise<Look<CallUse>> {
  return look<CallUse>(
    sql,
    'select id, at, method, route, status, request_id, address, credential_id from api_call where party_id = $4 and',
    range,
    'select * from looked where $5::uuid is null or credential_id = $5',
    [partyId, credentialId],
  )
}

export type CardUse = {
  readonly id: string
  readonly at: Date
  readonly what: string
  readonly card_id: string
  readonly principal: string
}

/** Looks at codes, blocks and the like. */
export async function lookAtCards(sql: Sql, { principals, behalf }: Who, range: Range): Promise<Look<CardUse>> {
  return look<CardUse>(
    sql,
    'select id, at, what, card_id, principal from card_event',
    range,
    `select * from looked where ${ACTED('principal', '$4', '$5')}`,
    [principals, behalf],
  )
}

export type ActUse = {
  readonly id: string
  readonly at: Date
  readonly act: string
  readonly object: string
  readonly address: string
  readonly outcome: string | null
}

/** What was done in the console. */
export async function lookAtActs(
  sql: Sql,
  { partyId, email }: { partyId: string; email: string | null },
  range: Range,
): Promise<Look<ActUse>> {
  return look<ActUse>(
    sql,
    'select id, at, email, act, object, address, outcome from console_act where party_id = $4 and',
    range,
    'select * from looked where $5::text is null or email = $5',
    [partyId, email],
  )
}

export type OrderUse = {
  readonly id: string
  readonly at: Date
  readonly status: string
  readonly request_id: string
  readonly amount: bigint
  readonly code: string
  readonly exponent: number
}

/** Orders of a partner by the protocol of a credential; a partner with several cannot tell them apart. */
export async function lookAtOrders(
  sql: Sql,
  of: { partnerId: string; protocol: string | null },
  range: Range,
): Promise<Look<OrderUse>> {
  return look<OrderUse>(
    sql,
    'select id, created_at as at, status, request_id, face as amount, asset_id, protocol from gift_order where partner_id = $4 and',
    range,
    'select f.*, s.code, s.exponent from looked f join asset s on s.id = f.asset_id where $5::text is null or protocol = $5',
    [of.partnerId, of.protocol],
  )
}

export type TokenUse = {
  readonly id: string
  readonly client_id: string
  readonly party_id: string
  readonly rotated_at: Date | null
}

/** Families of refresh tokens that were issued; their ids are no secrets here, but are not shown. */
export async function lookAtTokens(
  sql: Sql,
  of: { clients: readonly string[]; behalf: string | null },
  range: Range,
): Promise<Look<TokenUse>> {
  return look<TokenUse>(
    sql,
    'select id, client_id, party_id, rotated_at from refresh_family',
    range,
    'select * from looked where client_id = any($4::text[]) or party_id = $5::uuid',
    [of.clients, of.behalf],
  )
}

/** @param from what is looked at, newest first; the condition on the id is added */
async function look<Row extends { readonly id: string }>(
  sql: Sql,
  from: string,
  { since, before, scan = USE_SCAN }: Range,
  sift: string,
  more: readonly unknown[],
): Promise<Look<Row>> {
  const joined = from.endsWith('and') ? from : `${from} where`
  const rows = await sql.query<Row & { seen: bigint; last: string | null }>(
    `with looked as materialized (
       ${joined} id >= $1::uuid and id < $2::uuid order by id desc limit $3
     ), bound as (select count(*) as seen, (array_agg(id order by id))[1] as last from looked)
     select b.seen, b.last, g.* from bound b left join (${sift}) g on true order by g.id desc`,
    [firstId(since), before ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff', scan, ...more],
  )
  const [bound] = rows
  const next = bound !== undefined && Number(bound.seen) >= scan ? bound.last : null
  return { rows: rows.filter(({ id }) => id !== null), next }
}

/** Transaction tokens that were issued under these names and that nobody has used. */
export function listOpenTokensOf(sql: Sql, { principals, behalf }: Who): Promise<{ id: string; party_id: string }[]> {
  return sql.query<{ id: string; party_id: string }>(
    `select k.id, w.party_id from transaction_token k join transaction x on x.id = k.id join wallet w on w.id = k.subject
     where k.status = 0 and k.expires_at > clock_timestamp() and ${ACTED('x.principal', '$1', '$2')} order by k.id limit 10000`,
    [principals, behalf],
  )
}

export type CredentialOfPartner = { readonly partner_id: string; readonly protocol: string }

export async function findCredentialOfPartner(sql: Sql, id: string): Promise<CredentialOfPartner | undefined> {
  return (
    await sql.query<CredentialOfPartner>('select partner_id, protocol from partner_credential where id = $1', [id])
  )[0]
}

export async function listPartnersOf(sql: Sql, partyId: string): Promise<string[]> {
  const rows = await sql.query<{ id: string }>('select id from partner where party_id = $1 order by id', [partyId])
  return rows.map(({ id }) => id)
}
