import type { Database } from '../../storage/database.ts'
import { INVOICE_EXPIRED } from '../../storage/event-facts.ts'
import { markInvoicesExpired } from '../../storage/invoice-expiries.ts'

/** A payment that came in time may still be committed a little later; no commit takes this long. */
const GRACE = 60_000
const BATCH = 100

/**
 * Notes the invoices whose time ran out and tells of each, once. Nothing of an invoice changes: its time is its own.
 * @returns how many
 */
export async function tellExpiredInvoices(
  deps: { db: Database; clock: () => number },
  signal?: AbortSignal,
): Promise<number> {
  const before = new Date(deps.clock() - GRACE)
  for (let told = 0; ; ) {
    const now = await tellSome(deps.db, before)
    told += now
    if (now < BATCH || signal?.aborted) return told
  }
}

const tellSome = (db: Database, before: Date): Promise<number> =>
  db.transaction(async (sql) => {
    const ids = await markInvoicesExpired(sql, before, BATCH)
    for (const { id, expires_at: at } of ids) await sql.query(INVOICE_EXPIRED, [id, at])
    return ids.length
  })
