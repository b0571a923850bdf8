import type { Snapshot } from '../../storage/snapshot.ts'
import { countRest, LISTED } from './entries.ts'
import { type Findings, rowName } from './findings.ts'
import { asObject, differing, readPayload, sayDiffering } from './told.ts'

type Row = {
  id: string | null
  direction: string
  source: bigint
  target: bigint
  amount: bigint
  reason: string
  asked_by: string
  asked_party: string
  waited: boolean
  status: number
  decided_by: string | null
  decided_party: string | null
  decided_in: string | null
  untimely: boolean | null
  asking: string | null
  askingKind: string | null
  deciding: string | null
  decidingKind: string | null
  moved: boolean | null
  /** a transaction that no row belongs to */
  stray: string | null
}

const ROWS = `
select f.id, f.direction, f.source, f.target, f.amount, f.reason, f.asked_by, f.asked_party, f.expires_at is not null as waited,
  f.status, f.decided_by, f.decided_party, f.decided_in,
  f.created_at is distinct from a.at or f.decided_at is distinct from d.at as untimely,
  a.payload as asking, a.kind as "askingKind", d.payload as deciding, d.kind as "decidingKind",
  x.source = f.source and x.target = f.target and x.amount = f.amount as moved, null::uuid as stray
from funding f left join transaction a on a.id = f.id left join transaction d on d.id = f.decided_in
left join transfer x on x.transaction_id = f.decided_in and x.leg = 0
union all
select null, '', 0, 0, 0, '', '', null, false, 0, null, null, null, null, null, null, null, null, null, t.id
from transaction t
where t.kind in ('funding', 'funding-request', 'funding-refusal')
  and not exists (select from funding f where f.id = t.id) and not exists (select from funding f where f.decided_in = t.id)`

const USE = `
select *, count(*) over () as total from (
  select coalesce(u.party_id, m.party_id) as party_id, coalesce(u.asset_id, m.asset_id) as asset_id,
    coalesce(u.day, m.day)::text as day, u.used, m.moved
  from funding_use u full join (
    select f.asked_party as party_id, a.asset_id,
      (to_timestamp(('x' || left(replace(f.id::text, '-', ''), 12))::bit(48)::bigint / 1000.0) at time zone 'UTC')::date as day,
      sum(f.amount) as moved
    from funding f join account a on a.id = f.source where f.expires_at is null group by 1, 2, 3
  ) as m on m.party_id = u.party_id and m.asset_id = u.asset_id and m.day = u.day
) as compared where used is distinct from moved order by party_id, asset_id, day limit ${LISTED}`

/**
 * Money that operators moved by hand: each row says what the transactions that asked for it and decided it say, what was made moved
 * that much, what waited was approved by another, and what was moved alone is counted.
 */
export async function auditFundings(snapshot: Snapshot, findings: Findings): Promise<void> {
  for (const reader = await snapshot.read<Row>(ROWS); reader.current; ) {
    const row = reader.current
    if (row.stray !== null)
      findings.add(
        'fundings',
        rowName('transaction', { id: row.stray }),
        'the funding of this transaction does not exist',
      )
    else {
      const says = judge(row)
      if (says.length > 0) findings.add('fundings', rowName('funding', { id: row.id }), says.join('; '))
    }
    const fetching = reader.next()
    if (fetching) await fetching
  }
  type Use = {
    party_id: string
    asset_id: number
    day: string
    used: bigint | null
    moved: string | null
    total: bigint
  }
  const wrong = await snapshot.query<Use>(USE)
  for (const { party_id, asset_id, day, used, moved } of wrong) {
    const name = rowName('funding_use', { party_id, asset_id, day })
    findings.add('fundings', name, `it counts ${used ?? 'nothing'}, but ${moved ?? 'nothing'} was moved`)
  }
  countRest(findings, 'fundings', wrong)
}

function judge(row: Row): string[] {
  const says: string[] = []
  const { direction, source, target, amount, reason, asked_by, asked_party, waited, status } = row
  const terms = { direction, source, target, amount }
  const compare = (
    payload: string,
    pairs: (said: Record<string, unknown>) => Record<string, readonly [unknown, unknown]>,
  ) => {
    const said = readPayload(payload)
    const told = asObject(said.terms)
    const columns = Object.entries(terms).map(([name, value]) => [name, [value, told[name]] as const] as const)
    sayDiffering(says, differing({ ...Object.fromEntries(columns), ...pairs(said) }), 'its transaction')
  }
  if (row.asking === null) says.push('the transaction that asked for it does not exist')
  else {
    compare(row.asking, ({ description, by, party }) => ({
      reason: [reason, description],
      asked_by: [asked_by, by],
      asked_party: [asked_party, party],
    }))
    if (row.askingKind !== (waited ? 'funding-request' : 'funding')) says.push('it was asked for by something else')
  }
  if (row.untimely) says.push('its moments are not those of its transactions')
  if (status === 0) return says
  if (row.deciding === null) says.push('the transaction that decided it does not exist')
  else if (waited) {
    compare(row.deciding, ({ request, by, party }) => ({
      id: [row.id, request],
      decided_by: [row.decided_by, by],
      decided_party: [row.decided_party, party],
    }))
    if (row.decidingKind !== (status === 1 ? 'funding' : 'funding-refusal'))
      says.push('it was decided by something else')
  }
  if (status === 1 && row.moved !== true) says.push('what it moved is something else')
  if (status === 1 && waited && (row.decided_by === asked_by || row.decided_party === asked_party))
    says.push('nobody else has approved it')
  return says
}
