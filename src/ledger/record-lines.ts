import { accountChangeLine, holdEndedLine, holdOpenedLine, LINE, transactionLine, transferLine } from './lines.ts'
import type { TransactionRecord } from './transaction-rows.ts'

/** The text that `encodeBatch` took the digest of, made again from the rows. */
export function linesOf(record: Omit<TransactionRecord, 'digest' | 'stream' | 'seq'>): string {
  let lines = transactionLine(record.id, record.kind, record.principal, record.at, record.payload)
  for (const x of record.transfers) lines += LINE + transferLine(x.leg, x.source, x.target, x.assetId, x.amount)
  for (const hold of record.opened) lines += LINE + holdOpenedLine(hold)
  for (const hold of record.ended) lines += LINE + holdEndedLine(hold.id, hold.status, hold.captured)
  for (const change of record.changes) {
    lines += LINE + accountChangeLine(change, change.status, change.asset ?? { code: '', circle: '', exponent: 0 })
  }
  return lines
}
