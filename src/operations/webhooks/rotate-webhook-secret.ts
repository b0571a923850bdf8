import { uuidV7 } from '../../domain/uuid.ts'
import { insertSecret } from '../../storage/webhook-endpoints.ts'
import { OperationRefusal } from '../input.ts'
import { requireEndpoint } from './endpoint-input.ts'
import { makeWebhookSecret, sealWebhookSecret } from './secrets.ts'
import type { WebhookDeps } from './webhook-deps.ts'

const DAY = 86_400
const LONGEST = 30 * DAY

/**
 * Gives an endpoint a new secret. Until the overlap ends, deliveries are signed with both, so that a receiver that knows one of them
 * believes them. A secret that was being replaced before ends at once.
 * @param input.overlapSeconds a day when absent; 0: the old one ends now, because somebody has it
 * @throws {OperationRefusal}
 */
export async function rotateWebhookSecret(
  { db, keyring, clock }: Omit<WebhookDeps, 'addressRules'>,
  input: { id: string; overlapSeconds?: number; partyId?: string },
): Promise<{ secret: string; overlapEndsAt: Date }> {
  const { id, overlapSeconds = DAY, partyId } = input
  if (!Number.isInteger(overlapSeconds) || overlapSeconds < 0 || overlapSeconds > LONGEST)
    throw new OperationRefusal('invalid_input', 'overlap_seconds', 'an overlap has 0 to 2592000 seconds')
  await requireEndpoint(db, id, { partyId, forUpdate: true })
  const now = clock()
  const secret = makeWebhookSecret()
  const overlapEndsAt = new Date(now + overlapSeconds * 1000)
  const row = { id: uuidV7(now), endpoint_id: id, secret: sealWebhookSecret(keyring, id, secret) }
  await insertSecret(db, row, new Date(now), overlapEndsAt)
  return { secret, overlapEndsAt }
}
