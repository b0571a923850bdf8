import type { Effect } from '../ledger/command.ts'
import type { Sql } from './database.ts'

/** In the order in which they follow each other: a voucher never goes back to an earlier one. */
export const VOUCHER_STATES = [
  'reserved',
  'confirmed',
  'canceled',
  'ready',
  'refunding',
  'refund_rejected',
  'refunded',
] as const
export type VoucherState = (typeof VOUCHER_STATES)[number]

/** A voucher with what its order and its card say of it. Amounts in minor units. */
export type VoucherRow = {
  /** also its order's */
  readonly id: string
  readonly partner_id: string
  readonly session_id: string
  readonly offer_id: string
  /** the partner's key of the transaction */
  readonly notification_key: string
  /** ten letters, for people */
  readonly coupon_id: string
  readonly state: VoucherState
  /** confirmed by nobody */
  readonly automatic: boolean
  readonly hold_id: string
  /** of what the operator adds to the price */
  readonly operator_hold_id: string | null
  readonly reserved_at: Date
  /** of the reservation */
  readonly expires_at: Date
  readonly confirmed_at: Date | null
  readonly ready_at: Date | null
  readonly brand_id: string
  readonly face: bigint
  readonly cost: bigint
  readonly currency: string
  readonly exponent: number
  /** until when the card can be used; before there is one, as far as the brand says; null: for ever */
  readonly valid_until: Date | null
  readonly card_id: string | null
}

const SELECT = `
select v.*, o.brand_id, o.face, o.cost, s.code as currency, s.exponent, c.id as card_id,
  case when c.id is null then v.reserved_at + b.validity_days * interval '1 day' else c.expires_at end as valid_until
from voucher v join gift_order o on o.id = v.id join brand b on b.id = o.brand_id join asset s on s.id = o.asset_id
left join card c on c.order_id = v.id`

export async function findVoucher(
  sql: Sql,
  by: { id: string } | { sessionId: string },
): Promise<VoucherRow | undefined> {
  const [column, value] = 'id' in by ? ['id', by.id] : ['session_id', by.sessionId]
  return (await sql.query<VoucherRow>(`${SELECT} where v.${column} = $1`, [value]))[0]
}

/** Newest first. @param page.before the last one seen */
export async function listVouchers(
  sql: Sql,
  { partnerId, before, limit }: { partnerId: string; before?: string | undefined; limit: number },
): Promise<VoucherRow[]> {
  return sql.query<VoucherRow>(
    `${SELECT} where v.partner_id = $1 and ($2::uuid is null or v.id < $2) order by v.id desc limit $3`,
    [partnerId, before ?? null, limit],
  )
}

/** Ids of reservations whose time is over, behind the last one seen. */
export async function listExpiredVouchers(
  sql: Sql,
  { now, after, limit }: { now: Date; after: { at: Date; id: string } | null; limit: number },
): Promise<{ id: string; expires_at: Date }[]> {
  return sql.query(
    `select id, expires_at from voucher where state = 'reserved' and expires_at <= $1
       and (expires_at, id) > (coalesce($2::timestamptz, '-infinity'), coalesce($3::uuid, '00000000-0000-0000-0000-000000000000'))
     order by expires_at, id limit $4`,
    [now, after?.at ?? null, after?.id ?? null, limit],
  )
}

/**
 * Ids of reservations that nobody confirms, and that were not confirmed when they were made; behind the last one seen. Those of a
 * partner that was disabled meanwhile are nobody's to confirm.
 */
export async function listUnconfirmedVouchers(
  sql: Sql,
  { before, after, limit }: { before: Date; after: { at: Date; id: string } | null; limit: number },
): Promise<{ id: string; expires_at: Date }[]> {
  return sql.query(
    `select v.id, v.expires_at from voucher v join partner p on p.id = v.partner_id and p.disabled_at is null
     where v.state = 'reserved' and v.automatic and v.reserved_at < $1 and v.expires_at > clock_timestamp()
       and (v.expires_at, v.id) > (coalesce($2::timestamptz, '-infinity'), coalesce($3::uuid, '00000000-0000-0000-0000-000000000000'))
     order by v.expires_at, v.id limit $4`,
    [before, after?.at ?? null, after?.id ?? null, limit],
  )
}

/** Ids of vouchers with a refund to decide that is nobody's but ours, after the last one seen. */
export async function listRefundsToDecide(sql: Sql, after: string | null, limit: number): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `select v.id from voucher v join gift_order o on o.id = v.id join brand b on b.id = o.brand_id
     where v.state = 'refunding' and o.status = 'succeeded' and b.cancellable and b.supply <> 'upstream'
       and ($1::uuid is null or v.id > $1) order by v.id limit $2`,
    [after, limit],
  )
  return rows.map(({ id }) => id)
}

/** Written with the order and its hold. A second voucher of a session breaks the constraint of that name. */
export const voucherReserved: Effect = {
  name: 'voucher-reserved',
  text: `insert into voucher (id, partner_id, session_id, offer_id, notification_key, coupon_id, automatic, hold_id,
      operator_hold_id, reserved_at, expires_at, state)
    select *, 'reserved' from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::boolean[],
      $8::uuid[], $9::uuid[], $10::timestamptz[], $11::timestamptz[])`,
}

const STATES = `array['${VOUCHER_STATES.join("', '")}']`

/**
 * Brings vouchers forward. A row: the voucher's id, its steps as `step:what` with blanks between, the state that they lead to, the
 * transaction's id and moment. A step that was taken before breaks `voucher_step_pkey`; what has come further stays there, in
 * whatever order two steps are written.
 */
export const voucherStepped: Effect = {
  name: 'voucher-stepped',
  text: `with told as (
      select * from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::timestamptz[]) as t (id, steps, state, transaction_id, at)
    ), stepped as (
      insert into voucher_step (voucher_id, step, what, transaction_id, at)
      select id, split_part(s, ':', 1), split_part(s, ':', 2), transaction_id, at
      from told cross join lateral unnest(string_to_array(steps, ' ')) as s
    )
    update voucher v set state = (${STATES})[greatest(array_position(${STATES}, v.state), u.rank)],
      confirmed_at = coalesce(v.confirmed_at, u.confirmed_at), ready_at = coalesce(v.ready_at, u.ready_at)
    from (
      select id, max(array_position(${STATES}, state)) as rank, min(at) filter (where steps like '%:confirmed%') as confirmed_at,
        min(at) filter (where steps like '%:ready%') as ready_at
      from told group by id
    ) as u where v.id = u.id`,
}
