import type { Sql } from './database.ts'
import type { DeliveryFormName } from './deliveries.ts'

export const DELIVERY_STATUSES = ['waiting', 'delivered', 'failed'] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

export type DeliveryRow = {
  readonly id: string
  readonly sequence: bigint
  readonly form: DeliveryFormName
  readonly receiver: string
  readonly object: string
  readonly topic: string
  readonly body: string
  readonly status: DeliveryStatus
  readonly attempts: number
  /** of one that waits */
  readonly next_attempt_at: Date
  readonly created_at: Date
  readonly ended_at: Date | null
}

const COLUMNS =
  'id, sequence, form, receiver, object, topic, body, status, attempts, next_attempt_at, created_at, ended_at'

export type DeliveryFilter = {
  readonly receiver?: string | undefined
  readonly status?: DeliveryStatus | undefined
  /** sequence of the last one of the page before */
  readonly before?: bigint | undefined
  readonly limit: number
}

/** Newest first. */
export function listDeliveries(sql: Sql, { receiver, status, before, limit }: DeliveryFilter): Promise<DeliveryRow[]> {
  const of = receiver === undefined ? '' : 'receiver = $4 and'
  return sql.query<DeliveryRow>(
    `select ${COLUMNS} from delivery where ${of} sequence < $1 and ($2::text is null or status = $2)
     order by sequence desc limit $3`,
    [before ?? 2n ** 62n, status ?? null, limit, ...(receiver === undefined ? [] : [receiver])],
  )
}

/** What was told about an object, e.g. `order:<uuid>`, oldest first. */
export function listDeliveriesOf(sql: Sql, object: string, limit: number): Promise<DeliveryRow[]> {
  return sql.query<DeliveryRow>(`select ${COLUMNS} from delivery where object = $1 order by sequence limit $2`, [
    object,
    limit,
  ])
}

export async function findDelivery(sql: Sql, id: string): Promise<DeliveryRow | undefined> {
  return (await sql.query<DeliveryRow>(`select ${COLUMNS} from delivery where id = $1`, [id]))[0]
}

export type AttemptRow = {
  readonly number: number
  readonly at: Date
  readonly ms: number
  readonly status: number | null
  readonly error: string | null
  readonly excerpt: string | null
}

/** Oldest first, the last hundred. */
export async function listAttempts(sql: Sql, deliveryId: string): Promise<AttemptRow[]> {
  const rows = await sql.query<AttemptRow>(
    `select number, at, ms, status, error, excerpt from delivery_attempt where delivery_id = $1
     order by number desc limit 100`,
    [deliveryId],
  )
  return rows.reverse()
}

const AGAIN = `status = 'waiting', ended_at = null, attempts_before = attempts, next_attempt_at = $2`

/** Makes a delivery due, whatever became of it. @returns false when there is none */
export async function sendAgain(sql: Sql, id: string, at: Date): Promise<boolean> {
  const rows = await sql.query(`update delivery set ${AGAIN} where id = $1 returning 1`, [id, at])
  return rows.length === 1
}

/** Makes those due that have failed since a moment. @returns how many */
export async function sendFailedAgain(sql: Sql, receiver: string, at: Date, since: Date): Promise<number> {
  const rows = await sql.query(
    `update delivery set ${AGAIN} where receiver = $1 and status = 'failed' and ended_at >= $3 returning 1`,
    [receiver, at, since],
  )
  return rows.length
}
