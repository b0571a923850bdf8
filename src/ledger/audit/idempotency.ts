import type { Snapshot } from '../../storage/snapshot.ts'
import { idempotencyDigest } from '../lines.ts'
import { millisecondsOf } from '../transaction-rows.ts'
import { type Findings, rowName } from './findings.ts'

const ROWS = `
select i.principal, i.key, replace(i.request_hash::text, '-', '') as hash, replace(i.digest::text, '-', '') as digest,
  i.transaction_id as transaction, ${millisecondsOf('i.at')} as at, i.status, i.answer, t.id is null as lost,
  t.principal <> i.principal as strange, t.at <> i.at as untimely
from idempotency i left join transaction t on t.id = i.transaction_id`

type Row = {
  principal: string
  key: string
  hash: string
  digest: string
  transaction: string | null
  at: string
  status: number
  answer: string
  lost: boolean
  strange: boolean | null
  untimely: boolean | null
}

/** Each stored answer is as it was stored, and its transaction was kept. @returns how many there are */
export async function auditIdempotency(snapshot: Snapshot, findings: Findings, onRow: () => void): Promise<number> {
  let count = 0
  for (const reader = await snapshot.read<Row>(ROWS); reader.current; ) {
    const row = reader.current
    count++
    onRow()
    const says: string[] = []
    if (idempotencyDigest({ ...row, at: Number(row.at) }) !== row.digest)
      says.push('its digest is not that of its columns')
    if (row.transaction !== null) {
      if (row.lost) says.push(`its transaction ${row.transaction} does not exist`)
      if (row.strange) says.push('its transaction belongs to another principal')
      if (row.untimely) says.push('its time is not that of its transaction')
    }
    if (says.length > 0) {
      findings.add('idempotency', rowName('idempotency', { principal: row.principal, key: row.key }), says.join('; '))
    }
    const fetching = reader.next()
    if (fetching) await fetching
  }
  return count
}
