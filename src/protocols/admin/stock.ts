import { z } from 'zod'
import { pageView } from '../../operations/directory-views.ts'
import { importStockInThread } from '../../operations/gift-cards/import-thread.ts'
import { requireBrand } from '../../operations/gift-cards/require-brand.ts'
import { UploadConflict, UploadTooLarge } from '../../operations/gift-cards/stock-upload.ts'
import { importView, levelView, noticeView, refusalView } from '../../operations/gift-cards/views.ts'
import { OperationRefusal, requireUuid } from '../../operations/input.ts'
import type { Sql } from '../../storage/database.ts'
import { findStockImport, listStockImports, listStockRefusals } from '../../storage/stock-imports.ts'
import { listLevels, listNotices } from '../../storage/stock-levels.ts'
import { AdminProblem } from './problem.ts'
import { route } from './route.ts'
import {
  amount,
  DEFAULT_LIMIT,
  name,
  numberCursor,
  page,
  pageLimit,
  slug,
  timestamp,
  uuid,
  uuidCursor,
} from './schema.ts'

const StockLevels = z
  .object({
    brand: z.string(),
    currency: z.string(),
    items: z.array(
      z.object({
        value: amount,
        remaining: z.int(),
        low: z.boolean().describe('Fewer are left than the brand’s `low_stock`'),
      }),
    ),
  })
  .describe('The codes that can be sold, by value')

const StockImport = z
  .object({
    id: uuid,
    brand: z.string(),
    name: z.string(),
    by: z.string(),
    status: z.enum(['running', 'done']).describe('`running` also: cut off, and to be sent again under its key'),
    lines: z.int().describe('With something in them, without the header row'),
    added: z.int(),
    refused: z.object({
      in_file: z.int().describe('The same code stands above'),
      in_stock: z.int().describe('The code was there before'),
      malformed: z.int(),
    }),
    begun_at: timestamp,
    ended_at: timestamp.nullable(),
  })
  .describe('What became of an upload')
const StockImportPage = page(StockImport)

const StockRefusal = z.object({
  line: z.int().describe('Number of the line in the file; the header row is 1'),
  reason: z.enum(['in-file', 'in-stock', 'malformed']),
  detail: z.string().nullable(),
  mask: z.string().nullable().describe('The end of the code'),
})
const StockRefusalPage = page(StockRefusal)

const StockNotice = z
  .object({
    id: z.string(),
    brand: z.string(),
    value: amount,
    currency: z.string(),
    remaining: z.int(),
    low_stock: z.int(),
    at: timestamp,
  })
  .describe('A value fell below the brand’s `low_stock`; told once each time')
const StockNoticePage = page(StockNotice)

export const stockSchemas = {
  StockLevels,
  StockImport,
  StockImportPage,
  StockRefusal,
  StockRefusalPage,
  StockNotice,
  StockNoticePage,
}

/** An upload of this brand; another brand's is not there. */
async function requireImport(sql: Sql, params: Record<string, string>) {
  const brand = await requireBrand(sql, params.brand as string)
  const row = await findStockImport(sql, requireUuid('import_id', params.import_id as string))
  if (row?.brand_id === brand.id) return { brand, row }
  throw new OperationRefusal('not_found', 'import_id', 'the brand has no such upload')
}

