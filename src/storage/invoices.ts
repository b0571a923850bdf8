import type { Asset } from '../domain/asset.ts'
import { type Effect, once } from '../ledger/command.ts'
import type { Sql } from './database.ts'
import { invoiceCreatedTold, invoiceSettledTold } from './event-facts.ts'
import { hasManyWallets } from './party-wallets.ts'

export const INVOICE_STATUS = { open: 0, paid: 1, declined: 2, cancelled: 3 } as const

/** Written with the command that creates it. Row: id, issuer, debtor, amount, expiry (ISO 8601 or null). */
export const invoiceCreated: Effect = {
  name: 'invoice-created',
  told: invoiceCreatedTold,
  text: `insert into invoice (id, issuer, debtor, amount, created_at, expires_at)
    select u.id, u.issuer, u.debtor, u.amount, t.at, u.expires_at
    from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[]) as u (id, issuer, debtor, amount, expires_at)
    join transaction t on t.id = u.id`,
}

/**
 * Ends an invoice, once and in time: a second settlement, also one of the same batch, breaks `invoice_settled_once`, a late one
 * `invoice_unexpired`. Row: invoice, transaction, status. The invoice must be known to exist: rows are never deleted.
 */
export const invoiceSettled: Effect = {
  name: 'invoice-settled',
  told: invoiceSettledTold,
  bound: once('invoice_settled_once'),
  text: `update invoice i set settlements = i.settlements + u.count, status = u.status, settled_by = u.by, settled_at = t.at
    from (
      select invoice, count(*) as count, (array_agg(by))[1] as by, max(status) as status
      from unnest($1::uuid[], $2::uuid[], $3::smallint[]) as u (invoice, by, status) group by invoice order by invoice
    ) as u join transaction t on t.id = u.by
    where i.id = u.invoice`,
}

/** What never changes about an invoice. Amount in minor units, wallets as account ids. */
export type InvoiceTerms = {
  readonly id: string
  readonly issuer: bigint
  readonly debtor: bigint
  readonly amount: bigint
  readonly expiresAt: Date | null
}

/** With the status at this moment. */
export async function findInvoiceTerms(
  sql: Sql,
  id: string,
): Promise<(InvoiceTerms & { readonly status: number }) | undefined> {
  const rows = await sql.query<InvoiceTerms & { status: number }>(
    'select id, issuer, debtor, amount, expires_at as "expiresAt", status from invoice where id = $1',
    [id],
  )
  return rows[0]
}

export type InvoiceRow = InvoiceTerms & {
  /** explicit ids */
  readonly issuerId: string
  readonly debtorId: string
  readonly asset: Asset
  readonly createdAt: Date
  readonly status: number
  readonly settledAt: Date | null
  readonly settledBy: string | null
  /** JSON text of the transaction that created it */
  readonly payload: string
  /** whether its time was over when it was read */
  readonly expired: boolean
}

const SELECT = `
select i.id, i.issuer, i.debtor, i.amount, i.expires_at as "expiresAt", i.created_at as "createdAt", i.status,
  i.settled_at as "settledAt", i.settled_by as "settledBy", t.payload, coalesce(i.expires_at <= clock_timestamp(), false) as expired,
  f.namespace || ':' || f.number || ':' || f.currency as "issuerId",
  d.namespace || ':' || d.number || ':' || d.currency as "debtorId",
  json_build_object('id', s.id, 'code', s.code, 'circle', s.circle, 'exponent', s.exponent) as asset`
const JOINS = `
join transaction t on t.id = i.id join wallet f on f.id = i.issuer join wallet d on d.id = i.debtor
join account a on a.id = i.issuer join asset s on s.id = a.asset_id`

export async function findInvoice(sql: Sql, id: string): Promise<InvoiceRow | undefined> {
  return (await sql.query<InvoiceRow>(`${SELECT} from invoice i ${JOINS} where i.id = $1`, [id]))[0]
}

export type InvoiceRole = 'debtor' | 'issuer'
export type InvoiceStatus = keyof typeof INVOICE_STATUS | 'expired'

export type InvoiceQuery = {
  /** account ids of the wallets, or the party whose wallets they are */
  readonly of: { readonly wallets: readonly bigint[] } | { readonly partyId: string }
  readonly role: InvoiceRole
  readonly status?: InvoiceStatus | undefined
  /** reference of the last one of the page before */
  readonly before?: string | undefined
  readonly limit: number
}

const LATEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** Newest first: of each wallet and status one range of an index, no more rows than the page has. */
export async function listInvoiceRows(sql: Sql, query: InvoiceQuery): Promise<InvoiceRow[]> {
  const { of, role, status, before, limit } = query
  const [wallets, condition] =
    'wallets' in of ? ['unnest($1::bigint[]) as w (id)', ''] : ['wallet w', 'where w.party_id = $1::uuid']
  const statuses = status === undefined ? [0, 1, 2, 3] : [status === 'expired' ? 0 : INVOICE_STATUS[status]]
  const time =
    status === 'open'
      ? 'and (expires_at is null or expires_at > clock_timestamp())'
      : status === 'expired'
        ? 'and expires_at <= clock_timestamp()'
        : ''
  // Of a party with very many wallets most invoices are: the newest of all are walked through, of those that wait by an index of theirs.
  if ('partyId' in of && (await hasManyWallets(sql, of.partyId))) {
    const waits = statuses.length === 1 && statuses[0] === 0
    return sql.query<InvoiceRow>(
      `${SELECT} from (
         select * from invoice j where ${waits ? 'status = 0' : 'status = any($2::smallint[])'} and id < $3 ${time}
           and exists (select from wallet where id = j.${role} and party_id = $1::uuid offset 0)
         order by id desc limit $4
       ) i ${JOINS} where $2::smallint[] is not null order by i.id desc`,
      [of.partyId, statuses, before ?? LATEST, limit],
    )
  }
  return sql.query<InvoiceRow>(
    `${SELECT} from (
       select i.* from ${wallets} cross join unnest($2::smallint[]) as s (status) cross join lateral (
         select * from invoice where ${role} = w.id and status = s.status and id < $3 ${time} order by id desc limit $4
       ) i ${condition} order by i.id desc limit $4
     ) i ${JOINS} order by i.id desc`,
    ['wallets' in of ? of.wallets : of.partyId, statuses, before ?? LATEST, limit],
  )
}
