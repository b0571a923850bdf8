import type { Database } from '../storage/database.ts'
import { inSnapshot, type Snapshot } from '../storage/snapshot.ts'
import { exportCsv } from './export/csv.ts'
import { exportHledger } from './export/hledger.ts'
import { exportJsonl } from './export/jsonl.ts'

export const exportFormats = ['hledger', 'csv', 'jsonl'] as const
export type ExportFormat = (typeof exportFormats)[number]

/** Takes the next piece of the file; a promise holds the export back until there is room. */
export type Write = (text: string) => void | Promise<void>

export type ExportProgress = { readonly rows: number; readonly ofRows: number }

/** `row` is called once a row of the format's main table. */
export type Exporter = (snapshot: Snapshot, write: Write, row: () => void) => Promise<void>

const EXPORTERS: Record<ExportFormat, { table: 'transaction' | 'entry'; run: Exporter }> = {
  hledger: { table: 'transaction', run: exportHledger },
  csv: { table: 'entry', run: exportCsv },
  jsonl: { table: 'transaction', run: exportJsonl },
}

const PIECE = 1 << 16

/**
 * Writes the whole ledger as it is at one moment: a journal for hledger that checks every balance, a line of CSV for each entry,
 * or a line of JSON for each transaction. Memory does not grow with the ledger.
 */
export async function exportLedger(
  db: Database,
  { format }: { format: ExportFormat },
  write: Write,
  onProgress: (progress: ExportProgress) => void = () => {},
): Promise<void> {
  const { table, run } = EXPORTERS[format]
  await inSnapshot(db, async (snapshot) => {
    const [count] = await snapshot.query<{ count: bigint }>(`select count(*) from ${table}`)
    const ofRows = Number(count?.count)
    let rows = 0
    let piece = ''
    const collect: Write = (text) => {
      piece += text
      if (piece.length < PIECE) return undefined
      const full = piece
      piece = ''
      return write(full)
    }
    const row = () => {
      if (++rows % 10_000 === 0) onProgress({ rows, ofRows })
    }
    await run(snapshot, collect, row)
    if (piece !== '') await write(piece)
    onProgress({ rows, ofRows })
  })
}
