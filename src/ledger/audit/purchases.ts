import type { Snapshot } from '../../storage/snapshot.ts'
import { countRest, LISTED } from './entries.ts'
import { type Findings, rowName } from './findings.ts'
import { differing, readPayload, sayDiffering } from './told.ts'

// Each query gives the rows that are not as they must be, with what is wrong with them.

/** What may be wrong, in the words of the finding; `condition` is SQL and true or null when it is. */
type Rule = { readonly condition: string; readonly says: string }

const differs = (a: string, b: string) => `${a} is distinct from ${b}`

/** Every transaction that a purchase names: who decided and settled it, paid a part, or credited it. */
const NAMED = `
named as (
  select id as purchase_id, decided_by as transaction_id from purchase where decided_by is not null
  union select id, settled_by from purchase where settled_by is not null
  union select purchase_id, paid_by from purchase_part where paid_by is not null
  union select purchase_id, id from purchase_credit
)`

/** What a purchase says of its money, beside what its transactions moved from and to each of its accounts. */
const SUMS = `
with ${NAMED}, moved as (
  select n.purchase_id,
    sum(case when x.source = m.wallet_id then -x.amount when x.target = m.wallet_id then x.amount else 0 end) as merchant,
    sum(case when x.source = m.financing_id then x.amount when x.target = m.financing_id then -x.amount else 0 end) as lent,
    sum(case when x.source = m.fees_id then -x.amount when x.target = m.fees_id then x.amount else 0 end) as fees,
    sum(case when x.source = p.wallet_id then x.amount when x.target = p.wallet_id then -x.amount else 0 end) as wallet
  from named n join purchase p on p.id = n.purchase_id join merchant m on m.id = p.merchant_id
  join transfer x on x.transaction_id = n.transaction_id group by 1
), parts as (
  select purchase_id, sum(amount) as amount, sum(paid) as paid, sum(reduced) as reduced, sum(fee_paid) as fees,
    sum(amount - paid - reduced) as open
  from purchase_part group by 1
), credits as (
  select purchase_id, sum(amount) as amount, sum(to_financing) as to_financing, sum(to_wallet) as to_wallet
  from purchase_credit group by 1
)
select * from (
  select p.id, concat_ws('; ',
    case when m.id is null then 'its merchant does not exist' end,
    case when m.id is not null and ${differs('a.asset_id', 'p.asset_id')} then 'it is not in its merchant''s currency' end,
    case when p.state = 'completed' and ${differs('s.amount', 'p.captured')}
      then 'its parts do not sum up to what the merchant was paid' end,
    case when p.state <> 'completed' and s.purchase_id is not null then 'it has parts, and was not paid out' end,
    case when p.credited <> coalesce(c.amount, 0) then 'what was credited is not the sum of its credits' end,
    case when coalesce(s.reduced, 0) <> coalesce(c.to_financing, 0)
      then 'what credits have cancelled is not what they gave to financing' end,
    case when coalesce(c.to_wallet, 0) > coalesce(s.paid, 0) then 'more went back to the wallet than it has paid' end,
    case when coalesce(v.merchant, 0) <> coalesce(p.captured, 0) - p.credited
      then 'the merchant has not got from the ledger what it says' end,
    case when p.kind <> 'now' and coalesce(v.lent, 0) <> coalesce(s.open, 0)
      then 'what financing has lent for it is not what is open' end,
    case when coalesce(v.fees, 0) <> coalesce(s.fees, 0) then 'its fees are not what the ledger moved' end,
    case when coalesce(v.wallet, 0) <> coalesce(s.paid, 0) + coalesce(s.fees, 0) - coalesce(c.to_wallet, 0)
      then 'the wallet has not paid what it says' end,
    case when (p.state in ('authorized', 'completed', 'voided')) <> (r.purchase_id is not null)
      then 'its reference and its state do not agree' end,
    case when h.wrong then 'what is held for it does not agree with its state' end
  ) as says
  from purchase p left join merchant m on m.id = p.merchant_id left join account a on a.id = m.wallet_id
  left join parts s on s.purchase_id = p.id left join credits c on c.purchase_id = p.id left join moved v on v.purchase_id = p.id
  left join purchase_reference r on r.purchase_id = p.id and r.merchant_id = p.merchant_id and r.reference = p.reference
  left join lateral (
    select bool_or(g.id is null or g.source <> k.source or g.target <> k.target or g.amount <> k.amount
      or g.opened_by <> p.decided_by or (p.state <> 'authorized' and g.status = 0)
      or (p.state = 'authorized' and g.status in (1, 2)) or (g.status in (1, 2) and g.closed_by is distinct from p.settled_by)) as wrong
    from purchase_hold k left join hold g on g.id = k.id where k.purchase_id = p.id
  ) h on true
) as judged where says <> ''`

