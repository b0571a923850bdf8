import type { Sql } from './database.ts'
import { firstId } from './order-listings.ts'
import type { CredentialProtocol } from './partners.ts'

// What a business sees of itself on its first page; each a look at few rows, whatever the tables' size. Amounts in minor units.

/** A float, and below which amount it is low; null: the operator has set no mark. */
export type OwnFloat = {
  readonly wallet: string
  readonly partner: string
  readonly currency: string
  readonly exponent: number
  readonly balance: bigint
  readonly held: bigint
  readonly lower: bigint | null
  readonly below: bigint | null
}

export function listOwnFloats(sql: Sql, partyId: string): Promise<OwnFloat[]> {
  return sql.query<OwnFloat>(
    `select w.namespace || ':' || w.number || ':' || w.currency as wallet, p.slug as partner, s.code as currency, s.exponent,
       a.balance, a.held, a.lower, l.below
     from partner p join partner_float f on f.partner_id = p.id join wallet w on w.id = f.wallet_id
     join account a on a.id = f.wallet_id join asset s on s.id = f.asset_id left join float_alert l on l.wallet_id = f.wallet_id
     where p.party_id = $1 and p.disabled_at is null order by s.code, p.slug limit 50`,
    [partyId],
  )
}

export type FailedOrder = {
  readonly id: string
  readonly brand: string
  readonly error: string
  readonly at: Date
}

/** Since a moment, newest first: an order that failed was asked for at most so long before. */
export function listFailedOrders(sql: Sql, partyId: string, since: Date, limit: number): Promise<FailedOrder[]> {
  return sql.query<FailedOrder>(
    `select o.id, b.name as brand, o.error, o.ended_at as at
     from partner p cross join lateral (
       select * from gift_order where partner_id between p.id and p.id and status = 'failed' and id >= $2::uuid and ended_at >= $3
       order by partner_id, id desc limit $4
     ) o join brand b on b.id = o.brand_id
     where p.party_id = $1 order by o.id desc limit $4`,
    [partyId, firstId(new Date(since.getTime() - 86_400_000)), since, limit],
  )
}

/** Notifications to a business that were given up, by receiver: at most so many of each are counted. */
export function countFailedDeliveries(
  sql: Sql,
  partyId: string,
  since: Date,
): Promise<{ receiver: string; name: string; form: string; count: number }[]> {
  return sql.query(
    `select r.id as receiver, r.name, r.form, f.count from (
       select id, url as name, 'webhook' as form from webhook_endpoint where party_id = $1 and deleted_at is null
       union all select id, name, 'pledg' from merchant where party_id = $1
       union all select id, slug, 'jackpot' from partner where party_id = $1
     ) as r cross join lateral (
       select count(*)::int as count from (
         select from delivery where receiver = r.id and status = 'failed' and ended_at >= $2 order by sequence desc limit 1000
       ) as d
     ) f where f.count > 0 order by f.count desc limit 10`,
    [partyId, since],
  )
}

/** Purchases that wait, of the newest thousand of each merchant, and parts of them that customers pay soon or have not paid. */
export type PurchaseState = {
  readonly open: number
  readonly authorized: number
  readonly due: number
  readonly late: number
}

export async function readPurchaseState(sql: Sql, partyId: string, until: Date): Promise<PurchaseState> {
  const rows = await sql.query<PurchaseState>(
    `with newest as materialized (
       select u.id, u.state from merchant m cross join lateral (
         select id, state, created_at from purchase where merchant_id between m.id and m.id order by merchant_id, id desc limit 1000
       ) u where m.party_id = $1
     )
     select (select count(*)::int from newest where state = 'created') as open,
       (select count(*)::int from newest where state = 'authorized') as authorized,
       count(*) filter (where t.state = 'scheduled' and t.due_on <= $2::date)::int as due,
       count(*) filter (where t.state in ('late', 'failed'))::int as late
     from newest n join purchase_part t on t.purchase_id = n.id`,
    [partyId, until],
  )
  return rows[0] as PurchaseState
}

/** Credentials that end at a moment, because another one took their place. */
export function listEndingCredentials(
  sql: Sql,
  partyId: string,
  until: Date,
): Promise<
  { id: string; partnerId: string; partner: string; protocol: CredentialProtocol; endsAt: Date; usedAt: Date | null }[]
> {
  return sql.query(
    `select c.id, p.id as "partnerId", p.slug as partner, c.protocol, c.ends_at as "endsAt", u.used_at as "usedAt"
     from partner p join partner_credential c on c.partner_id = p.id left join credential_use u on u.credential_id = c.id
     where p.party_id = $1 and p.disabled_at is null and c.revoked_at is null and c.ends_at > clock_timestamp() and c.ends_at <= $2
     order by c.ends_at limit 20`,
    [partyId, until],
  )
}

/** What a business is here: without any of it there is nothing to show yet. */
export async function readBusinessKinds(
  sql: Sql,
  partyId: string,
): Promise<{
  partner: boolean
  merchant: boolean
  brand: boolean
  wallet: boolean
  client: boolean
  endpoint: boolean
  called: boolean
}> {
  const rows = await sql.query<Awaited<ReturnType<typeof readBusinessKinds>>>(
    `select exists (select from partner where party_id = $1 and disabled_at is null) as partner,
       exists (select from merchant where party_id = $1 and disabled_at is null) as merchant,
       exists (select from wallet w join brand b on b.settlement_id = w.id where w.party_id = $1) as brand,
       exists (select from wallet where party_id = $1) as wallet,
       exists (select from client where party_id = $1 and disabled_at is null) as client,
       exists (select from webhook_endpoint where party_id = $1 and deleted_at is null) as endpoint,
       exists (select from api_call where party_id = $1) as called`,
    [partyId],
  )
  return rows[0] as Awaited<ReturnType<typeof readBusinessKinds>>
}
