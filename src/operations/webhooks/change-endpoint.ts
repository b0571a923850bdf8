import { wantsWallets } from '../../domain/event-types.ts'
import { closeCursors, openCursors } from '../../storage/webhook-cursors.ts'
import { markEndpointDisabled, markEndpointEnabled, updateEndpoint } from '../../storage/webhook-endpoints.ts'
import { requireEndpoint, requireNote, requireReceiverUrl, requireTopics } from './endpoint-input.ts'
import type { WebhookDeps } from './webhook-deps.ts'

export type EndpointChange = {
  url?: string
  topics?: readonly string[]
  note?: string | null
  /** while it is not, nothing is told and nothing is kept to be told later */
  enabled?: boolean
}

/** Changes what is named and leaves the rest. What waits already goes to the new address. @throws {OperationRefusal} */
export async function changeEndpoint(
  { db, clock, addressRules }: Omit<WebhookDeps, 'keyring'>,
  id: string,
  change: EndpointChange,
  of: { partyId?: string } = {},
): Promise<void> {
  const before = await requireEndpoint(db, id, { ...of, forUpdate: true })
  const topics = change.topics === undefined ? before.topics : requireTopics(change.topics)
  const enabled = change.enabled ?? before.disabled_at === null
  await updateEndpoint(db, {
    id,
    url: change.url === undefined ? before.url : requireReceiverUrl(change.url, addressRules),
    topics,
    note: change.note === undefined ? before.note : requireNote(change.note),
  })
  if (!enabled) await markEndpointDisabled(db, id, new Date(clock()), 'asked')
  else if (before.disabled_at !== null) await markEndpointEnabled(db, id)
  // Rows that are there stay: what a listening endpoint was not told yet, it is told still.
  if (enabled && wantsWallets(topics)) await openCursors(db, id)
  else await closeCursors(db, id)
}
