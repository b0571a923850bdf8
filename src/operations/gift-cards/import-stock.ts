import { createHash } from 'node:crypto'
import { setImmediate as breathe } from 'node:timers/promises'
import type { Keyring } from '../../credentials/keyring.ts'
import { readStockHeader, type StockHeader, type StockRules } from '../../domain/stock-line.ts'
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
  type BatchLine,
  hashLines,
  type NumberedLine,
  type SealedBatch,
  sealLines,
  type UploadContext,
} from './seal-lines.ts'
import { type ImportedStock, type StockUpload, UPLOAD_LIMITS, UploadConflict, UploadTooLarge } from './stock-upload.ts'
import { writeStockBatch } from './write-stock-batch.ts'

/** Lines of one transaction. Uploads that are going on were cut into batches of this size. */
const BATCH = 2500
/** Codes that are sealed before other work of this process has its turn: about two milliseconds. */
const SLICE = 50

export type ImportDeps = Pick<GiftDeps, 'db' | 'cardHasher' | 'clock'> & {
  keyring: Pick<Keyring, 'seal'>
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
  const chunks = numbered(readLines(counted(), UPLOAD_LIMITS.lineLength))
  const { header, first } = await readHeader(chunks)
  const begun = await begin(deps, upload)
  const sum = { lines: 0, added: 0, in_file: 0, in_stock: 0, malformed: 0 }
  let lastBatch = 0
  if (begun.status === 'running') {
    const context = { brandId: brand.id, header, rules: rulesOf(brand, deps.clock()) }
    let writing: Promise<StockCounts> | null = null
    const settle = async () => {
      const counts = await writing
      writing = null
      for (const name of Object.keys(sum) as (keyof StockCounts)[]) sum[name] += counts?.[name] ?? 0
      if (counts) upload.onProgress?.({ ...sum, bytes })
    }
    try {
      for await (const batch of batches(first, chunks)) {
        const sealed = await sealBatch(deps, context, batch)
        await settle()
        lastBatch = sealed.firstLine
        writing = writeStockBatch(deps.db, { brandId: brand.id, importId: begun.id, ...sealed })
        // Whoever waits for it is told.
        writing.catch(() => {})
      }
    } finally {
      await settle()
    }
  } else for await (const _ of chunks);
  const contentHash = content.digest()
  const ended = await endStockImport(deps.db, begun.id, { contentHash, lastBatch, at: new Date(deps.clock()) })
  const report = (await findStockImport(deps.db, begun.id)) as StockImportRow
  if (!ended && !report.content_hash?.equals(contentHash))
    throw new UploadConflict('the key was used before with other content')
  await noticeLowStock(deps, { brandId: brand.id })
  return { report, repeated: !ended }
}

/** Reads and seals a batch, in slices, so that other work of the process has its turn. */
async function sealBatch(
  deps: ImportDeps,
  context: UploadContext,
  batch: readonly NumberedLine[],
): Promise<SealedBatch> {
  const lines: BatchLine[] = []
  for (let from = 0; from < batch.length; from += SLICE) {
    lines.push(...sealLines(deps, context, batch.slice(from, from + SLICE)))
    await breathe()
  }
  return { firstLine: batch[0]?.line ?? 0, hash: hashLines(context, batch), lines }
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

/** By the chunk: a promise for each line would cost more than reading it. */
async function* numbered(source: AsyncIterable<Line[]>): AsyncGenerator<NumberedLine[]> {
  let line = 0
  for await (const texts of source) {
    const found: NumberedLine[] = []
    for (const text of texts) {
      line++
      // An empty line means nothing; it only counts for the numbers of those that follow.
      if (text === null || text.trim() !== '') found.push({ line, text })
    }
    if (line > UPLOAD_LIMITS.lines + 1) throw new UploadTooLarge(`an upload has at most ${UPLOAD_LIMITS.lines} lines`)
    if (found.length > 0) yield found
  }
}

/** @returns also the lines that came with it */
async function readHeader(
  chunks: AsyncGenerator<NumberedLine[]>,
): Promise<{ header: StockHeader; first: NumberedLine[] }> {
  const chunk = await chunks.next()
  const wrong = (why: string) => new OperationRefusal('invalid_input', 'file', why)
  if (chunk.done) throw wrong('the file is empty')
  const [row, ...first] = chunk.value
  if (!row || row.text === null) throw wrong('the header row is too long')
  const header = readStockHeader(row.text)
  if ('malformed' in header) throw wrong(header.malformed)
  return { header, first }
}

async function* batches(first: NumberedLine[], chunks: AsyncGenerator<NumberedLine[]>): AsyncGenerator<NumberedLine[]> {
  let waiting = first
  for (;;) {
    let from = 0
    for (; from + BATCH <= waiting.length; from += BATCH) yield waiting.slice(from, from + BATCH)
    waiting = waiting.slice(from)
    const chunk = await chunks.next()
    if (chunk.done) break
    waiting = waiting.concat(chunk.value)
  }
  if (waiting.length > 0) yield waiting
}
