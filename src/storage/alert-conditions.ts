import type { Sql } from './database.ts'

/** Something that operators want to know of, as long as it is so. */
export type Condition = { kind: AlertKind; object: string; detail: Record<string, string | number | null> }

export const ALERT_KINDS = [
  'float-low',
  'job-failing',
  'deliveries-failing',
  'mail-failing',
  'stock-low',
  'audit-findings',
  'journal-mismatch',
] as const
export type AlertKind = (typeof ALERT_KINDS)[number]

const MONEY = (minor: string) =>
  `(${minor} * ('{1,0.1,0.01,0.001,0.0001,0.00001,0.000001,0.0000001,0.00000001}'::numeric[])[s.exponent + 1])::text`

/** A job has failed when it fails again and again: one that cannot reach the database for a moment has not. */
const FAILURES = 3

const QUERIES: readonly string[] = [
  `select 'float-low' as kind, p.slug || ':' || s.code as object,
     jsonb_build_object('partner', p.slug, 'currency', s.code, 'available', ${MONEY('(a.balance - a.held)')}, 'below', ${MONEY('f.below')}) as detail
   from float_alert f join partner_float pf on pf.wallet_id = f.wallet_id join partner p on p.id = pf.partner_id
   join account a on a.id = f.wallet_id join asset s on s.id = a.asset_id
   where a.balance - a.held < f.below and p.disabled_at is null`,
  `select 'job-failing' as kind, job as object, jsonb_build_object('failures', failures, 'since', since, 'error', error) as detail
   from job_failure where failures >= ${FAILURES}`,
  // Of a receiver to whom nothing got through since. One that was disabled wants nothing.
  `select 'deliveries-failing' as kind, f.form || ':' || f.receiver as object,
     jsonb_build_object('form', f.form, 'receiver', f.receiver, 'failed', f.count, 'since', f.since) as detail
   from (
     select form, receiver, count(*)::int as count, min(ended_at) as since, max(sequence) as last from delivery
     where status = 'failed' and ended_at > clock_timestamp() - interval '1 day' group by form, receiver
   ) as f
   where not exists (select from delivery d where d.receiver = f.receiver and d.status = 'delivered' and d.sequence > f.last)
     and not exists (select from webhook_endpoint e where e.id = f.receiver and (e.disabled_at is not null or e.deleted_at is not null))`,
  // As long as none was sent after the last one that was given up.
  `select 'mail-failing' as kind, 'mail' as object, jsonb_build_object('failed', f.count, 'since', f.since, 'error', f.error) as detail
   from (
     select count(*)::int as count, min(failed_at) as since, max(failed_at) as last, max(last_error) as error from mail_outbox
     where failed_at > clock_timestamp() - interval '1 day' and last_error <> 'its time was over'
   ) as f
   where f.count > 0 and f.last > coalesce(
     (select max(sent_at) from mail_outbox where created_at > clock_timestamp() - interval '2 days'), '-infinity')`,
  `select 'stock-low' as kind, b.slug || ':' || v.face as object,
     jsonb_build_object('brand', b.slug, 'value', ${MONEY('v.face')}, 'currency', s.code, 'low_stock', b.low_stock) as detail
   from stock_value v join brand b on b.id = v.brand_id join asset s on s.id = b.asset_id where v.low and b.status <> 'disabled'`,
  `select 'audit-findings' as kind, 'audit' as object,
     jsonb_build_object('run', id, 'findings', jsonb_array_length(findings) + unlisted, 'at', ended_at) as detail
   from (select id, status, findings, unlisted, ended_at from audit_run where status in ('clean', 'findings') order by id desc limit 1)
     as last where status = 'findings'`,
]

/** All that the tables tell. */
export async function readConditions(sql: Sql): Promise<Condition[]> {
  const found: Condition[] = []
  for (const text of QUERIES) found.push(...(await sql.query<Condition>(text)))
  return found
}

/** Of these rows of the journal those whose hash is another one, or that are not there. */
export async function findMissingHeads(
  sql: Sql,
  heads: readonly { stream: number; seq: bigint; hash: Buffer }[],
): Promise<{ stream: number; seq: bigint }[]> {
  return sql.query(
    `select h.stream, h.seq from unnest($1::integer[], $2::bigint[], $3::bytea[]) as h (stream, seq, hash)
     left join journal j on j.stream = h.stream and j.seq = h.seq where j.hash is distinct from h.hash order by 1`,
    [heads.map(({ stream }) => stream), heads.map(({ seq }) => String(seq)), heads.map(({ hash }) => hash)],
  )
}
