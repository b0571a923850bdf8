import type { Snapshot } from '../../storage/snapshot.ts'
import { countRest, LISTED } from './entries.ts'
import { type Findings, rowName } from './findings.ts'

const SIDES = `
select coalesce(x.transaction_id, e.transaction_id) as id, coalesce(x.leg, e.leg) as leg, count(*) over () as total
from transfer x
full join (
  select transaction_id, leg, count(*) as count, min(amount) as paid, max(amount) as received, min(at) as first, max(at) as last,
    max(account_id) filter (where amount < 0) as payer, max(account_id) filter (where amount > 0) as payee
  from entry group by transaction_id, leg
) e on e.transaction_id = x.transaction_id and e.leg = x.leg
left join transaction t on t.id = e.transaction_id
where x.leg is null or e.count is distinct from 2 or e.paid is distinct from -x.amount or e.received is distinct from x.amount
  or e.payer is distinct from x.source or e.payee is distinct from x.target or e.first is distinct from t.at
  or e.last is distinct from t.at
limit ${LISTED}`

/** What the flagged legs consist of. Only looked for when there are some: entries have no index by transaction. */
const DETAILS = `
select w.id, w.leg, x.source, x.target, x.amount, e.account_id, e.seq, e.amount as moved, e.at is distinct from t.at as untimely
from unnest($1::uuid[], $2::smallint[]) as w (id, leg)
left join transfer x on x.transaction_id = w.id and x.leg = w.leg
left join entry e on e.transaction_id = w.id and e.leg = w.leg
left join transaction t on t.id = w.id
order by w.id, w.leg, e.account_id, e.seq`

type Detail = {
  id: string
  leg: number
  source: bigint | null
  target: bigint
  amount: bigint
  account_id: bigint | null
  seq: bigint
  moved: bigint
  untimely: boolean
}

/** Each transfer has exactly its two entries, at the time of its transaction; no entry is without transfer. */
export async function auditTransferSides(snapshot: Snapshot, findings: Findings): Promise<void> {
  const flagged = await snapshot.query<{ id: string; leg: number; total: bigint }>(SIDES)
  if (flagged.length === 0) return
  const details = await snapshot.query<Detail>(DETAILS, [flagged.map((row) => row.id), flagged.map((row) => row.leg)])
  const byLeg = Map.groupBy(details, ({ id, leg }) => `${id} ${leg}`)
  for (const rows of byLeg.values()) reportLeg(findings, rows)
  countRest(findings, 'transfers', flagged)
}

function reportLeg(findings: Findings, rows: Detail[]): void {
  const { id, leg, source, target, amount } = rows[0] as Detail
  const transfer = rowName('transfer', { transaction_id: id, leg })
  const entries = rows.filter((row) => row.account_id !== null)
  const open = source === null ? [] : [`${source} ${-amount}`, `${target} ${amount}`]
  for (const entry of entries) {
    const name = rowName('entry', { account_id: entry.account_id, seq: entry.seq })
    if (source === null) {
      findings.add('transfers', name, `its transfer (transaction ${id}, leg ${leg}) does not exist`)
      continue
    }
    const side = open.indexOf(`${entry.account_id} ${entry.moved}`)
    if (side >= 0) open.splice(side, 1)
    else {
      const expected = `${amount} from account ${source} to ${target}`
      findings.add('transfers', name, `it moves ${entry.moved}, which is no side of its transfer of ${expected}`, [
        transfer,
      ])
    }
    if (entry.untimely)
      findings.add('transfers', name, 'its time is not that of its transaction', [rowName('transaction', { id })])
  }
  for (const side of open) {
    const [account, moved] = side.split(' ')
    const suspects = entries.map((entry) => rowName('entry', { account_id: entry.account_id, seq: entry.seq }))
    findings.add('transfers', transfer, `account ${account} has no entry of ${moved} for it`, suspects)
  }
}

const ASSETS = `
select x.transaction_id as id, x.leg, x.asset_id, s.asset_id as "sourceAsset", t.asset_id as "targetAsset", count(*) over () as total
from transfer x left join account s on s.id = x.source left join account t on t.id = x.target
where s.asset_id is distinct from x.asset_id or t.asset_id is distinct from x.asset_id
limit ${LISTED}`

/** Both accounts of a transfer exist and are in its asset. */
export async function auditTransferAssets(snapshot: Snapshot, findings: Findings): Promise<void> {
  const rows = await snapshot.query<{
    id: string
    leg: number
    asset_id: number
    sourceAsset: number | null
    targetAsset: number | null
    total: bigint
  }>(ASSETS)
  for (const row of rows) {
    const side = (asset: number | null) => (asset === null ? 'an account that does not exist' : `one in asset ${asset}`)
    const message = `moves asset ${row.asset_id} from ${side(row.sourceAsset)} to ${side(row.targetAsset)}`
    findings.add('transfers', rowName('transfer', { transaction_id: row.id, leg: row.leg }), message)
  }
  countRest(findings, 'transfers', rows)
}
