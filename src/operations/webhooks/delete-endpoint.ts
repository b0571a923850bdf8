import type { Sql } from '../../storage/database.ts'
import { failWaiting } from '../../storage/delivery-queue.ts'
import { closeCursors } from '../../storage/webhook-cursors.ts'
import { markEndpointDeleted } from '../../storage/webhook-endpoints.ts'
import { requireEndpoint } from './endpoint-input.ts'

/** Ends an endpoint for good, with what waits for it and its secrets. The log of its deliveries stays. @throws {OperationRefusal} */
export async function deleteEndpoint(
  { db, clock }: { db: Sql; clock: () => number },
  input: { id: string; partyId?: string },
): Promise<void> {
  const { id } = await requireEndpoint(db, input.id, { partyId: input.partyId, forUpdate: true })
  const at = new Date(clock())
  await closeCursors(db, id)
  await markEndpointDeleted(db, id, at)
  await failWaiting(db, id, at)
}
