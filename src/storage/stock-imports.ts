import type { Sql } from './database.ts'

/** What became of an upload of codes. `lines` counts those with something in them, without the header row. */
export type StockImportRow = {
  readonly id: string
  readonly brand_id: string
  readonly name: string
  readonly principal: string
  readonly status: 'running' | 'done'
  readonly content_hash: Buffer | null
  readonly at: Date
  readonly ended_at: Date | null
} & StockCounts

export type StockCounts = {
  readonly lines: number
  readonly added: number
  /** refused: the same code stands above */
  readonly in_file: number
  /** refused: the code was there before */
  readonly in_stock: number
  readonly malformed: number
}

// Of an upload that has not come to its end the batches tell.
const IMPORT = `
select i.id, i.brand_id, i.name, i.principal, i.status, i.content_hash, i.at, i.ended_at, c.lines, c.added, c.in_file,
  c.in_stock, c.malformed
from stock_import i cross join lateral (
  select i.lines, i.added, i.in_file, i.in_stock, i.malformed where i.status = 'done'
  union all
  select coalesce(sum(b.lines), 0)::int, coalesce(sum(b.added), 0)::int, coalesce(sum(b.in_file), 0)::int,
    coalesce(sum(b.in_stock), 0)::int, coalesce(sum(b.malformed), 0)::int
  from stock_import_batch b where b.import_id = i.id and i.status <> 'done' having i.status <> 'done'
) as c`

export async function findStockImport(sql: Sql, id: string): Promise<StockImportRow | undefined> {
  return (await sql.query<StockImportRow>(`${IMPORT} where i.id = $1`, [id]))[0]
}

export async function findStockImportByKey(
  sql: Sql,
  principal: string,
  key: string,
): Promise<StockImportRow | undefined> {
  return (await sql.query<StockImportRow>(`${IMPORT} where i.principal = $1 and i.key = $2`, [principal, key]))[0]
}

/** Newest first; `before` is the id of the last one seen. */
export async function listStockImports(
  sql: Sql,
  { brandId, before, limit }: { brandId: string; before?: string | undefined; limit: number },
): Promise<StockImportRow[]> {
  return sql.query<StockImportRow>(
    `${IMPORT} where i.brand_id = $1 and ($2::uuid is null or i.id < $2) order by i.id desc limit $3`,
    [brandId, before ?? null, limit],
  )
}

/** Begins an upload, unless one was begun under its key. */
export async function insertStockImport(
  sql: Sql,
  row: Pick<StockImportRow, 'id' | 'brand_id' | 'name' | 'principal' | 'at'> & { key: string | null },
): Promise<void> {
  await sql.query(
    `insert into stock_import (id, brand_id, name, added, refused, principal, key, status, at)
     values ($1, $2, $3, 0, 0, $4, $5, 'running', $6) on conflict do nothing`,
    [row.id, row.brand_id, row.name, row.principal, row.key, row.at],
  )
}

/**
 * Ends an upload with the sums of its batches.
 * @returns false when it had ended, or holds lines that are not of this content
 */
export async function endStockImport(
  sql: Sql,
  id: string,
  end: { contentHash: Buffer; lastBatch: number; at: Date },
): Promise<boolean> {
  const rows = await sql.query(
    `update stock_import i set status = 'done', content_hash = $2, ended_at = $4, lines = c.lines, added = c.added,
       in_file = c.in_file, in_stock = c.in_stock, malformed = c.malformed, refused = c.in_file + c.in_stock + c.malformed
     from (
       select coalesce(sum(lines), 0) as lines, coalesce(sum(added), 0) as added, coalesce(sum(in_file), 0) as in_file,
         coalesce(sum(in_stock), 0) as in_stock, coalesce(sum(malformed), 0) as malformed,
         coalesce(max(first_line), 0) as last
       from stock_import_batch where import_id = $1
     ) as c
     where i.id = $1 and i.status = 'running' and c.last <= $3 returning 1`,
    [id, end.contentHash, end.lastBatch, end.at],
  )
  return rows.length === 1
}

export type StockRefusal = {
  readonly line: number
  readonly reason: 'in-file' | 'in-stock' | 'malformed'
  readonly detail: string | null
  readonly mask: string | null
}

/** In the order of the file; `after` is the last line seen. */
export async function listStockRefusals(
  sql: Sql,
  { importId, after, limit }: { importId: string; after?: number | undefined; limit: number },
): Promise<StockRefusal[]> {
  return sql.query<StockRefusal>(
    `select line, reason, detail, mask from stock_import_refusal
     where import_id = $1 and line > $2 order by line limit $3`,
    [importId, after ?? 0, limit],
  )
}

