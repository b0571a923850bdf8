import type { OrderStatus } from '../domain/gift-card.ts'
import type { Sql } from './database.ts'

/** An order as operators see it, with the names of what it is about. Amounts in minor units. */
export type OrderListing = {
  readonly id: string
  /** slug; null: sold by the operator */
  readonly partner: string | null
  readonly protocol: string
  /** what it is for: a card, or value on one that is there */
  readonly kind: string
  readonly request_id: string
  readonly brand: string
  readonly currency: string
  readonly exponent: number
  readonly face: bigint
  readonly cost: bigint
  readonly discount_bp: number
  readonly delivery: string
  readonly status: OrderStatus
  readonly error: string | null
  readonly float_after: bigint | null
  readonly transaction_id: string
  readonly created_at: Date
  readonly ended_at: Date | null
}

export type OrderFilter = {
  readonly partnerId?: string | undefined
  /** of the business behind the partner */
  readonly partyId?: string | undefined
  readonly brandId?: string | undefined
  readonly status?: OrderStatus | undefined
  readonly requestId?: string | undefined
  /** of the moment of the request */
  readonly from?: Date | undefined
  readonly to?: Date | undefined
}

const COLUMNS = `
select o.id, p.slug as partner, o.protocol, o.kind, o.request_id, b.slug as brand, s.code as currency, s.exponent, o.face, o.cost,
  o.discount_bp, o.delivery, o.status, o.error, o.float_after, o.transaction_id, o.created_at, o.ended_at`
const JOINS = `join brand b on b.id = o.brand_id join asset s on s.id = o.asset_id
left join partner p on p.id = o.partner_id`
const ORDER = `${COLUMNS} from gift_order o ${JOINS}`

/** Newest first; `before` is the id of the last one seen. */
export async function listOrders(
  sql: Sql,
  filter: OrderFilter,
  { before, limit }: { before?: string | undefined; limit: number },
): Promise<OrderListing[]> {
  const values: unknown[] = []
  const conditions: string[] = []
  const where = (condition: (parameter: string) => string, value: unknown) => {
    if (value === undefined) return
    values.push(value)
    conditions.push(condition(`$${values.length}`))
  }
  where((it) => `o.id < ${it}::uuid`, before)
  where((it) => `o.partner_id = ${it}::uuid`, filter.partnerId)
  // By partner and brand the planner would rather walk through all of the partner's: this order is only that index's.
  const ofBoth = filter.brandId !== undefined && (filter.partnerId ?? filter.partyId) !== undefined
  where((it) => `o.brand_id ${ofBoth ? `between ${it}::uuid and ${it}::uuid` : `= ${it}::uuid`}`, filter.brandId)
  where((it) => `o.status = ${it}`, filter.status)
  // By the partners' own requests: orders have no index on the callers' ids.
  where(
    (it) =>
      `o.id in (select r.order_id from partner q join partner_request r on r.partner_id = q.id and r.request_id = ${it})`,
    filter.requestId,
  )
  // Ids begin with the time, so that a period is a range of the primary key.
  where((it) => `o.id >= ${it}::uuid`, filter.from && firstId(filter.from))
  where((it) => `o.id < ${it}::uuid`, filter.to && firstId(filter.to))
  values.push(limit)
  const newest = `order by ${ofBoth ? 'o.brand_id, ' : ''}o.id desc limit $${values.length}`
  const filtered = (more: readonly string[]) => {
    const all = [...more, ...conditions]
    return all.length > 0 ? `where ${all.join(' and ')}` : ''
  }
  if (filter.partyId === undefined)
    return sql.query<OrderListing>(`${COLUMNS} from gift_order o ${JOINS} ${filtered([])} ${newest}`, values)
  // The newest of each of its partners, by that partner's index; of these the newest.
  const each = ofBoth
    ? `${filtered(['o.partner_id = q.id'])} ${newest}`
    : `${filtered(['o.partner_id between q.id and q.id'])} ${newest.replace('order by ', 'order by o.partner_id, ')}`
  values.push(filter.partyId)
  const own = `select x.* from partner q cross join lateral (
    select o.* from gift_order o ${each}) as x where q.party_id = $${values.length}::uuid`
  return sql.query<OrderListing>(`${COLUMNS} from (${own}) as o ${JOINS} ${newest}`, values)
}

export async function findOrderListing(sql: Sql, id: string): Promise<OrderListing | undefined> {
  return (await sql.query<OrderListing>(`${ORDER} where o.id = $1`, [id]))[0]
}

export type OrderEvent = { readonly what: string; readonly at: Date; readonly detail: string | null }

export async function listOrderEvents(sql: Sql, orderId: string): Promise<OrderEvent[]> {
  return sql.query<OrderEvent>('select what, at, detail from order_event where order_id = $1 order by at, what', [
    orderId,
  ])
}

/**
 * Takes back that an order was delivered, so that it is due for delivery again.
 * @returns false when it was not delivered yet
 */
export async function deleteDelivery(sql: Sql, orderId: string): Promise<boolean> {
  const rows = await sql.query(
    `with gone as (delete from order_event where order_id = $1 and what = 'delivered' returning order_id)
     update gift_order set mailed = false from gone where id = gone.order_id returning 1`,
    [orderId],
  )
  return rows.length === 1
}

/** The least id that could have been made at a moment (RFC 9562 section 5.7). */
export function firstId(at: Date): string {
  const time = Math.max(0, at.getTime()).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`
}
