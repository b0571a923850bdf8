import type { Effect } from '../ledger/command.ts'
import type { Sql } from './database.ts'

/** A standing policy: amounts in minor units of the wallet's currency, `period` in seconds; `parent` is whose consent it is. */
export type RefillPolicy = {
  readonly parent: bigint | null
  readonly perRefill: bigint
  readonly perPeriod: bigint
  readonly period: number
}

const LATEST = 'select * from refill_policy where wallet_id = u.wallet order by version desc limit 1'

/**
 * Adds the next version. Row: wallet, transaction, the parent that consents, per refill, per period, seconds; the last three null:
 * no policy from now on.
 */
export const refillPolicySet: Effect = {
  name: 'refill-policy-set',
  text: `insert into refill_policy (wallet_id, version, transaction_id, parent_id, per_refill, per_period, period)
    select u.wallet, coalesce(p.version, 0) + 1, u.by, u.parent, u.per_refill, u.per_period, u.period
    from unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[])
      as u (wallet, by, parent, per_refill, per_period, period)
    left join lateral (${LATEST}) p on true`,
}

/**
 * Holds a refill against the wallet's parent, and that parent's policy, as they are at this moment. Row: transaction, wallet, the
 * wallet that pays (null: none), amount.
 */
export const refillMade: Effect = {
  name: 'refill-made',
  text: `insert into refill (transaction_id, wallet_id, parent_id, version, period, starts_at, per_refill, amount)
    select u.id, u.wallet, w.parent_id, p.version, p.period,
      timestamptz 'epoch' + floor(extract(epoch from t.at) / p.period) * p.period * interval '1 second', p.per_refill, u.amount
    from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[]) as u (id, wallet, source, amount)
    join transaction t on t.id = u.id
    left join wallet w on w.id = u.wallet and w.parent_id = u.source
    left join lateral (${LATEST}) p on p.parent_id = u.source`,
}

/** Adds refills to what their periods have used; more than the cap breaks `refill_within_period`. Row: transaction. */
export const refillCounted: Effect = {
  name: 'refill-counted',
  text: `insert into refill_use as total (wallet_id, period, starts_at, per_period, used)
    select r.wallet_id, r.period, r.starts_at, max(p.per_period), sum(r.amount)
    from unnest($1::uuid[]) as u (id) join refill r on r.transaction_id = u.id
    join refill_policy p on p.wallet_id = r.wallet_id and p.version = r.version
    group by r.wallet_id, r.period, r.starts_at order by r.wallet_id, r.period, r.starts_at
    on conflict (wallet_id, period, starts_at) do update
    set used = total.used + excluded.used, per_period = excluded.per_period`,
}

/** @returns null when it was ended, undefined when the wallet never had one */
export async function findRefillPolicy(sql: Sql, wallet: bigint): Promise<RefillPolicy | null | undefined> {
  const rows = await sql.query<{ parent: bigint | null; perRefill: bigint | null; perPeriod: bigint; period: number }>(
    `select parent_id as parent, per_refill as "perRefill", per_period as "perPeriod", period from refill_policy
     where wallet_id = $1 order by version desc limit 1`,
    [wallet],
  )
  const row = rows[0]
  return row && (row.perRefill === null ? null : { ...row, perRefill: row.perRefill })
}

/** What the wallet has drawn in the period that it is by the database's clock; minor units. */
export async function readRefillUse(sql: Sql, wallet: bigint, period: number): Promise<bigint> {
  const rows = await sql.query<{ used: bigint }>(
    `select used from refill_use where wallet_id = $1 and period = $2
       and starts_at = timestamptz 'epoch' + floor(extract(epoch from clock_timestamp()) / $2) * $2 * interval '1 second'`,
    [wallet, period],
  )
  return rows[0]?.used ?? 0n
}
