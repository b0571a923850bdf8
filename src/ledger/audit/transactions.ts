import type { Snapshot } from '../../storage/snapshot.ts'
import { digestOf } from '../lines.ts'
import { linesOf } from '../record-lines.ts'
import { type Orphan, readTransactions, type TransactionRecord } from '../transaction-rows.ts'
import { type Findings, type RowName, rowName } from './findings.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: the separators of the lines are what is looked for
const SEPARATORS = /[\u001e\u001f]/

/** Takes each transaction's digest again from its rows. @returns how many there are */
export async function auditTransactions(snapshot: Snapshot, findings: Findings, onRow: () => void): Promise<number> {
  let count = 0
  for await (const record of readTransactions(snapshot, { onOrphan: (orphan) => reportOrphan(findings, orphan) })) {
    count++
    onRow()
    const name = rowName('transaction', { id: record.id })
    if (digestOf(linesOf(record)) !== record.digest) {
      findings.add(
        'transactions',
        name,
        'its digest is not that of its rows: this row or one of those that belong to it was changed, added or removed',
        partsOf(record),
      )
    }
    // With a separator in a text, other rows could have the same lines.
    if (SEPARATORS.test(record.kind) || SEPARATORS.test(record.principal) || SEPARATORS.test(record.payload)) {
      findings.add('transactions', name, 'a text of it holds a separator of the digest')
    }
  }
  return count
}

function partsOf(record: TransactionRecord): RowName[] {
  const holds = new Set([...record.opened, ...record.ended].map((hold) => hold.id))
  const assets = new Set(record.changes.map((change) => change.assetId))
  return [
    ...record.transfers.map(({ leg }) => rowName('transfer', { transaction_id: record.id, leg })),
    ...[...holds].map((id) => rowName('hold', { id })),
    ...record.changes.map(({ id, version }) => rowName('account_change', { account_id: id, version })),
    ...[...assets].map((id) => rowName('asset', { id })),
  ]
}

function reportOrphan(findings: Findings, { table, row }: Orphan): void {
  const message = `its transaction ${row.by} does not exist`
  if (table === 'transfer') findings.add('transfers', rowName(table, { transaction_id: row.by, leg: row.leg }), message)
  else if (table === 'hold') findings.add('holds', rowName(table, { id: row.id }), message)
  else findings.add('account-changes', rowName(table, { account_id: row.id, version: row.version }), message)
}
