import type { Effect } from '../ledger/command.ts'
import type { Sql } from './database.ts'
import { where } from './where.ts'

export const FLOAT_REQUEST_STATES = ['pending', 'approved', 'approved_edited', 'removed', 'cancelled'] as const
export type FloatRequestState = (typeof FLOAT_REQUEST_STATES)[number]

/** Money that a partner asks to be put into a float. Amounts in minor units. */
export type FloatRequestRow = {
  readonly id: string
  readonly partner_id: string
  /** slug */
  readonly partner: string
  /** the business behind the partner */
  readonly party_id: string
  readonly asset_id: number
  readonly currency: string
  readonly exponent: number
  readonly reference: string
  readonly amount: bigint
  readonly approved: bigint | null
  readonly status: FloatRequestState
  readonly transaction_id: string | null
  readonly created_at: Date
  readonly decided_at: Date | null
}

const COLUMNS = `
select r.id, r.partner_id, p.slug as partner, p.party_id, r.asset_id, s.code as currency, s.exponent, r.reference, r.amount, r.approved,
  r.status, r.transaction_id, r.created_at, r.decided_at`
const JOINS = 'join partner p on p.id = r.partner_id join asset s on s.id = r.asset_id'
const SELECT = `${COLUMNS} from float_request r ${JOINS}`

/** @returns false when the partner has used the reference before */
export async function insertFloatRequest(
  sql: Sql,
  row: { id: string; partnerId: string; assetId: number; reference: string; amount: bigint; details: object; at: Date },
): Promise<boolean> {
  const rows = await sql.query(
    `insert into float_request (id, partner_id, asset_id, reference, amount, details, created_at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (partner_id, reference) do nothing returning id`,
    [row.id, row.partnerId, row.assetId, row.reference, row.amount, JSON.stringify(row.details), row.at],
  )
  return rows.length === 1
}

export async function findFloatRequest(
  sql: Sql,
  by: { id: string } | { partnerId: string; reference: string },
): Promise<FloatRequestRow | undefined> {
  const [condition, values] =
    'id' in by ? ['r.id = $1', [by.id]] : ['r.partner_id = $1 and r.reference = $2', [by.partnerId, by.reference]]
  return (await sql.query<FloatRequestRow>(`${SELECT} where ${condition}`, values as string[]))[0]
}

export type FloatRequestFilter = {
  readonly partnerId?: string | undefined
  /** of the business behind the partner */
  readonly partyId?: string | undefined
  readonly currency?: string | undefined
  readonly reference?: string | undefined
  readonly status?: FloatRequestState | undefined
  readonly from?: Date | undefined
  /** the first moment after the period */
  readonly to?: Date | undefined
}

/**
 * Newest first; `before` is the id of the last one seen. Of partners and currencies each one's newest are read from its own part of an
 * index; their order is only that index's, or the planner would walk through everybody's.
 */
export async function listFloatRequests(
  sql: Sql,
  { partnerId, partyId, currency, reference, status, from, to }: FloatRequestFilter,
  { before, limit }: { before?: string | undefined; limit: number },
): Promise<FloatRequestRow[]> {
  const partners = partnerId !== undefined || partyId !== undefined
  const source = where(
    partners
      ? [
          ['o.id = $', partnerId],
          ['o.party_id = $', partyId],
        ]
      : [['o.code = $', currency]],
    [limit],
  )
  const own = where(
    [
      [partners ? 'r.status between $ and $' : 'r.status = $', status],
      ['r.asset_id = any(array(select id from asset where code = $))', partners ? currency : undefined],
      ['r.reference = $', reference],
      ['r.created_at >= $', from],
      ['r.created_at < $', to],
      ['r.id < $', before],
    ],
    source.values,
  )
  const page = (each = '', order = '') =>
    `select * from float_request r where ${own.text}${each} order by ${order}r.id desc limit $1`
  const eachOf = (table: string, column: string, order: string) =>
    `select q.* from ${table} o cross join lateral (${page(` and ${column} between o.id and o.id`, `${column}, ${order}`)}) q
     where ${source.text} order by q.id desc limit $1`
  const found = partners
    ? eachOf('partner', 'r.partner_id', status === undefined ? '' : 'r.status, ')
    : currency === undefined
      ? page()
      : eachOf('asset', 'r.asset_id', '')
  return sql.query<FloatRequestRow>(`${COLUMNS} from (${found}) r ${JOINS} order by r.id desc`, own.values)
}

/** What is asked for and not decided, by currency; minor units. */
export async function sumPendingRequests(sql: Sql, partnerId: string): Promise<{ currency: string; amount: bigint }[]> {
  return sql.query<{ currency: string; amount: bigint }>(
    `select s.code as currency, sum(r.amount)::bigint as amount from float_request r join asset s on s.id = r.asset_id
     where r.partner_id = $1 and r.status = 'pending' group by s.code`,
    [partnerId],
  )
}

/** Decides a request, once: a second decision breaks the key. A row: request, status, who, transaction, amount or null, moment. */
export const floatRequestDecided: Effect = {
  name: 'float-request-decided',
  text: `with u as (
      select * from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::bigint[], $6::timestamptz[])
        as u (request_id, status, principal, transaction_id, approved, at)
    ), decided as (
      insert into float_decision (request_id, status, principal, transaction_id, at)
      select request_id, status, principal, transaction_id, at from u returning request_id
    )
    update float_request r set status = u.status, approved = u.approved, decided_at = u.at,
      transaction_id = case when u.approved is null then null else u.transaction_id end
    from u where r.id = u.request_id`,
}
