import type { Database, Sql } from './database.ts'

/** Rows of one query in order, read ahead in blocks: memory does not grow with their number. */
export type RowReader<Row> = {
  /** undefined after the last row */
  current: Row | undefined
  /** Moves on; a promise only when the next block must be fetched, so that most rows cost no turn of the event loop. */
  next(): Promise<void> | undefined
}

/** One moment of the database, read only. */
export type Snapshot = Sql & {
  /** One cursor for each reader; several can be open side by side. */
  read<Row>(text: string): Promise<RowReader<Row>>
}

const BLOCK = 4_000

/** Runs `work` on what the database holds at one moment, whatever is committed meanwhile; it cannot write. */
export async function inSnapshot<T>(db: Database, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  return db.transaction(async (sql) => {
    await sql.query('set transaction isolation level repeatable read read only')
    // Sorts and joins of whole tables: no limit of time, room in memory before they go to disk, and plans for all rows rather
    // than for the first ones.
    await sql.query('set local statement_timeout = 0')
    await sql.query('set local idle_in_transaction_session_timeout = 0')
    await sql.query("set local work_mem = '64MB'")
    await sql.query('set local cursor_tuple_fraction = 1')
    await sql.query('set local jit = off')
    let cursors = 0
    return work({ query: sql.query, read: (text) => openReader(sql, `reader_${cursors++}`, text) })
  })
}

async function openReader<Row>(sql: Sql, name: string, text: string): Promise<RowReader<Row>> {
  await sql.query(`declare ${name} no scroll cursor for ${text}`)
  let block: Row[] = []
  let position = 0
  const reader: RowReader<Row> = {
    current: undefined,
    next() {
      if (++position < block.length) {
        reader.current = block[position]
        return undefined
      }
      return fetch()
    },
  }
  async function fetch(): Promise<void> {
    block = await sql.query<Row>(`fetch ${BLOCK} from ${name}`)
    position = 0
    reader.current = block[0]
  }
  await fetch()
  return reader
}
