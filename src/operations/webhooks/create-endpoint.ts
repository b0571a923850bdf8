import { wantsWallets } from '../../domain/event-types.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import { openCursors } from '../../storage/webhook-cursors.ts'
import { countEndpoints, insertEndpoint, insertSecret } from '../../storage/webhook-endpoints.ts'
import { OperationRefusal } from '../input.ts'
import { requireParty } from '../require-party.ts'
import { requireNote, requireReceiverUrl, requireTopics } from './endpoint-input.ts'
import { makeWebhookSecret, sealWebhookSecret } from './secrets.ts'
import type { WebhookDeps } from './webhook-deps.ts'

export const MOST_ENDPOINTS = 20

/**
 * An address that is told, from this transaction on, of what concerns a party. The secret is in this answer and nowhere else.
 * @throws {OperationRefusal}
 */
export async function createEndpoint(
  deps: WebhookDeps,
  input: { partyId: string; url: string; topics: readonly string[]; note?: string | null },
): Promise<{ id: string; secret: string }> {
  const { db, keyring } = deps
  const url = requireReceiverUrl(input.url, deps.addressRules)
  const topics = requireTopics(input.topics)
  const note = requireNote(input.note ?? null)
  const party = await requireParty(db, input.partyId)
  if ((await countEndpoints(db, party.id)) >= MOST_ENDPOINTS)
    throw new OperationRefusal('conflict', 'party_id', `a party has at most ${MOST_ENDPOINTS} webhooks`)
  const now = deps.clock()
  const id = uuidV7(now)
  const secret = makeWebhookSecret()
  await insertEndpoint(db, { id, party_id: party.id, url, topics, note })
  const at = new Date(now)
  await insertSecret(db, { id: uuidV7(now), endpoint_id: id, secret: sealWebhookSecret(keyring, id, secret) }, at, at)
  if (wantsWallets(topics)) await openCursors(db, id)
  return { id, secret }
}
