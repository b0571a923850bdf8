import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { createCardHasher } from '../credentials/card-codes.ts'
import { loadServerKey } from '../credentials/server-key.ts'
import { pageView } from '../operations/directory-views.ts'
import { importStockInThread } from '../operations/gift-cards/import-thread.ts'
import { requireBrand } from '../operations/gift-cards/require-brand.ts'
import { UploadConflict, UploadTooLarge } from '../operations/gift-cards/stock-upload.ts'
import { importView, levelView, noticeView, refusalView } from '../operations/gift-cards/views.ts'
import { OperationRefusal, requireUuid } from '../operations/input.ts'
import type { Database } from '../storage/database.ts'
import { findStockImport, listStockImports, listStockRefusals } from '../storage/stock-imports.ts'
import { listLevels, listNotices } from '../storage/stock-levels.ts'
import { paging, readArguments, requirePositionals, runVerb, wholeNumber } from './arguments.ts'
import { PlainError, UsageError } from './command.ts'
import { print, printPage, printRecord, remark } from './output.ts'
import { actorName } from './plainly.ts'
import { createProgress } from './progress.ts'
import { withDatabase } from './with-database.ts'

export const run = (args: string[]) => runVerb({ import: importFile, show, imports, refusals, notices }, args)

async function importFile(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { name: 'string', key: 'string', json: 'boolean' })
  const [slug = '', path = ''] = requirePositionals(positionals, 'BRAND', 'FILE')
  if (options.key !== undefined && !/^[\x21-\x7e]{1,200}$/.test(options.key))
    throw new UsageError('--key has 1 to 200 printable characters without blanks')
  const { size, source } = await openSource(path)
  const name = options.name ?? (path === '-' ? 'standard input' : basename(path))
  return withDatabase('writes', async ({ db, clock, keyring: openKeyring }) => {
    const brand = await requireBrand(db, slug)
    const keyring = await openKeyring()
    const cardHasher = createCardHasher(await loadServerKey({ db, keyring }, 'card-key'))
    const log = { warn: (fields: object, message: string) => remark(`${message}: ${JSON.stringify(fields)}`) }
    const deps = { db, clock, keyring, cardHasher, log }
    const progress = createImportProgress(size)
    const upload = { brand, name, actor: actorName(), source, onProgress: progress.update }
    const { report, repeated } = await importStockInThread(deps, {
      ...upload,
      ...(options.key !== undefined && { key: options.key }),
    })
      .finally(progress.end)
      .catch((error) => {
        if (error instanceof UploadConflict || error instanceof UploadTooLarge || error.syscall === 'read')
          throw new PlainError(error.message, { cause: error })
        throw error
      })
    if (repeated) remark('this file was imported under this key before; nothing was done')
    await printReport(options.json, db, importView(report, brand.slug))
    return report.lines === report.added ? 0 : 1
  })
}

async function openSource(path: string): Promise<{ size: number; source: AsyncIterable<Uint8Array> }> {
  if (path === '-') return { size: 0, source: process.stdin }
  try {
    const { size } = await stat(path)
    return { size, source: createReadStream(path, { highWaterMark: 256 * 1024 }) }
  } catch (error) {
    throw new PlainError(`${path} cannot be read: ${(error as Error).message}`)
  }
}

/** Lines between two remarks where there is no terminal. */
const REMARK = 100_000

/** A bar on a terminal; elsewhere a line now and then. @param size bytes of the file; 0 when that is not known */
function createImportProgress(size: number) {
  const bar = createProgress()
  let told = 0
  return {
    update({ lines, added, bytes }: { lines: number; added: number; bytes: number }) {
      bar.update(`${lines} lines, ${added} added`, size > 0 ? bytes : 0, size)
      if (process.stderr.isTTY || Math.floor(lines / REMARK) === told) return
      told = Math.floor(lines / REMARK)
      remark(`${lines} lines, ${added} added`)
    },
    end: bar.end,
  }
}

/** The counts, and every line that was refused, page by page: there may be millions. */
async function printReport(
  json: boolean | undefined,
  db: Database,
  report: ReturnType<typeof importView>,
): Promise<void> {
  const text = JSON.stringify(report, null, 2)
  if (json) print(`${text.slice(0, text.lastIndexOf('\n}'))},\n  "refusals": [`)
  else printRecord(false, report)
  let comma = ''
  let after = 0
  for (;;) {
    const rows = await listStockRefusals(db, { importId: report.id, after, limit: 1000 })
    for (const row of rows) {
      if (json) process.stdout.write(`${comma}    ${JSON.stringify(refusalView(row))}`)
      else print(`line ${row.line}: ${row.detail ?? `${row.reason} ${row.mask}`}`)
      comma = ',\n'
    }
    const last = rows.at(-1)
    if (!last) break
    after = last.line
  }
  if (json) print(`${comma === '' ? '' : '\n'}  ]\n}`)
}

async function show(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [slug = ''] = requirePositionals(positionals, 'BRAND')
  await withDatabase('reads', async ({ db, clock }) => {
    const brand = await requireBrand(db, slug)
    const levels = await listLevels(db, brand.id, new Date(clock()))
    const items = levels.map((level) => ({ ...levelView(level, brand.asset.exponent), currency: brand.asset.code }))
    printPage(options.json, { items, next: null }, ['value', 'currency', 'remaining', 'low'])
  })
  return 0
}

async function imports(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, paging)
  const [slug = ''] = requirePositionals(positionals, 'BRAND')
  const most = wholeNumber('limit', options.limit, 1000) ?? 50
  await withDatabase('reads', async ({ db }) => {
    const brand = await requireBrand(db, slug)
    const before = options.cursor === undefined ? undefined : requireUuid('cursor', options.cursor)
    const rows = await listStockImports(db, { brandId: brand.id, before, limit: most + 1 })
    const page = pageView(
      rows,
      most,
      (row) => importView(row, brand.slug),
      (row) => row.id,
    )
    printPage(options.json, page, ['id', 'name', 'status', 'lines', 'added', 'refused', 'begun_at'])
  })
  return 0
}

async function refusals(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, paging)
  const [slug = '', importId = ''] = requirePositionals(positionals, 'BRAND', 'IMPORT')
  const most = wholeNumber('limit', options.limit, 1000) ?? 50
  const after = wholeNumber('cursor', options.cursor, 2 ** 31 - 1)
  await withDatabase('reads', async ({ db }) => {
    const brand = await requireBrand(db, slug)
    const row = await findStockImport(db, requireUuid('import', importId))
    if (row?.brand_id !== brand.id) throw new OperationRefusal('not_found', 'import', 'the brand has no such upload')
    const rows = await listStockRefusals(db, { importId: row.id, after, limit: most + 1 })
    const page = pageView(rows, most, refusalView, ({ line }) => String(line))
    printPage(options.json, page, ['line', 'reason', 'mask', 'detail'])
  })
  return 0
}

async function notices(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { ...paging, brand: 'string' })
  requirePositionals(positionals)
  const most = wholeNumber('limit', options.limit, 1000) ?? 50
  const before = wholeNumber('cursor', options.cursor, Number.MAX_SAFE_INTEGER)
  await withDatabase('reads', async ({ db }) => {
    const brandId = options.brand === undefined ? undefined : (await requireBrand(db, options.brand)).id
    const scope = { brandId, before: before === undefined ? undefined : BigInt(before) }
    const rows = await listNotices(db, { ...scope, limit: most + 1 })
    const page = pageView(rows, most, noticeView, (row) => String(row.id))
    printPage(options.json, page, ['id', 'brand', 'value', 'currency', 'remaining', 'low_stock', 'at'])
  })
  return 0
}
