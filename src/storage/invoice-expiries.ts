import type { Sql } from './database.ts'

/** What is over for longer was told, or nobody was there to tell it: it is not looked at for ever. */
const LOOKED_BACK = '31 days'

/**
 * Takes open invoices whose time was over before a moment, each once. The row of the invoice is locked meanwhile: a settlement waits,
 * and is refused as late.
 */
export function markInvoicesExpired(
  sql: Sql,
  before: Date,
  atMost: number,
): Promise<{ id: string; expires_at: Date }[]> {
  return sql.query<{ id: string; expires_at: Date }>(
    `with over as (
       select id, expires_at from invoice i
       where status = 0 and expires_at <= $1 and expires_at > $1::timestamptz - interval '${LOOKED_BACK}' and not exists (select from invoice_expiry x where x.invoice_id = i.id)
       order by expires_at limit $2 for update skip locked
     ), marked as (
       insert into invoice_expiry (invoice_id, at) select id, expires_at from over on conflict do nothing returning invoice_id
     )
     select id, expires_at from over join marked on marked.invoice_id = over.id order by expires_at, id`,
    [before, atMost],
  )
}