export const stockRoutes = [
  route({
    method: 'GET',
    path: '/brands/{brand}/stock',
    scope: 'stock:read',
    summary: 'Count what is left of each value',
    output: StockLevels,
    async handle(deps, { params }) {
      const brand = await requireBrand(deps.db, params.brand as string)
      const levels = await listLevels(deps.db, brand.id, new Date(deps.clock()))
      const { code: currency, exponent } = brand.asset
      return { brand: brand.slug, currency, items: levels.map((level) => levelView(level, exponent)) }
    },
  }),
  route({
    method: 'POST',
    path: '/brands/{brand}/stock/imports',
    scope: 'stock:write',
    summary: 'Upload codes',
    description:
      'Every line is added or refused; refused lines are listed by `…/refusals`. An upload that was cut off goes on where it was when it is sent again under its `Idempotency-Key`.',
    status: 201,
    query: z.strictObject({ name: name.optional().describe('Of the file, for people') }),
    upload: {
      type: 'text/csv',
      description:
        'The header row names the columns in any order: `code`, `pin`, `value`, `expires_on`, `serial`, `url`; `value` and one of `code` and `url` are needed. UTF-8, with commas, semicolons or tabs; at most 512 MiB, 5,000,000 lines, and 4,096 characters in a line.',
      example: 'code,pin,value,expires_on\nABCD-1234-EFGH,0042,25.00,2028-12-31\n',
    },
    output: StockImport,
    once: 'itself',
    async handle(deps, { actor, params, query, key, upload: source, markReplayed }) {
      const brand = await requireBrand(deps.db, params.brand as string)
      try {
        const { report, repeated } = await importStockInThread(
          { ...deps.gift, log: deps.log },
          { brand, name: query.name ?? 'upload', actor, source, ...(key !== null && { key }) },
        )
        if (repeated) markReplayed()
        return importView(report, brand.slug)
      } catch (error) {
        if (error instanceof UploadConflict) throw new AdminProblem(409, 'idempotency-conflict', error.message)
        if (error instanceof UploadTooLarge) throw new AdminProblem(413, 'body-too-large', error.message)
        throw error
      }
    },
  }),
  route({
    method: 'GET',
    path: '/brands/{brand}/stock/imports',
    scope: 'stock:read',
    summary: 'List uploads, newest first',
    query: z.strictObject({ limit: pageLimit, cursor: uuidCursor }),
    output: StockImportPage,
    async handle(deps, { params, query: { limit = DEFAULT_LIMIT, cursor } }) {
      const brand = await requireBrand(deps.db, params.brand as string)
      const rows = await listStockImports(deps.db, { brandId: brand.id, before: cursor, limit: limit + 1 })
      return pageView(
        rows,
        limit,
        (row) => importView(row, brand.slug),
        (row) => row.id,
      )
    },
  }),
  route({
    method: 'GET',
    path: '/brands/{brand}/stock/imports/{import_id}',
    scope: 'stock:read',
    summary: 'Show what became of an upload',
    output: StockImport,
    async handle(deps, { params }) {
      const { brand, row } = await requireImport(deps.db, params)
      return importView(row, brand.slug)
    },
  }),
  route({
    method: 'GET',
    path: '/brands/{brand}/stock/imports/{import_id}/refusals',
    scope: 'stock:read',
    summary: 'List the lines of an upload that were refused',
    query: z.strictObject({ limit: pageLimit, cursor: numberCursor }),
    output: StockRefusalPage,
    async handle(deps, { params, query: { limit = DEFAULT_LIMIT, cursor } }) {
      const { row } = await requireImport(deps.db, params)
      const after = cursor === undefined ? undefined : Math.min(Number(cursor), 2 ** 31 - 1)
      const rows = await listStockRefusals(deps.db, { importId: row.id, after, limit: limit + 1 })
      return pageView(rows, limit, refusalView, ({ line }) => String(line))
    },
  }),
  route({
    method: 'GET',
    path: '/stock-notices',
    scope: 'stock:read',
    summary: 'List which values ran low, newest first',
    query: z.strictObject({
      limit: pageLimit,
      cursor: numberCursor,
      brand: slug(64).optional().describe('Only those of this brand'),
    }),
    output: StockNoticePage,
    async handle(deps, { query: { limit = DEFAULT_LIMIT, cursor, brand } }) {
      const brandId = brand === undefined ? undefined : (await requireBrand(deps.db, brand)).id
      const before = cursor === undefined ? undefined : BigInt(cursor)
      const rows = await listNotices(deps.db, { brandId, before, limit: limit + 1 })
      return pageView(rows, limit, noticeView, (row) => String(row.id))
    },
  }),
]
