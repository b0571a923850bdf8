import type { Effect } from '../ledger/command.ts'
import type { Sql } from './database.ts'
import { findOrder, type OrderRow } from './orders.ts'

/** What an order is for: a new card, value on one that is there, a plastic card that gets its value, or one that is to be sent. */
export type SaleKind = 'card' | 'top-up' | 'activation' | 'plastic'

/** An order with what it is for. `card_id`: the card that a top-up loads. */
export type SaleRow = OrderRow & { readonly kind: SaleKind; readonly card_id: string | null }

export const findSale = (sql: Sql, id: string): Promise<SaleRow | undefined> =>
  findOrder(sql, id) as Promise<SaleRow | undefined>

/** Those of these orders that are of one partner and one kind. */
export async function listSales(
  sql: Sql,
  { ids, partnerId, kind }: { ids: readonly string[]; partnerId: string; kind: SaleKind },
): Promise<SaleRow[]> {
  return sql.query<SaleRow>('select * from gift_order where id = any($1::uuid[]) and partner_id = $2 and kind = $3', [
    ids,
    partnerId,
    kind,
  ])
}

/** Everything that was paid for a card and not taken back: its own order and what it was topped up with, oldest first. */
export async function listSalesOfCard(sql: Sql, card: { id: string; order_id: string | null }): Promise<SaleRow[]> {
  return sql.query<SaleRow>(
    `select * from gift_order where (id = $1 or card_id = $2) and status = 'succeeded' order by id`,
    [card.order_id, card.id],
  )
}

/**
 * As `orderPlaced`, for orders of every kind: the values of an order, then kind, card, and of a top-up the card's balance after it
 * and the most that it may be; more breaks the constraint of that name.
 */
export const salePlaced: Effect = {
  name: 'sale-placed',
  text: `insert into gift_order (id, partner_id, protocol, request_id, brand_id, asset_id, face, cost, discount_bp, delivery,
      details, hold_id, status, error, float_after, transaction_id, created_at, ended_at, kind, card_id,
      card_balance, card_most)
    select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::int[], $7::bigint[], $8::bigint[],
      $9::int[], $10::text[], $11::bytea[], $12::uuid[], $13::text[], $14::text[], $15::bigint[], $16::uuid[],
      $17::timestamptz[], $18::timestamptz[], $19::text[], $20::uuid[], $21::bigint[], $22::bigint[])`,
}
export const CARD_WITHIN = 'gift_order_card_within'
