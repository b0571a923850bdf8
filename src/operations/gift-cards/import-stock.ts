import { createHash } from 'node:crypto'
import { setImmediate as breathe } from 'node:timers/promises'
import { readStockHeader, readStockLine, type StockHeader, type StockRules } from '../../domain/stock-line.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Brand } from '../../storage/brands.ts'
import {
  endStockImport,
  findStockImport,
  findStockImportByKey,
  insertStockImport,
  type StockCounts,
  type StockImportRow,
} from '../../storage/stock-imports.ts'
import { OperationRefusal } from '../input.ts'
import type { GiftDeps } from './gift-deps.ts'
import { noticeLowStock } from './low-stock.ts'
import { type Line, readLines } from './read-lines.ts'
import {
  type ImportedStock,
  type StockUpload,
  sealCode,
  UPLOAD_LIMITS,
  UploadConflict,
  UploadTooLarge,
} from './stock-upload.ts'
import { type BatchLine, writeStockBatch } from './write-stock-batch.ts'

/** Lines of one transaction. Uploads that are going on were cut into batches of this size. */
const BATCH = 5000
/** Codes that are sealed before other work of this process has its turn: about two milliseconds. */
const SLICE = 100

type ImportDeps = Pick<GiftDeps, 'db' | 'keyring' | 'cardHasher' | 'clock'> & {
  log: { warn(fields: object, message: string): void }
}

/**
 * Adds the codes of a CSV file to a brand's stock. The header row names the columns. Each line is added, or refused with its
 * reason and its number; a line that is refused stops nothing. Memory stays flat: one batch is written while the next is sealed.
 * @throws {OperationRefusal} when the brand has no stock or the header row is wrong; then nothing was done
 */
export async function importStock(deps: ImportDeps, upload: StockUpload): Promise<ImportedStock> {
  const { brand } = upload
  if (brand.supply !== 'stock')
    throw new OperationRefusal('conflict', 'brand', `the supply of ${brand.slug} is not stock`)
  const content = createHash('sha256')
  let bytes = 0
  async function* counted() {
    for await (const chunk of upload.source) {
      content.update(chunk)
      bytes += chunk.length
      if (bytes > UPLOAD_LIMITS.bytes) throw new UploadTooLarge(`an upload has at most ${UPLOAD_LIMITS.bytes} bytes`)
      yield chunk
    }
  }
  const lines = numbered(readLines(counted(), UPLOAD_LIMITS.lineLength))
  const header = await readHeader(lines)
  const begun = await begin(deps, upload)
  const sum = { lines: 0, added: 0, in_file: 0, in_stock: 0, malformed: 0 }
  let lastBatch = 0
  if (begun.status === 'running') {
    const rules = rulesOf(brand, deps.clock())
    let writing: Promise<StockCounts> | null = null
    const settle = async () => {
      const counts = await writing
      writing = null
      for (const name of Object.keys(sum) as (keyof StockCounts)[]) sum[name] += counts?.[name] ?? 0
      if (counts) upload.onProgress?.({ ...sum, bytes })
    }
    try {
      for await (const batch of batches(lines)) {
        const prepared = await prepare(deps, brand, batch, header, rules)
        await settle()
        lastBatch = prepared.firstLine
        writing = writeStockBatch(deps.db, { brandId: brand.id, importId: begun.id, ...prepared })
        // Whoever waits for it is told.
        writing.catch(() => {})
      }
    } finally {
      await settle()
    }
  } else for await (const _ of lines);
  const contentHash = content.digest()
  const ended = await endStockImport(deps.db, begun.id, { contentHash, lastBatch, at: new Date(deps.clock()) })
  const report = (await findStockImport(deps.db, begun.id)) as StockImportRow
  if (!ended && !report.content_hash?.equals(contentHash))
    throw new UploadConflict('the key was used before with other content')
  await noticeLowStock(deps, { brandId: brand.id })
  return { report, repeated: !ended }
}

/** The row of this upload: a new one, or the one that was begun under its key. */
async function begin(deps: ImportDeps, { brand, name, actor, key }: StockUpload): Promise<StockImportRow> {
  const now = deps.clock()
  const id = uuidV7(now)
  const row = { id, brand_id: brand.id, name, principal: actor, key: key ?? null, at: new Date(now) }
  await insertStockImport(deps.db, row)
  const found = key === undefined ? await findStockImport(deps.db, id) : await findStockImportByKey(deps.db, actor, key)
  if (!found) throw new Error('the upload that was just begun is not there')
  if (found.brand_id !== brand.id || found.name !== name)
    throw new UploadConflict('the key was used before for another upload')
  return found
}

const rulesOf = ({ values, asset }: Brand, now: number): StockRules => ({
  values,
  exponent: asset.exponent,
  today: new Date(now).toISOString().slice(0, 10),
})

type Numbered = { readonly line: number; readonly text: Line }

async function* numbered(source: AsyncIterable<Line[]>): AsyncGenerator<Numbered> {
  let line = 0
  for await (const texts of source) {
    for (const text of texts) {
      line++
      if (line > UPLOAD_LIMITS.lines + 1) throw new UploadTooLarge(`an upload has at most ${UPLOAD_LIMITS.lines} lines`)
      // An empty line means nothing; it only counts for the numbers of those that follow.
      if (text === null || text.trim() !== '') yield { line, text }
    }
  }
}

async function readHeader(lines: AsyncGenerator<Numbered>): Promise<StockHeader> {
  const first = await lines.next()
  const wrong = (why: string) => new OperationRefusal('invalid_input', 'file', why)
  if (first.done) throw wrong('the file is empty')
  if (first.value.text === null) throw wrong('the header row is too long')
  const header = readStockHeader(first.value.text)
  if ('malformed' in header) throw wrong(header.malformed)
  return header
}

async function* batches(lines: AsyncIterable<Numbered>): AsyncGenerator<Numbered[]> {
  let batch: Numbered[] = []
  for await (const line of lines) {
    if (batch.push(line) < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** Reads and seals the lines of a batch. */
async function prepare(
  deps: ImportDeps,
  brand: Brand,
  batch: readonly Numbered[],
  header: StockHeader,
  rules: StockRules,
): Promise<{ firstLine: number; hash: Buffer; lines: BatchLine[] }> {
  const hash = createHash('sha256').update(`${header.columns.join()}\n`)
  const lines: BatchLine[] = []
  for (const [i, { line, text }] of batch.entries()) {
    if (i % SLICE === SLICE - 1) await breathe()
    hash.update(`${line} ${text ?? ''}\n`)
    if (text === null) lines.push({ line, malformed: `the line is longer than ${UPLOAD_LIMITS.lineLength}` })
    else if (text.includes('\ufffd')) lines.push({ line, malformed: 'the line is no UTF-8' })
    else {
      const read = readStockLine(text, header, rules)
      lines.push('malformed' in read ? { line, ...read } : { line, ...sealCode(deps, brand.id, read) })
    }
  }
  return { firstLine: batch[0]?.line ?? 0, hash: hash.digest(), lines }
}
