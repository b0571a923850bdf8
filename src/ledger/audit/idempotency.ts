import type { Snapshot } from '../../storage/snapshot.ts'
import { idempotencyDigest } from '../lines.ts'
import { millisecondsOf } from '../transaction-rows.ts'
import { type Findings, rowName } from './findings.ts'

const ROWS = `
select replace(i.id::text, '-', '') as id, replace(i.request_hash::text, '-', '') as hash, replace(i.digest::text, '-', '') as digest,
  i.transaction_id as transaction, ${millisecondsOf('i.at')} as at, i.status, i.answer, t.id is null as lost,
  t.at <> i.at as untimely
from idempotency i left join transaction t on t.id = i.transaction_id`

type Row = {
  id: string
  hash: string
  digest: string
  transaction: string | null
  at: string
  status: number
  answer: string
  lost: boolean
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
      if (row.untimely) says.push('its time is not that of its transaction')
    }
    if (says.length > 0) {
      findings.add('idempotency', rowName('idempotency', { id: dashed(row.id) }), says.join('; '))
    }
    const fetching = reader.next()
    if (fetching) await fetching
  }
  return count
}

const dashed = (hex: string) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
