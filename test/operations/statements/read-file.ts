import { type ReconciliationLine, reconcile } from '../../../src/operations/statements/reconcile.ts'
import type { Sql } from '../../../src/storage/database.ts'
import type { EntryRange } from '../../../src/storage/statement-lines.ts'

/** The file of a range, read in pages as a download is. */
export async function readFile(
  db: Sql,
  account: bigint,
  { first, last }: EntryRange,
  page: number,
): Promise<ReconciliationLine[]> {
  const lines: ReconciliationLine[] = []
  for (let from = first; ; ) {
    const rows = await reconcile(db, account, { first: from, last }, page)
    const end = rows.at(-1)
    if (end === undefined) return lines
    lines.push(...rows)
    from = end.seq + 1n
  }
}
