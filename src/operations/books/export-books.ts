import { type ExportFormat, exportLedger } from '../../ledger/export.ts'
import { type DatabaseConnection, openDatabase } from '../../storage/database.ts'

/** Names the lock that keeps exports from the console to one at a time, of all servers. */
const LOCK = 4_218_001
/** ms that a reader may take for one piece: a snapshot that nobody reads must not stay open. */
const PATIENCE = 60_000

/**
 * The whole ledger as a stream, on connections of its own: requests keep theirs. It is held back while its reader is slow, and given
 * up when he is gone.
 * @returns null when an export is under way, in whichever server
 */
export async function exportBooks(
  connection: DatabaseConnection,
  format: ExportFormat,
): Promise<ReadableStream<Uint8Array> | null> {
  const db = openDatabase(connection, { connections: 2 })
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  // What goes wrong with it is told by the pieces.
  writer.closed.catch(() => {})
  const encoder = new TextEncoder()
  const write = async (text: string) => {
    await inTime(writer.ready)
    await inTime(writer.write(encoder.encode(text)))
  }
  const { promise: free, resolve, reject } = Promise.withResolvers<boolean>()
  db.transaction(async (sql) => {
    await sql.query('set local idle_in_transaction_session_timeout = 0')
    const [lock] = await sql.query<{ free: boolean }>('select pg_try_advisory_xact_lock($1) as free', [LOCK])
    resolve(lock?.free === true)
    if (lock?.free !== true) return false
    await exportLedger(db, { format }, write)
    return true
  })
    // Whoever has the last piece may ask for the next export: the lock is free by then.
    .then((written) => (written ? inTime(writer.close()) : undefined))
    .catch((error) => {
      reject(error)
      return writer.abort(error)
    })
    .catch(() => {})
    .finally(() => db.close())
  return (await free) ? readable : null
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('nobody takes the export')), PATIENCE)
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
