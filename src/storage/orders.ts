import type { OrderStatus } from '../domain/gift-card.ts'
import type { Effect } from '../ledger/command.ts'
import type { Sql } from './database.ts'
import { orderCancelledTold, orderEndedTold, orderPlacedTold } from './event-facts.ts'

/** An order as it stands. Amounts in minor units of the brand's asset. */
export type OrderRow = {
  readonly id: string
  readonly partner_id: string | null
  readonly protocol: string
  readonly request_id: string
  readonly brand_id: string
  readonly asset_id: number
  readonly face: bigint
  readonly cost: bigint
  readonly discount_bp: number
  /** what stays with the operator, of an order whose price is not the brand's own; absent or null: it follows from the discount */
  readonly revenue?: bigint | null
  readonly kind?: string
  readonly delivery: string
  /** sealed for `order:ID:details` */
  readonly details: Buffer | null
  readonly hold_id: string | null
  readonly status: OrderStatus
  readonly error: string | null
  readonly float_after: bigint | null
  readonly transaction_id: string
  readonly created_at: Date
  readonly ended_at: Date | null
}

export async function findOrder(sql: Sql, id: string): Promise<OrderRow | undefined> {
  const rows = await sql.query<OrderRow>('select * from gift_order where id = $1', [id])
  return rows[0]
}

export type DueOrder = Pick<OrderRow, 'id' | 'brand_id'>

/** What the index of open orders is about. */
const OPEN = "o.status in ('requested', 'processing') and o.kind <> 'plastic'"

/**
 * Open orders that nobody has begun, or that were begun so long ago that whoever did must be gone; oldest first, and of each brand
 * only so many, however many it has. Plastic cards are not among them: those who send them end their orders.
 * @param without brands that are left out
 */
export async function listOpenOrders(
  sql: Sql,
  {
    begunBefore,
    ofBrand,
    limit,
    without = [],
  }: { begunBefore: Date; ofBrand: number; limit: number; without?: readonly string[] },
): Promise<DueOrder[]> {
  // From brand to brand by the index: one probe each, however many orders a brand has open.
  return sql.query<DueOrder>(
    `with recursive open_brand as (
       (select o.brand_id from gift_order o where ${OPEN} order by o.brand_id limit 1)
       union all
       select (select o.brand_id from gift_order o where ${OPEN} and o.brand_id > b.brand_id order by o.brand_id limit 1)
       from open_brand b where b.brand_id is not null
     )
     select due.id, due.brand_id
     from open_brand b cross join lateral (
       select o.id, o.brand_id, o.created_at
       from gift_order o left join order_event e on e.order_id = o.id and e.what = 'processing'
       where ${OPEN} and o.brand_id = b.brand_id and (e.at is null or e.at < $1)
       order by o.created_at, o.id limit $2
     ) as due
     where b.brand_id <> all($3::uuid[]) order by due.created_at, due.id limit $4`,
    [begunBefore, ofBrand, without, limit],
  )
}

/**
 * Marks an order as in hand. Of several processes one gets it; one that was begun before `staleBefore` and never ended may be
 * taken over.
 * @returns false when somebody else has it, or it has ended
 */
export async function beginOrder(sql: Sql, id: string, at: Date, staleBefore: Date): Promise<boolean> {
  const rows = await sql.query(
    `with mine as (
       insert into order_event (order_id, what, at)
       select id, 'processing', $2 from gift_order where id = $1 and status in ('requested', 'processing')
       on conflict (order_id, what) do update set at = excluded.at where order_event.at < $3
       returning order_id
     )
     update gift_order set status = 'processing' from mine
     where id = mine.order_id and status in ('requested', 'processing') returning id`,
    [id, at, staleBefore],
  )
  return rows.length === 1
}

/** Written with the transaction that pays or holds. */
export const orderPlaced: Effect = {
  name: 'order-placed',
  told: orderPlacedTold,
  text: `insert into gift_order (id, partner_id, protocol, request_id, brand_id, asset_id, face, cost, discount_bp, delivery,
      details, hold_id, status, error, float_after, transaction_id, created_at, ended_at)
    select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::int[], $7::bigint[], $8::bigint[],
      $9::int[], $10::text[], $11::bytea[], $12::uuid[], $13::text[], $14::text[], $15::bigint[], $16::uuid[],
      $17::timestamptz[], $18::timestamptz[])`,
}

