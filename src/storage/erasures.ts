import type { Sql } from './database.ts'

export type ErasureRow = {
  id: string
  party_id: string
  whole: boolean
  pseudonym: string
  principal: string
  begun_at: Date
  done_at: Date | null
  /** sealed; null once it is done */
  identifiers: Buffer | null
  counts: Record<string, number>
}

const COLUMNS = 'id, party_id, whole, pseudonym, principal, begun_at, done_at, identifiers, counts'

/** Any number: one erasure at a time, of all servers of a database. */
const LOCK = 7_204_521

/** Until the transaction ends. @returns false when another erasure goes on */
export async function lockErasures(sql: Sql): Promise<boolean> {
  const rows = await sql.query<{ taken: boolean }>('select pg_try_advisory_xact_lock($1) as taken', [LOCK])
  return rows[0]?.taken === true
}

/** Of the party as a whole. */
export async function findErasure(sql: Sql, partyId: string): Promise<ErasureRow | undefined> {
  return (await sql.query<ErasureRow>(`select ${COLUMNS} from erasure where party_id = $1 and whole`, [partyId]))[0]
}

/** Of members of a business's team, those that were begun and not ended. */
export function listOpenErasures(sql: Sql, partyId: string): Promise<ErasureRow[]> {
  return sql.query<ErasureRow>(
    `select ${COLUMNS} from erasure where party_id = $1 and not whole and done_at is null order by id`,
    [partyId],
  )
}

export async function insertErasure(
  sql: Sql,
  row: Pick<ErasureRow, 'id' | 'party_id' | 'whole' | 'pseudonym' | 'principal' | 'begun_at' | 'identifiers'>,
): Promise<void> {
  await sql.query(
    `insert into erasure (id, party_id, whole, pseudonym, principal, begun_at, identifiers)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [row.id, row.party_id, row.whole, row.pseudonym, row.principal, row.begun_at, row.identifiers],
  )
}

/** One that has changed nothing yet. */
export async function deleteErasure(sql: Sql, id: string): Promise<void> {
  await sql.query('delete from erasure where id = $1 and done_at is null', [id])
}

export async function endErasure(sql: Sql, id: string, at: Date, counts: Record<string, number>): Promise<void> {
  await sql.query('update erasure set done_at = $2, counts = $3, identifiers = null where id = $1', [
    id,
    at,
    JSON.stringify(counts),
  ])
}

/** When the last one ended; null: there was none. */
export async function lastErasure(sql: Sql): Promise<Date | null> {
  const rows = await sql.query<{ done_at: Date }>(
    'select done_at from erasure where done_at is not null order by done_at desc limit 1',
  )
  return rows[0]?.done_at ?? null
}

/** The transaction's own number, for {@link isOverBefore}. */
export async function transactionNumber(sql: Sql): Promise<string> {
  const rows = await sql.query<{ number: string }>('select pg_current_xact_id()::text as number')
  return (rows[0] as { number: string }).number
}

/** Whether everything that may have read what stood before a transaction has come to its end. */
export async function isOverBefore(sql: Sql, number: string): Promise<boolean> {
  const rows = await sql.query<{ over: boolean }>('select pg_snapshot_xmin(pg_current_snapshot()) > $1::xid8 as over', [
    number,
  ])
  return rows[0]?.over === true
}
