import type { Effect, EffectRow } from '../ledger/command.ts'
import type { Sql } from './database.ts'

export const DELIVERY_FORMS = ['webhook', 'pledg', 'jackpot'] as const
export type DeliveryFormName = (typeof DELIVERY_FORMS)[number]

/** A notification to be sent. */
export type NewDelivery = {
  /** UUID; the receiver may see it, and it stays the same at every attempt */
  readonly id: string
  readonly form: DeliveryFormName
  /** whose secret signs and whose log it stands in: a webhook endpoint's, merchant's or partner's UUID */
  readonly receiver: string
  /** null: the receiver's own address, read at each attempt */
  readonly url: string | null
  /** e.g. `purchase:<uuid>`: what is told of one object goes to one receiver in the order in which it was written */
  readonly object: string
  /** e.g. `coupon/reserved` */
  readonly topic: string
  /** JSON text of the facts; the form makes of it what is sent */
  readonly body: string
}

const INSERT = `
insert into delivery (id, form, receiver, url, object, topic, body, created_at, next_attempt_at)
select id, form, receiver, url, object, topic, body, at, least(at, clock_timestamp())
from (
  select *, timestamptz 'epoch' + ms * interval '1 millisecond' as at
  from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[])
    with ordinality as u (id, form, receiver, url, object, topic, body, ms, place)
) as d order by place`

/** Queues a notification with the movement that it tells of. Rows: {@link deliveryValues}. */
export const deliveryQueued: Effect = { name: 'delivery-queued', text: INSERT }

/** @param at ms since the epoch: when it happened. It is due at once */
export function deliveryValues(delivery: NewDelivery, at: number): EffectRow {
  const { id, form, receiver, url, object, topic, body } = delivery
  return [id, form, receiver, url, object, topic, body, String(Math.trunc(at))]
}

/**
 * Queues a notification in the caller's transaction, for what is no command of the ledger. It is written after the row that decides
 * who goes first (a conditional update of the object, say): that makes the order of deliveries the order of what happened.
 */
export const queueDelivery = (sql: Sql, delivery: NewDelivery, at: number): Promise<void> =>
  queueDeliveries(sql, [deliveryValues(delivery, at)])

/** {@link queueDelivery} for many; rows: {@link deliveryValues}. */
export async function queueDeliveries(sql: Sql, rows: readonly EffectRow[]): Promise<void> {
  if (rows.length === 0) return
  const columns = (rows[0] as EffectRow).map((_, column) => rows.map((row) => row[column] ?? null))
  await sql.query(INSERT, columns)
}
