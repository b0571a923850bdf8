import type { Snapshot } from '../../storage/snapshot.ts'
import { countRest, LISTED } from './entries.ts'
import { type Findings, rowName } from './findings.ts'

/** `condition` is SQL, and true or null when it is wrong. */
type Rule = { readonly condition: string; readonly says: string }

/** The state that a voucher's steps lead to. */
const STATE = `case
  when p.outcome = 'refunded' then 'refunded' when p.outcome = 'rejected' then 'refund_rejected'
  when p.asked then 'refunding' when p.issue = 'ready' then 'ready'
  when p.decision = 'confirmed' then 'confirmed' when p.decision is not null then 'canceled' else 'reserved' end`

/** What the order of a voucher in this state is. */
const ORDER = `case v.state
  when 'reserved' then o.status = 'reserved' when 'canceled' then o.status = 'failed'
  when 'confirmed' then o.status in ('requested', 'processing') when 'ready' then o.status = 'succeeded'
  when 'refunding' then o.status in ('requested', 'processing', 'succeeded') when 'refund_rejected' then o.status = 'succeeded'
  else o.status in ('cancelled', 'failed') end`

/** What a hold is while the voucher waits, once it was given up, and once it was paid. */
const holdIs = (hold: string) => `case when v.state = 'reserved' then ${hold}.status in (0, 3)
  when v.state = 'canceled' then ${hold}.status in (2, 3) else ${hold}.status = 1 and ${hold}.captured = ${hold}.amount end`

const RULES: readonly Rule[] = [
  { condition: 'v.id is null', says: 'its order is there, and it is not' },
  { condition: 'v.id is not null and o.id is null', says: 'its order does not exist' },
  {
    condition: 'v.partner_id <> o.partner_id or v.session_id::text <> o.request_id',
    says: 'its order is of another partner or session',
  },
  { condition: `v.state <> ${STATE}`, says: 'its state is not what its steps lead to' },
  { condition: `not (${ORDER})`, says: 'its state and its order’s do not agree' },
  {
    condition: `v.id is not null and (h.id is null or h.amount <> o.cost or h.source is distinct from f.wallet_id
      or h.target is distinct from b.settlement_id or not (${holdIs('h')}))`,
    says: 'the ledger holds or took something else of the float',
  },
  {
    condition: `v.id is not null and (coalesce(-least(o.revenue, 0), 0) <> coalesce(k.amount, 0)
      or (v.operator_hold_id is not null and (k.id is null or k.source is distinct from b.revenue_id
        or k.target is distinct from b.settlement_id or not (${holdIs('k')}))))`,
    says: 'the ledger holds or took something else of what the operator adds',
  },
  {
    condition: `v.confirmed_at is distinct from p.confirmed_at or v.ready_at is distinct from p.ready_at
      or v.reserved_at is distinct from o.created_at`,
    says: 'its moments are not those of its steps',
  },
  { condition: `o.cost > o.face`, says: 'it cost more than it is worth' },
  {
    condition: `(p.issue = 'ready') is distinct from (c.id is not null) and (p.issue = 'ready' or c.id is not null)`,
    says: 'its steps and its card do not agree',
  },
  { condition: 'p.untold > 0', says: 'the transaction of a step does not exist, or was at another moment' },
]

const cases = RULES.map(({ condition, says }) => `case when ${condition} then '${says}' end`).join(', ')

const QUERY = `
select coalesce(v.id, o.id) as id, concat_ws('; ', ${cases}) as says
from voucher v full join (select * from gift_order where kind = 'voucher') o on o.id = v.id
left join brand b on b.id = o.brand_id
left join partner_float f on f.partner_id = o.partner_id and f.asset_id = o.asset_id
left join hold h on h.id = v.hold_id left join hold k on k.id = v.operator_hold_id
left join card c on c.order_id = v.id
left join lateral (
  select max(s.what) filter (where s.step = 'decision') as decision, max(s.what) filter (where s.step = 'issue') as issue,
    bool_or(s.step = 'refund') as asked, max(s.what) filter (where s.step = 'outcome') as outcome,
    max(s.at) filter (where s.what = 'confirmed') as confirmed_at, max(s.at) filter (where s.what = 'ready') as ready_at,
    count(*) filter (where t.at is distinct from s.at) as untold
  from voucher_step s left join transaction t on t.id = s.transaction_id where s.voucher_id = v.id
) p on true`

/**
 * Every voucher is what its steps say, each of which a transaction took; its order is as far as it is; and what was held of the
 * partner's float and of what the operator adds is still held, free again, or was taken whole.
 */
export async function auditVouchers(snapshot: Snapshot, findings: Findings): Promise<void> {
  const rows = await snapshot.query<{ id: string; says: string; total: bigint }>(
    `select *, count(*) over () as total from (${QUERY}) as judged where says <> '' order by id limit ${LISTED}`,
  )
  for (const { id, says } of rows) findings.add('vouchers', rowName('voucher', { id }), says)
  countRest(findings, 'vouchers', rows)
}