/** The kinds of transaction that belong to purchases, and the rows that must name them. */
const KINDS = `
select t.id, t.kind, t.payload,
  coalesce(d.id, s.id, q.purchase_id, c.purchase_id) as purchase,
  case t.kind
    when 'purchase' then d.state <> 'completed' or d.settled_by <> t.id
    when 'purchase-authorization' then d.authorized_until is null
    when 'purchase-cancelled' then d.state <> 'cancelled'
    when 'purchase-expired' then d.state <> 'expired'
    when 'purchase-capture' then s.state <> 'completed'
    when 'purchase-release' then s.state <> 'voided'
    when 'purchase-instalment' then q.purchase_id is null
    when 'purchase-payment' then q.purchase_id is null
    when 'purchase-credit' then c.id is null
    else true
  end as astray
from transaction t
left join purchase d on d.decided_by = t.id
left join purchase s on s.settled_by = t.id
left join (select distinct paid_by, purchase_id from purchase_part) q on q.paid_by = t.id
left join purchase_credit c on c.id = t.id
where t.kind = 'purchase' or t.kind like 'purchase-%'`

const PARTS: { readonly from: string; readonly rules: readonly Rule[] } = {
  from: 'purchase_part s left join purchase p on p.id = s.purchase_id left join transaction t on t.id = s.paid_by',
  rules: [
    { condition: 'p.id is null', says: 'its purchase does not exist' },
    {
      condition: `s.paid_by is not null and (t.id is null or
        t.kind not in ('purchase', 'purchase-capture', 'purchase-instalment', 'purchase-payment'))`,
      says: 'its transaction does not pay it',
    },
    {
      condition: `s.state <> 'paid' and s.state <> 'cancelled' and s.amount = s.paid + s.reduced`,
      says: 'nothing of it is open, and its state says otherwise',
    },
    { condition: `s.state = 'paid' and s.fee_paid <> s.fee`, says: 'it was paid without its fee' },
  ],
}

/**
 * Every purchase's parts sum up to what its merchant was paid, its credits to what was credited, and the ledger moved between wallet,
 * merchant, financing and fees what they say: so what each financing account has lent for purchases is what is open of their parts.
 * States agree with the transactions that made them, and no transaction of a purchase stands without one.
 */
export async function auditPurchases(snapshot: Snapshot, findings: Findings): Promise<void> {
  await judge(snapshot, findings, 'purchase', SUMS)
  const cases = PARTS.rules.map(({ condition, says }) => `case when ${condition} then '${says}' end`)
  await judge(
    snapshot,
    findings,
    'purchase_part',
    `select * from (select s.id, concat_ws('; ', ${cases.join(', ')}) as says from ${PARTS.from}) as judged where says <> ''`,
  )
  await readKinds(snapshot, findings)
}

async function judge(snapshot: Snapshot, findings: Findings, table: string, query: string): Promise<void> {
  const rows = await snapshot.query<{ id: string; says: string; total: bigint }>(
    `select *, count(*) over () as total from (${query}) as found order by id limit ${LISTED}`,
  )
  for (const { id, says } of rows) findings.add('purchases', rowName(table, { id }), says)
  countRest(findings, 'purchases', rows)
}

/** Row by row: a payload that somebody changed need not be JSON any more. */
async function readKinds(snapshot: Snapshot, findings: Findings): Promise<void> {
  type Row = { id: string; kind: string; payload: string; purchase: string | null; astray: boolean | null }
  for (const reader = await snapshot.read<Row>(KINDS); reader.current; ) {
    const { id, kind, payload, purchase, astray } = reader.current
    const says: string[] = []
    if (purchase === null) says.push(`no purchase names it, a ${kind}`)
    else if (astray !== false) says.push(`purchase ${purchase} is not as this ${kind} has left it`)
    else sayDiffering(says, differing({ purchase: [purchase, readPayload(payload).purchase] }), 'its payload')
    if (says.length > 0) findings.add('purchases', rowName('transaction', { id }), says.join('; '))
    const fetching = reader.next()
    if (fetching) await fetching
  }
}
