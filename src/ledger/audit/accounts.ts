import type { Snapshot } from '../../storage/snapshot.ts'
import { countRest, LISTED } from './entries.ts'
import { type Findings, rowName } from './findings.ts'

const LAST_TOUCH = `
select account_id, max(at) as at from (
  select c.account_id, t.at from account_change c join transaction t on t.id = c.transaction_id
  union all
  select side.account, t.at
  from hold h cross join lateral (values (h.source), (h.target)) as side (account)
  join transaction t on t.id = h.opened_by or t.id = h.closed_by
) as touches group by account_id`

const ACCOUNTS = `
select *, count(*) over () as total from (
  select a.*, s.id is null as "noAsset", coalesce(e.seq, 0) as "lastSeq", coalesce(e.balance, 0) as "lastBalance",
    coalesce(held.amount, 0) as "openHeld", coalesce(coming.amount, 0) as "openIncoming",
    c.version as "lastVersion", c.asset_id as "lastAsset", c.lower as "lastLower", c.upper as "lastUpper", c.status as "lastStatus",
    a.changed_at is distinct from greatest(e.at, touched.at) as untimely,
    a.balance::numeric - a.held < a.lower or a.balance::numeric + a.incoming > a.upper or a.lower > a.upper as beyond,
    a.status = 2 and (a.balance <> 0 or a.held <> 0 or a.incoming <> 0) as filled
  from account a
  left join asset s on s.id = a.asset_id
  left join lateral (select seq, balance, at from entry where account_id = a.id order by seq desc limit 1) e on true
  left join lateral (select * from account_change where account_id = a.id order by version desc limit 1) c on true
  left join (select source as id, sum(amount) as amount from hold where status = 0 group by 1) held on held.id = a.id
  left join (select target as id, sum(amount) as amount from hold where status = 0 group by 1) coming on coming.id = a.id
  left join (${LAST_TOUCH}) as touched on touched.account_id = a.id
) as compared
where "noAsset" or entries <> "lastSeq" or balance <> "lastBalance" or held <> "openHeld" or incoming <> "openIncoming"
  or version is distinct from "lastVersion" or asset_id is distinct from "lastAsset" or lower is distinct from "lastLower"
  or upper is distinct from "lastUpper" or status is distinct from "lastStatus" or untimely or beyond or filled
order by id limit ${LISTED}`

type AccountRow = {
  id: bigint
  total: bigint
  noAsset: boolean
  untimely: boolean
  beyond: boolean | null
  filled: boolean
} & Record<string, unknown>

const COMPARED: readonly (readonly [column: string, other: string, meaning: string])[] = [
  ['balance', 'lastBalance', 'the balance of its last entry'],
  ['entries', 'lastSeq', 'the number of its last entry'],
  ['held', 'openHeld', 'the sum of the open holds on it'],
  ['incoming', 'openIncoming', 'the sum of the open holds towards it'],
  ['version', 'lastVersion', 'the number of its last change'],
  ['asset_id', 'lastAsset', 'the asset of its last change'],
  ['lower', 'lastLower', 'the lower limit of its last change'],
  ['upper', 'lastUpper', 'the upper limit of its last change'],
  ['status', 'lastStatus', 'the status of its last change'],
]

/** Each account's row says what its last entry, its open holds and its last change say, and keeps its limits. */
export async function auditAccounts(snapshot: Snapshot, findings: Findings): Promise<void> {
  const rows = await snapshot.query<AccountRow>(ACCOUNTS)
  for (const row of rows) {
    const says = row.lastVersion === null ? ['it was never opened'] : []
    for (const [column, other, meaning] of COMPARED) {
      const [value, expected] = [String(row[column]), String(row[other])]
      if (value !== expected && row.lastVersion !== null)
        says.push(`${column} is ${value}, but ${meaning} is ${expected}`)
    }
    if (row.noAsset) says.push(`its asset ${row.asset_id} does not exist`)
    if (row.untimely) says.push('changed_at is not the time of its last entry, hold or change')
    if (row.beyond) says.push('its balance and holds break its limits')
    if (row.filled) says.push('it is closed and not empty')
    findings.add('accounts', rowName('account', { id: row.id }), says.join('; '))
  }
  countRest(findings, 'accounts', rows)
}

const CHANGES = `
select *, count(*) over () as total from (
  select c.account_id, c.version, a.id is null as lost, a.asset_id <> c.asset_id as strange,
    lag(c.version, 1, 0) over (partition by c.account_id order by c.version) as previous
  from account_change c left join account a on a.id = c.account_id
) as numbered
where lost or strange or version - 1 <> previous
order by account_id, version limit ${LISTED}`

/** Versions count from 1 without gaps, and belong to an account of the same asset. */
export async function auditAccountChanges(snapshot: Snapshot, findings: Findings): Promise<void> {
  const rows = await snapshot.query<{
    account_id: bigint
    version: number
    lost: boolean
    strange: boolean | null
    previous: number
    total: bigint
  }>(CHANGES)
  for (const { account_id, version, lost, strange, previous } of rows) {
    const says: string[] = []
    if (lost) says.push('its account does not exist')
    if (strange) says.push('its asset is not that of the account')
    if (version - 1 !== previous) says.push(`it follows version ${previous}: versions between are missing`)
    findings.add('account-changes', rowName('account_change', { account_id, version }), says.join('; '))
  }
  countRest(findings, 'account-changes', rows)
}
