import { uuidV7 } from '../../domain/uuid.ts'
import type { Sql } from '../../storage/database.ts'
import { queueDelivery } from '../../storage/deliveries.ts'
import { nextSequence } from '../../storage/events.ts'
import { OperationRefusal } from '../input.ts'
import { requireEndpoint } from './endpoint-input.ts'

/**
 * Queues an event that stands for nothing, past the endpoint's filters; it goes the way of all others, and what becomes of it stands
 * in the log. @returns the delivery's id @throws {OperationRefusal}
 */
export async function sendTestEvent(
  { db, clock }: { db: Sql; clock: () => number },
  input: { id: string; partyId?: string },
): Promise<string> {
  const endpoint = await requireEndpoint(db, input.id, { partyId: input.partyId })
  if (endpoint.disabled_at !== null) throw new OperationRefusal('conflict', 'webhook_id', 'the webhook is disabled')
  const now = clock()
  const id = uuidV7(now)
  const object = `webhook:${endpoint.id}`
  const data = { object, sequence: Number(await nextSequence(db, object)), webhook: endpoint.id }
  const body = JSON.stringify({ type: 'webhook.test', timestamp: new Date(now).toISOString(), data })
  const delivery = {
    id,
    form: 'webhook',
    receiver: endpoint.id,
    url: null,
    object,
    topic: 'webhook.test',
    body,
  } as const
  await queueDelivery(db, delivery, now)
  return id
}
