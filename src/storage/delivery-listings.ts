import type { Sql } from './database.ts'
import type { DeliveryRow, DeliveryStatus } from './delivery-log.ts'
import { where } from './where.ts'

export type DeliverySearch = {
  /** of these receivers; absent: of all */
  readonly receivers?: readonly string[] | undefined
  readonly status?: DeliveryStatus | undefined
  readonly object?: string | undefined
  /** sequence of the last one of the page before */
  readonly before?: bigint | undefined
  readonly limit: number
}

const COLUMNS =
  'd.id, d.sequence, d.form, d.receiver, d.object, d.topic, d.body, d.status, d.attempts, d.next_attempt_at, d.created_at, d.ended_at'

/** Newest first. Each receiver's newest are read from its own part of an index: it costs nothing that others have millions. The order within is only that index's. */
export function searchDeliveries(
  sql: Sql,
  { receivers, status, object, before, limit }: DeliverySearch,
): Promise<DeliveryRow[]> {
  // By its text, not as a value: only so may an index of the failed ones be used.
  const state = status === undefined ? '' : ` and d.status = '${status}'`
  const own = where(
    [
      ['d.object = $', object],
      ['d.sequence < $', before],
    ],
    receivers === undefined ? [limit] : [limit, receivers],
  )
  if (receivers === undefined)
    return sql.query<DeliveryRow>(
      `select ${COLUMNS} from delivery d where ${own.text}${state} order by d.sequence desc limit $1`,
      own.values,
    )
  return sql.query<DeliveryRow>(
    `select ${COLUMNS} from unnest($2::uuid[]) r (id) cross join lateral (
       select * from delivery d where d.receiver between r.id and r.id and ${own.text}${state}
       order by d.receiver, d.sequence desc limit $1
     ) d order by d.sequence desc limit $1`,
    own.values,
  )
}

/** Whoever of a party is told things: its webhooks, also deleted ones, its merchants and its partners. */
export async function listReceivers(sql: Sql, partyId: string): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `select id from webhook_endpoint where party_id = $1 union all select id from merchant where party_id = $1
     union all select id from partner where party_id = $1`,
    [partyId],
  )
  return rows.map(({ id }) => id)
}

/** Whose a receiver is; undefined when there is no such receiver. */
export async function findReceiverParty(sql: Sql, id: string): Promise<string | undefined> {
  const rows = await sql.query<{ party_id: string }>(
    `select party_id from webhook_endpoint where id = $1 union all select party_id from merchant where id = $1
     union all select party_id from partner where id = $1 limit 1`,
    [id],
  )
  return rows[0]?.party_id
}
