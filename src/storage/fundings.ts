import { type Effect, once } from '../ledger/command.ts'
import type { Sql } from './database.ts'

export const FUNDING_STATES = ['waiting', 'made', 'refused', 'expired'] as const
export type FundingState = (typeof FUNDING_STATES)[number]

/** Money that an operator moves by hand between an issuing account and a wallet. Amounts in minor units. */
export type Funding = {
  readonly id: string
  readonly direction: 'in' | 'out'
  /** accounts */
  readonly source: bigint
  readonly target: bigint
  /** explicit ids */
  readonly source_id: string
  readonly target_id: string
  readonly currency: string
  readonly circle: string
  readonly exponent: number
  readonly amount: bigint
  readonly reason: string
  readonly asked_by: string
  readonly asked_party: string
  readonly created_at: Date
  readonly expires_at: Date | null
  readonly state: FundingState
  readonly decided_by: string | null
  readonly decided_in: string | null
  readonly decided_at: Date | null
}

const id = (wallet: string) => `${wallet}.namespace || ':' || ${wallet}.number || ':' || ${wallet}.currency`
const STATE = `case f.status when 1 then 'made' when 2 then 'refused'
  else case when f.expires_at <= clock_timestamp() then 'expired' else 'waiting' end end`

const SELECT = `
select f.id, f.direction, f.source, f.target, ${id('s')} as source_id, ${id('t')} as target_id, t.currency, u.circle, u.exponent,
  f.amount, f.reason, f.asked_by, f.asked_party, f.created_at, f.expires_at, ${STATE} as state, f.decided_by, f.decided_in,
  f.decided_at
from funding f join wallet s on s.id = f.source join wallet t on t.id = f.target join account a on a.id = f.target
join asset u on u.id = a.asset_id`

export async function findFunding(sql: Sql, fundingId: string): Promise<Funding | undefined> {
  return (await sql.query<Funding>(`${SELECT} where f.id = $1`, [fundingId]))[0]
}

/** Newest first; `before` is the id of the last one seen. */
export function listFundings(
  sql: Sql,
  { waiting, before, limit }: { waiting: boolean; before?: string | undefined; limit: number },
): Promise<Funding[]> {
  const only = waiting ? 'f.status = 0 and f.expires_at > clock_timestamp() and' : ''
  return sql.query<Funding>(
    `${SELECT} where ${only} f.id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') order by f.id desc limit $2`,
    [before ?? null, limit],
  )
}

/**
 * Writes it down: as waiting when it expires, else as made. Row: id, direction, source, target, amount, reason, who asks (e-mail,
 * party), end of the wait or null.
 */
export const fundingAsked: Effect = {
  name: 'funding-asked',
  text: `insert into funding (id, direction, source, target, amount, reason, asked_by, asked_party, created_at, expires_at, status,
      decisions, decided_by, decided_party, decided_in, decided_at)
    select u.id, u.direction, u.source, u.target, u.amount, u.reason, u.email, u.party, x.at, u.until, (u.until is null)::int,
      (u.until is null)::int, made.email, made.party, made.id, made.at
    from unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::uuid[],
      $9::timestamptz[]) as u (id, direction, source, target, amount, reason, email, party, until)
    join transaction x on x.id = u.id
    left join lateral (select u.email, u.party, x.id, x.at where u.until is null) as made on true`,
}

/**
 * Decides one that waits. The row's checks are what lets it happen once, in time, and approval by nobody but another person. Row: id,
 * status (1 made, 2 refused), who (e-mail, party), transaction.
 */
export const fundingDecided: Effect = {
  name: 'funding-decided',
  text: `update funding f set status = u.status, decisions = f.decisions + u.times, decided_by = u.email, decided_party = u.party,
      decided_in = u.transaction, decided_at = u.at
    from (
      select r.id, min(r.status) as status, count(*)::smallint as times, min(r.email) as email,
        min(r.party::text)::uuid as party, min(r.transaction::text)::uuid as transaction, min(x.at) as at
      from unnest($1::uuid[], $2::smallint[], $3::text[], $4::uuid[], $5::uuid[]) as r (id, status, email, party, transaction)
      join transaction x on x.id = r.transaction group by r.id
    ) as u where f.id = u.id`,
  bound: once('funding_decided_once'),
}

/** Adds to a day's sum, which may not go beyond the day's limit. */
const used = (name: string, table: 'funding_use' | 'credit_use'): Effect => ({
  name,
  text: `insert into ${table} as total (party_id, asset_id, day, most, used)
    select party, asset, day, max(most), sum(amount)
    from unnest($1::uuid[], $2::int[], $3::date[], $4::bigint[], $5::bigint[]) as u (party, asset, day, most, amount)
    group by party, asset, day order by party, asset, day
    on conflict (party_id, asset_id, day) do update set used = total.used + excluded.used, most = excluded.most`,
})

/** What a party's operators have moved alone on a day. Row: party, asset, day, the day's limit, amount. */
export const fundingUsed = used('funding-used', 'funding_use')

/** The same for credit that is given alone. Row: party, asset, day, the day's limit, by how much the limit of a wallet goes down. */
export const creditUsed = used('credit-used', 'credit_use')

/** Open accounts that issue an asset: their upper limit is zero, so what they owe is what everyone else has. */
export async function listIssuingWallets(sql: Sql, assetId: number): Promise<{ id: bigint; explicit_id: string }[]> {
  return sql.query(
    `select w.id, ${id('w')} as explicit_id from account a join wallet w on w.id = a.id
     where a.upper = 0 and a.asset_id = $1 and a.status <> 2 and not w.kept order by a.id limit 20`,
    [assetId],
  )
}
