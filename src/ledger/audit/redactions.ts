import type { Snapshot } from '../../storage/snapshot.ts'
import { ERASURE_KIND } from '../redaction.ts'
import { type Findings, rowName } from './findings.ts'
import { asObject, readPayload } from './told.ts'

const REDACTIONS = `
select r.transaction_id as id, r.redacted_by as by, replace(t.digest::text, '-', '') as digest, b.kind
from redaction r left join transaction t on t.id = r.transaction_id left join transaction b on b.id = r.redacted_by
order by r.redacted_by, r.transaction_id`

type Row = { id: string; by: string; digest: string | null; kind: string | null }

/** Each transaction whose texts were taken out reads as the erasure says that did it; its digest itself is checked with the others. */
export async function auditRedactions(snapshot: Snapshot, findings: Findings): Promise<void> {
  let told: { by: string; digests: Record<string, unknown> } = { by: '', digests: {} }
  for (const reader = await snapshot.read<Row>(REDACTIONS); reader.current; ) {
    const { id, by, digest, kind } = reader.current
    if (told.by !== by) {
      const [row] = await snapshot.query<{ payload: string }>('select payload from transaction where id = $1', [by])
      told = { by, digests: asObject(readPayload(row?.payload ?? null).redacted) }
    }
    const name = rowName('redaction', { transaction_id: id })
    if (digest === null) findings.add('redactions', name, 'its transaction does not exist')
    else if (kind !== ERASURE_KIND || told.digests[id] !== digest)
      findings.add('redactions', name, `transaction ${by} does not say that it reads like this`, [
        rowName('transaction', { id }),
      ])
    const fetching = reader.next()
    if (fetching) await fetching
  }
}
