import type { AddressRules } from '../../delivery/address-rules.ts'
import { GuardRefusal, readReceiverUrl } from '../../delivery/guard.ts'
import { isTopic } from '../../domain/event-types.ts'
import type { Sql } from '../../storage/database.ts'
import { findEndpoint, type WebhookEndpoint } from '../../storage/webhook-endpoints.ts'
import { OperationRefusal, requireUuid } from '../input.ts'

/** @returns the address as it is kept. Where its name leads is looked at when it is called, each time */
export function requireReceiverUrl(text: string, rules: AddressRules): string {
  try {
    return readReceiverUrl(text.trim(), rules).href
  } catch (error) {
    if (!(error instanceof GuardRefusal)) throw error
    throw new OperationRefusal('invalid_input', 'url', error.message)
  }
}

/** @returns the filters without repetitions */
export function requireTopics(topics: readonly string[]): string[] {
  const unknown = topics.find((topic) => !isTopic(topic))
  if (unknown !== undefined)
    throw new OperationRefusal('invalid_input', 'topics', `there is no event ${unknown.slice(0, 60)}`)
  const unique = [...new Set(topics)]
  if (unique.length === 0 || unique.length > 50)
    throw new OperationRefusal('invalid_input', 'topics', 'an endpoint has 1 to 50 filters')
  return unique
}

export function requireNote(note: string | null): string | null {
  const text = note?.trim() || null
  if (text !== null && (text.length > 200 || /\p{Cc}/u.test(text)))
    throw new OperationRefusal('invalid_input', 'note', 'a note has at most 200 characters in one line')
  return text
}

/** @param partyId whose it must be; anybody's when absent @throws {OperationRefusal} somebody else's is none */
export async function requireEndpoint(
  sql: Sql,
  id: string,
  { partyId, forUpdate = false }: { partyId?: string | undefined; forUpdate?: boolean } = {},
): Promise<WebhookEndpoint> {
  const endpoint = await findEndpoint(sql, requireUuid('webhook_id', id), { forUpdate })
  if (!endpoint || (partyId !== undefined && endpoint.party_id !== partyId))
    throw new OperationRefusal('not_found', 'webhook_id', 'there is no such webhook')
  return endpoint
}
