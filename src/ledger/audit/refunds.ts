import type { Snapshot } from '../../storage/snapshot.ts'
import { countRest, LISTED } from './entries.ts'
import { type Findings, rowName } from './findings.ts'
import { readPayload } from './told.ts'

const REFUNDS = `
select coalesce(r.transaction_id, t.id) as id, r.transaction_id is null as missing, r.original_id as original, t.payload,
  o.kind not in ('payments', 'charges') or x.source is distinct from y.target or x.target is distinct from y.source as astray
from refund r full join (select id, payload from transaction where kind = 'refunds') t on t.id = r.transaction_id
left join transaction o on o.id = r.original_id
left join transfer x on x.transaction_id = r.transaction_id and x.leg = 0
left join transfer y on y.transaction_id = r.original_id and y.leg = 0`

const TOTALS = `
select *, count(*) over () as total from (
  select coalesce(r.original_id, s.original_id) as id, r.amount, r.refunded, s.refunded as moved, x.amount as original
  from refund_total r
  full join (
    select original_id, sum(x.amount) as refunded from refund f join transfer x on x.transaction_id = f.transaction_id group by 1
  ) s on s.original_id = r.original_id
  left join transfer x on x.transaction_id = coalesce(r.original_id, s.original_id) and x.leg = 0
) as compared
where refunded is distinct from moved or amount is distinct from original or refunded > amount
order by id limit ${LISTED}`

/** Each refund sends back what its payment or charge has sent, and its total is the sum of them, no more than the original. */
export async function auditRefunds(snapshot: Snapshot, findings: Findings): Promise<void> {
  type Row = { id: string; missing: boolean; original: string; payload: string | null; astray: boolean | null }
  for (const reader = await snapshot.read<Row>(REFUNDS); reader.current; ) {
    const { id, missing, original, payload, astray } = reader.current
    const says: string[] = []
    if (missing) says.push('the refund of this transaction does not exist')
    else if (payload === null) says.push('its transaction does not exist')
    else {
      if (readPayload(payload).transaction !== original)
        says.push('its original is not the one that its transaction names')
      if (astray !== false) says.push(`it does not send back what ${original} has sent`)
    }
    if (says.length > 0) findings.add('refunds', rowName('refund', { transaction_id: id }), says.join('; '))
    const fetching = reader.next()
    if (fetching) await fetching
  }
  const totals = await snapshot.query<
    Record<'amount' | 'refunded' | 'moved' | 'original', unknown> & { id: string; total: bigint }
  >(TOTALS)
  for (const { id, amount, refunded, moved, original } of totals) {
    const says = `it says that ${refunded} of ${amount} was refunded, but it was ${moved} of ${original}`
    findings.add('refunds', rowName('refund_total', { original_id: id }), says)
  }
  countRest(findings, 'refunds', totals)
}