/** As {@link orderPlaced}, for an order that waits for its confirmation: the values of an order, then its revenue. */
export const orderReserved: Effect = {
  name: 'order-reserved',
  told: orderPlacedTold,
  text: `insert into gift_order (id, partner_id, protocol, request_id, brand_id, asset_id, face, cost, discount_bp, delivery,
      details, hold_id, status, error, float_after, transaction_id, created_at, ended_at, revenue, kind)
    select *, 'voucher' from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::int[], $7::bigint[],
      $8::bigint[], $9::int[], $10::text[], $11::bytea[], $12::uuid[], $13::text[], $14::text[], $15::bigint[], $16::uuid[],
      $17::timestamptz[], $18::timestamptz[], $19::bigint[])`,
}

/** A reserved order was paid, and waits for its card. A row: the order's id, and the float's balance. */
export const orderConfirmed: Effect = {
  name: 'order-confirmed',
  text: `update gift_order o set status = 'requested', hold_id = null, float_after = u.float_after
    from unnest($1::uuid[], $2::bigint[]) as u (id, float_after) where o.id = u.id`,
}

/** Ends an order, once: a second end breaks the key of its event. */
export const orderEnded: Effect = {
  name: 'order-ended',
  told: orderEndedTold,
  text: `with ended as (
      insert into order_event (order_id, what, at, detail)
      select id, 'end', at, error from unnest($1::uuid[], $3::text[], $5::timestamptz[]) as u (id, error, at)
      returning order_id
    )
    update gift_order o set status = u.status, error = u.error, float_after = coalesce(u.float_after, o.float_after),
      ended_at = u.at
    from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[]) as u (id, status, error, float_after, at)
    where o.id = u.id`,
}

/** Takes a succeeded order back, once. */
export const orderCancelled: Effect = {
  name: 'order-cancelled',
  told: orderCancelledTold,
  text: `with cancelled as (
      insert into order_event (order_id, what, at)
      select * from unnest($1::uuid[], array_fill('cancelled'::text, array[cardinality($1::uuid[])]), $2::timestamptz[])
      returning order_id
    )
    update gift_order o set status = 'cancelled' from unnest($1::uuid[]) as u (id) where o.id = u.id`,
}

/** A partner's request that changed something. `scope` is shared by the protocols that share ids. */
export type PartnerRequestRow = {
  readonly operation: string
  /** what a repeat must have in common with the first request */
  readonly content: string
  readonly order_id: string | null
  readonly card_id: string | null
  /** of the float, in minor units, when the request was carried out */
  readonly float_after: bigint | null
  readonly transaction_id: string
  readonly at: Date
}

export async function findPartnerRequest(
  sql: Sql,
  partnerId: string,
  scope: string,
  requestId: string,
): Promise<PartnerRequestRow | undefined> {
  const rows = await sql.query<PartnerRequestRow>(
    `select operation, content, order_id, card_id, float_after, transaction_id, at
     from partner_request where partner_id = $1 and scope = $2 and request_id = $3`,
    [partnerId, scope, requestId],
  )
  return rows[0]
}

export type PartnerRequestKey = {
  readonly partnerId: string
  readonly scope: string
  readonly requestId: string
}

/** Many at once, in the order of the keys. */
export async function findPartnerRequests(
  sql: Sql,
  keys: readonly PartnerRequestKey[],
): Promise<(PartnerRequestRow | undefined)[]> {
  const rows = await sql.query<PartnerRequestRow & { n: bigint }>(
    `select n, operation, content, order_id, card_id, float_after, transaction_id, at
     from unnest($1::uuid[], $2::text[], $3::text[]) with ordinality as k (partner_id, scope, request_id, n)
     join partner_request using (partner_id, scope, request_id)`,
    [keys.map(({ partnerId }) => partnerId), keys.map(({ scope }) => scope), keys.map(({ requestId }) => requestId)],
  )
  const found: (PartnerRequestRow | undefined)[] = Array(keys.length)
  for (const { n, ...row } of rows) found[Number(n) - 1] = row
  return found
}

/** Uses up a request's id; one that was used before breaks the constraint of that name. */
export const partnerRequested: Effect = {
  name: 'partner-requested',
  text: `insert into partner_request (partner_id, scope, request_id, operation, content, order_id, card_id, float_after,
      transaction_id, at)
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::uuid[], $8::bigint[],
      $9::uuid[], $10::timestamptz[])`,
}
export const REQUEST_USED = 'partner_request_pkey'
