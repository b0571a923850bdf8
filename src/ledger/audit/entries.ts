import type { Snapshot } from '../../storage/snapshot.ts'
import { type Findings, rowName } from './findings.ts'

/** Rows that one query returns at most; the others it counts. */
export const LISTED = 100

// Sums are taken as numeric: a balance that somebody changed may leave the range of bigint.
const CHAIN = `
select *, count(*) over () as total from (
  select e.account_id, e.seq, e.amount, e.balance, e.at < lag(e.at) over w as earlier, a.entries,
    lag(e.seq, 1, 0::bigint) over w as "previousSeq", lag(e.balance, 1, 0::bigint) over w as "previousBalance"
  from entry e left join account a on a.id = e.account_id
  window w as (partition by e.account_id order by e.seq)
) as chained
where seq::numeric - 1 <> "previousSeq" or "previousBalance"::numeric + amount <> balance or earlier or entries is null
limit ${LISTED}`

type ChainRow = {
  account_id: bigint
  seq: bigint
  amount: bigint
  balance: bigint
  earlier: boolean | null
  entries: bigint | null
  previousSeq: bigint
  previousBalance: bigint
  total: bigint
}

/** Each account's entries: numbered from 1 without gaps, each balance the one before plus the amount, times never going back. */
export async function auditEntries(snapshot: Snapshot, findings: Findings): Promise<void> {
  const rows = await snapshot.query<ChainRow>(CHAIN)
  for (const row of rows) {
    const name = rowName('entry', { account_id: row.account_id, seq: row.seq })
    const says: string[] = []
    if (row.entries === null) says.push('its account does not exist')
    if (row.seq - 1n !== row.previousSeq) says.push(`it follows entry ${row.previousSeq}: entries between are missing`)
    const expected = row.previousBalance + row.amount
    if (expected !== row.balance) {
      says.push(`its balance is ${row.balance}, but ${row.previousBalance} and ${row.amount} make ${expected}`)
    }
    if (row.earlier) says.push('its time is before that of the entry before')
    const before = rowName('entry', { account_id: row.account_id, seq: row.previousSeq })
    findings.add('entries', name, says.join('; '), row.previousSeq > 0n ? [before] : [])
  }
  countRest(findings, 'entries', rows)
}

export function countRest(
  findings: Findings,
  check: Parameters<Findings['addUnlisted']>[0],
  rows: { total: bigint }[],
): void {
  if (rows[0]) findings.addUnlisted(check, Number(rows[0].total) - rows.length)
}