/** A code that is ready to be kept. */
export type SealedCode = {
  readonly face: bigint
  readonly expiresOn: string | null
  /** keyed hash in hex */
  readonly hash: string
  /** sealed for `stock:HASH`, in hex */
  readonly sealed: string
}

/**
 * Adds codes that are not there yet.
 * @param codes no two with one hash
 * @returns the hashes of those that were added, in hex
 */
export async function insertStockCodes(
  sql: Sql,
  { brandId, importId, codes }: { brandId: string; importId: string; codes: readonly SealedCode[] },
): Promise<Set<string>> {
  // In the order of their hashes, so that two uploads of the same codes wait for each other and never in a circle.
  const sorted = codes.toSorted((a, b) => (a.hash < b.hash ? -1 : 1))
  const list = (value: (code: SealedCode) => string) => `{${sorted.map(value).join()}}`
  const rows = await sql.query<{ hash: string }>(
    `insert into stock_code (brand_id, import_id, face, expires_on, code_hash, code)
     select $1, $2, face, expires_on, decode(hash, 'hex'), decode(sealed, 'hex')
     from unnest($3::bigint[], $4::date[], $5::text[], $6::text[]) as u (face, expires_on, hash, sealed)
     on conflict (code_hash) do nothing returning encode(code_hash, 'hex') as hash`,
    [
      brandId,
      importId,
      list(({ face }) => String(face)),
      list(({ expiresOn }) => expiresOn ?? 'null'),
      list(({ hash }) => hash),
      list(({ sealed }) => sealed),
    ],
  )
  return new Set(rows.map(({ hash }) => hash))
}

/** Which of these hashes came with the same upload. */
export async function findCodesOfImport(sql: Sql, importId: string, hashes: readonly string[]): Promise<Set<string>> {
  const rows = await sql.query<{ hash: string }>(
    `select encode(code_hash, 'hex') as hash from stock_code
     where code_hash = any(select decode(hash, 'hex') from unnest($2::text[]) as u (hash)) and import_id = $1`,
    [importId, hashes],
  )
  return new Set(rows.map(({ hash }) => hash))
}

export type StockBatchRow = StockCounts & { readonly hash: Buffer }

/**
 * Takes a batch of an upload for the rest of the transaction; waits for another transaction that has it.
 * @returns false when it was worked off before, or its upload has ended
 */
export async function claimStockBatch(
  sql: Sql,
  importId: string,
  firstLine: number,
  hash: Uint8Array,
): Promise<boolean> {
  const rows = await sql.query(
    `insert into stock_import_batch (import_id, first_line, hash, lines, added, in_file, in_stock, malformed)
     select id, $2, $3, 0, 0, 0, 0, 0 from (select id from stock_import where id = $1 and status = 'running' for share) as i
     on conflict do nothing returning 1`,
    [importId, firstLine, hash],
  )
  return rows.length === 1
}

export async function findStockBatch(
  sql: Sql,
  importId: string,
  firstLine: number,
): Promise<StockBatchRow | undefined> {
  const rows = await sql.query<StockBatchRow>(
    `select hash, lines, added, in_file, in_stock, malformed from stock_import_batch
     where import_id = $1 and first_line = $2`,
    [importId, firstLine],
  )
  return rows[0]
}

/** Writes what became of a claimed batch. */
export async function endStockBatch(
  sql: Sql,
  importId: string,
  firstLine: number,
  counts: StockCounts,
  refusals: readonly StockRefusal[],
): Promise<void> {
  const { lines, added, in_file, in_stock, malformed } = counts
  await sql.query(
    `update stock_import_batch set lines = $3, added = $4, in_file = $5, in_stock = $6, malformed = $7
     where import_id = $1 and first_line = $2`,
    [importId, firstLine, lines, added, in_file, in_stock, malformed],
  )
  if (refusals.length === 0) return
  await sql.query(
    `insert into stock_import_refusal (import_id, line, reason, detail, mask)
     select $1, * from unnest($2::int[], $3::text[], $4::text[], $5::text[])`,
    [
      importId,
      refusals.map(({ line }) => line),
      refusals.map(({ reason }) => reason),
      refusals.map(({ detail }) => detail),
      refusals.map(({ mask }) => mask),
    ],
  )
}
