import type { Snapshot } from '../../storage/snapshot.ts'
import { countRest, LISTED } from './entries.ts'
import { type Findings, rowName } from './findings.ts'
import { asObject, differing, readPayload, sayDiffering } from './told.ts'

const REFILLS = `
select *, count(*) over () as total from (
  select coalesce(r.transaction_id, t.id) as id, r.transaction_id is null as missing, t.id is null as orphan,
    x.source is distinct from r.parent_id or x.target is distinct from r.wallet_id or x.amount is distinct from r.amount as astray,
    p.parent_id is distinct from r.parent_id or p.period is distinct from r.period or p.per_refill is distinct from r.per_refill or r.amount > r.per_refill as "outOfPolicy",
    t.at < r.starts_at or t.at >= r.starts_at + r.period * interval '1 second'
      or extract(epoch from r.starts_at) % r.period <> 0 as untimely
  from refill r full join (select id, at from transaction where kind = 'refills') t on t.id = r.transaction_id
  left join transfer x on x.transaction_id = r.transaction_id and x.leg = 0
  left join refill_policy p on p.wallet_id = r.wallet_id and p.version = r.version
) as compared
where missing or orphan or astray or "outOfPolicy" or untimely
order by id limit ${LISTED}`

const USES = `
select *, count(*) over () as total from (
  select coalesce(u.wallet_id, s.wallet_id) as wallet_id, coalesce(u.period, s.period) as period,
    coalesce(u.starts_at, s.starts_at)::text as starts_at, u.used, s.used as drawn, u.per_period as cap, p.per_period as policy
  from refill_use u
  full join (
    select wallet_id, period, starts_at, sum(amount) as used, max(version) as version from refill group by 1, 2, 3
  ) s on s.wallet_id = u.wallet_id and s.period = u.period and s.starts_at = u.starts_at
  left join refill_policy p on p.wallet_id = s.wallet_id and p.version = s.version
) as compared
where used is distinct from drawn or cap is distinct from policy or used > cap
order by wallet_id, period, starts_at limit ${LISTED}`

const POLICIES = `
select coalesce(p.wallet_id::text, t.id::text) as wallet, p.version, p.parent_id as parent, p.per_refill as "perRefill", p.per_period as "perPeriod", p.period,
  t.payload, p.version - 1 is distinct from lag(p.version, 1, 0) over (partition by p.wallet_id order by p.version) as gap
from refill_policy p full join (select id, payload from transaction where kind = 'refill-policy') t on t.id = p.transaction_id`

/** Each refill came from the parent within its policy, and what periods have used is the sum of their refills. */
export async function auditRefills(snapshot: Snapshot, findings: Findings): Promise<void> {
  await auditPolicies(snapshot, findings)
  type Flags = Record<'missing' | 'orphan' | 'astray' | 'outOfPolicy' | 'untimely', boolean | null>
  const refills = await snapshot.query<Flags & { id: string; total: bigint }>(REFILLS)
  for (const { id, missing, orphan, astray, outOfPolicy, untimely } of refills) {
    const says: string[] = []
    if (missing) says.push('the refill of this transaction does not exist')
    else if (orphan) says.push('its transaction does not exist')
    else {
      if (astray) says.push('it is not what its transaction has moved')
      if (outOfPolicy) says.push('it is not what its policy allows')
      if (untimely) says.push('its period is not that of its transaction')
    }
    findings.add('refills', rowName('refill', { transaction_id: id }), says.join('; '))
  }
  countRest(findings, 'refills', refills)

  type Use = Record<'wallet_id' | 'period' | 'starts_at' | 'used' | 'drawn' | 'cap' | 'policy', unknown> & {
    total: bigint
  }
  const uses = await snapshot.query<Use>(USES)
  for (const { wallet_id, period, starts_at, used, drawn, cap, policy } of uses) {
    const name = rowName('refill_use', { wallet_id, period, starts_at })
    findings.add('refills', name, `it says that ${used} of ${cap} was drawn, but it was ${drawn} of ${policy}`)
  }
  countRest(findings, 'refills', uses)
}

/** Versions count from 1, and each says what its transaction says. */
async function auditPolicies(snapshot: Snapshot, findings: Findings): Promise<void> {
  type Row = Record<'wallet' | 'version' | 'parent' | 'perRefill' | 'perPeriod' | 'period', unknown> & {
    payload: string | null
    gap: boolean | null
  }
  for (const reader = await snapshot.read<Row>(POLICIES); reader.current; ) {
    const { wallet, version, parent, perRefill, perPeriod, period, payload, gap } = reader.current
    const says: string[] = []
    if (version === null) says.push(`the policy of transaction ${wallet} does not exist`)
    else if (payload === null) says.push('its transaction does not exist')
    else {
      const terms = asObject(readPayload(payload).terms)
      const columns = differing({
        wallet_id: [wallet, terms.wallet],
        parent_id: [parent, terms.parent],
        per_refill: [perRefill, terms.perRefill],
        per_period: [perPeriod, terms.perPeriod],
        period: [period, terms.period],
      })
      sayDiffering(says, columns, 'its transaction')
      if (gap) says.push('the version before it is missing')
    }
    const name = version === null ? { transaction_id: wallet } : { wallet_id: wallet, version }
    if (says.length > 0) findings.add('refills', rowName('refill_policy', name), says.join('; '))
    const fetching = reader.next()
    if (fetching) await fetching
  }
}
