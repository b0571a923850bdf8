import type { Sql } from '../../storage/database.ts'
import { type DeliveryRow, findDelivery, sendAgain, sendFailedAgain } from '../../storage/delivery-log.ts'
import { findEndpoint } from '../../storage/webhook-endpoints.ts'
import { OperationRefusal, requireUuid } from '../input.ts'
import { requireEndpoint } from './endpoint-input.ts'

type Deps = { db: Sql; clock: () => number }

/** @param receiver whose it must be; anybody's when absent @throws {OperationRefusal} */
export async function requireDelivery(sql: Sql, id: string, receiver?: string): Promise<DeliveryRow> {
  const delivery = await findDelivery(sql, requireUuid('delivery_id', id))
  if (!delivery || (receiver !== undefined && delivery.receiver !== receiver))
    throw new OperationRefusal('not_found', 'delivery_id', 'there is no such delivery')
  return delivery
}

/**
 * Sends one delivery again, under its own id, whatever became of it; one that waits goes at once. Its attempts begin anew.
 * @throws {OperationRefusal}
 */
export async function replayDelivery({ db, clock }: Deps, input: { id: string; receiver?: string }): Promise<void> {
  const delivery = await requireDelivery(db, input.id, input.receiver)
  if (delivery.form === 'webhook') {
    const endpoint = await findEndpoint(db, delivery.receiver)
    if (!endpoint || endpoint.disabled_at !== null)
      throw new OperationRefusal('conflict', 'delivery_id', 'its webhook is disabled or deleted')
  }
  await sendAgain(db, delivery.id, new Date(clock()))
}

/** Sends again what failed since a moment. @returns how many @throws {OperationRefusal} */
export async function replayFailed(
  { db, clock }: Deps,
  input: { id: string; since: Date; partyId?: string },
): Promise<number> {
  const endpoint = await requireEndpoint(db, input.id, { partyId: input.partyId })
  if (endpoint.disabled_at !== null) throw new OperationRefusal('conflict', 'webhook_id', 'the webhook is disabled')
  return sendFailedAgain(db, endpoint.id, new Date(clock()), input.since)
}
