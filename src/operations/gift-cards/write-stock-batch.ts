import type { Database, Sql } from '../../storage/database.ts'
import {
  claimStockBatch,
  endStockBatch,
  findCodesOfImport,
  findStockBatch,
  insertStockCodes,
  type SealedCode,
  type StockCounts,
  type StockRefusal,
} from '../../storage/stock-imports.ts'
import { ensureStockValues } from '../../storage/stock-levels.ts'
import type { SealedBatch } from './seal-lines.ts'
import { UploadConflict } from './stock-upload.ts'

type Batch = SealedBatch & { readonly brandId: string; readonly importId: string }

/**
 * Adds the codes of one batch and notes why the others were refused, in one transaction. A batch that was worked off before, by
 * a request that was cut off or by one that runs beside this one, is not worked off again.
 */
export function writeStockBatch(db: Database, batch: Batch): Promise<StockCounts> {
  return db.transaction(async (sql) => {
    const { importId, firstLine, hash, lines } = batch
    if (!(await claimStockBatch(sql, importId, firstLine, hash))) {
      const earlier = await findStockBatch(sql, importId, firstLine)
      if (earlier?.hash.equals(hash)) return earlier
      throw new UploadConflict('the key was used before with other content')
    }
    const refusals = await addCodes(sql, batch)
    const count = (reason: StockRefusal['reason']) => refusals.filter((it) => it.reason === reason).length
    const counts = {
      lines: lines.length,
      added: lines.length - refusals.length,
      in_file: count('in-file'),
      in_stock: count('in-stock'),
      malformed: count('malformed'),
    }
    await endStockBatch(sql, importId, firstLine, counts, refusals)
    return counts
  })
}

async function addCodes(sql: Sql, { brandId, importId, lines }: Batch): Promise<StockRefusal[]> {
  const first = new Map<string, SealedCode>()
  for (const line of lines) if (!('malformed' in line) && !first.has(line.hash)) first.set(line.hash, line)
  const codes = [...first.values()]
  if (codes.length === 0) return lines.flatMap((line) => ('malformed' in line ? [malformed(line)] : []))
  await ensureStockValues(sql, brandId, [...new Set(codes.map(({ face }) => face))])
  const added = await insertStockCodes(sql, { brandId, importId, codes })
  const there = codes.map(({ hash }) => hash).filter((hash) => !added.has(hash))
  const ours = there.length === 0 ? new Set<string>() : await findCodesOfImport(sql, importId, there)
  const refusals: StockRefusal[] = []
  const met = new Set<string>()
  for (const line of lines) {
    if ('malformed' in line) {
      refusals.push(malformed(line))
      continue
    }
    const again = met.has(line.hash)
    met.add(line.hash)
    if (added.has(line.hash) && !again) continue
    const reason = added.has(line.hash) || ours.has(line.hash) ? 'in-file' : 'in-stock'
    refusals.push({ line: line.line, reason, detail: null, mask: line.mask })
  }
  return refusals
}

const malformed = (line: { line: number; malformed: string }): StockRefusal => ({
  line: line.line,
  reason: 'malformed',
  detail: line.malformed,
  mask: null,
})
