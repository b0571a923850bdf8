import type { Sql } from './database.ts'
import type { PartyWallet } from './party-wallets.ts'

/** A consent that was not withdrawn. Whether its time is over is for the reader to say, who knows what time it is. */
export type ConsentRow = {
  id: string
  client_id: string
  party_id: string
  scopes: string[]
  expires_at: Date | null
  /** those of the wallets consented to that the owner still owns */
  wallets: PartyWallet[]
}

type Read = Omit<ConsentRow, 'wallets'> & { wallet_ids: string[]; wallet_names: string[] }

const WALLETS = 'from wallet w where w.id = any(c.wallet_ids) and w.party_id = c.party_id order by w.id'
const OWNED = `
  array(select w.id::text ${WALLETS}) as wallet_ids,
  array(select w.namespace || ':' || w.number || ':' || w.currency ${WALLETS}) as wallet_names`
const SELECT = `
select c.id, c.client_id, c.party_id, c.scopes, c.expires_at, ${OWNED}
from consent c where c.revoked_at is null`

export async function findConsent(sql: Sql, id: string): Promise<ConsentRow | undefined> {
  const rows = await sql.query<Read>(`${SELECT} and c.id = $1`, [id])
  return rows[0] && withWallets(rows[0])
}

/** What an owner has allowed an application, if anything. */
export async function findConsentOf(sql: Sql, clientId: string, partyId: string): Promise<ConsentRow | undefined> {
  const rows = await sql.query<Read>(`${SELECT} and c.client_id = $1 and c.party_id = $2`, [clientId, partyId])
  return rows[0] && withWallets(rows[0])
}

function withWallets({ wallet_ids: ids, wallet_names: names, ...row }: Read): ConsentRow {
  const wallets = ids.map((id, index) => ({
    id: BigInt(id),
    party_id: row.party_id,
    explicit_id: names[index] as string,
  }))
  return { ...row, wallets }
}

export type NewConsent = {
  id: string
  clientId: string
  partyId: string
  scopes: string[]
  walletIds: bigint[]
  at: Date
  expiresAt: Date | null
}

/** Makes room for another consent of the pair where the one that there was has come to its end. */
export async function closeEndedConsent(sql: Sql, clientId: string, partyId: string, at: Date): Promise<void> {
  await sql.query(
    `update consent set revoked_at = expires_at
     where client_id = $1 and party_id = $2 and revoked_at is null and expires_at <= $3`,
    [clientId, partyId, at],
  )
}

/** The owner's new answer takes the place of the one before. @returns the id of the live row */
export async function upsertConsent(sql: Sql, consent: NewConsent): Promise<string> {
  const rows = await sql.query<{ id: string }>(
    `insert into consent (id, client_id, party_id, scopes, wallet_ids, granted_at, expires_at)
     values ($1, $2, $3, $4, $5::bigint[], $6, $7)
     on conflict (client_id, party_id) where revoked_at is null do update set scopes = excluded.scopes,
       wallet_ids = excluded.wallet_ids, granted_at = excluded.granted_at, expires_at = excluded.expires_at
     returning id`,
    [
      consent.id,
      consent.clientId,
      consent.partyId,
      consent.scopes,
      consent.walletIds.map(String),
      consent.at,
      consent.expiresAt,
    ],
  )
  return (rows[0] as { id: string }).id
}

export type ConsentListing = {
  id: string
  client_id: string
  client_name: string
  scopes: string[]
  /** explicit ids */
  wallet_names: string[]
  granted_at: Date
  last_used_at: Date | null
  expires_at: Date | null
}

/** Everything that an owner allows at a moment, the latest first. */
export async function listConsentsOfParty(sql: Sql, partyId: string, at: Date): Promise<ConsentListing[]> {
  return sql.query<ConsentListing>(
    `select c.id, c.client_id, client.name as client_name, c.scopes, ${OWNED}, c.granted_at, c.last_used_at, c.expires_at
     from consent c join client on client.id = c.client_id
     where c.party_id = $1 and c.revoked_at is null and (c.expires_at is null or c.expires_at > $2)
     order by c.granted_at desc, c.id`,
    [partyId, at],
  )
}

/** @returns false when the owner has no such consent, or withdrew it before */
export async function markConsentRevoked(
  sql: Sql,
  consent: { id: string; partyId: string; at: Date },
): Promise<boolean> {
  const rows = await sql.query(
    'update consent set revoked_at = $3 where id = $1 and party_id = $2 and revoked_at is null returning id',
    [consent.id, consent.partyId, consent.at],
  )
  return rows.length === 1
}

/** Whether the owner ever gave this consent, withdrawn or not; an ended one is forgotten after a while. @param id a UUID */
export async function wasConsentOf(sql: Sql, { id, partyId }: { id: string; partyId: string }): Promise<boolean> {
  return (await sql.query('select from consent where id = $1 and party_id = $2', [id, partyId])).length === 1
}

/** A token was issued under it, and so to its client; of that it is noted to the minute. */
export async function markConsentUsed(sql: Sql, id: string, at: Date): Promise<void> {
  await sql.query(
    `with used as (update consent set last_used_at = $2 where id = $1 returning client_id)
     update client set last_used_at = $2 from used
     where client.id = used.client_id and (client.last_used_at is null or client.last_used_at < $2::timestamptz - interval '1 minute')`,
    [id, at],
  )
}

/** Forgets consents that ended before a moment. @returns rows deleted, at most `limit` */
export async function deleteEndedConsents(sql: Sql, endedBefore: Date, limit: number): Promise<number> {
  const rows = await sql.query(
    `delete from consent where id in
       (select id from consent where revoked_at < $1 or expires_at < $1 limit $2 for update skip locked)
     returning id`,
    [endedBefore, limit],
  )
  return rows.length
}
