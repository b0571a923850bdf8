import { hash } from 'node:crypto'
import { type PledgHashed, pledgNotificationText } from '#sdk/pledg/notifications.ts'
import type { NotificationTopic } from './notification-facts.ts'
import { signToken } from './sign-token.ts'

/**
 * The body that is sent: with the merchant's secret, a back-mode notification carries a hash over six of its members, and every
 * other one becomes a token whole. Without a secret it is sent as it is.
 * @param facts JSON text of an object
 */
export function signNotification(topic: NotificationTopic, facts: string, secret: string | null): string {
  if (secret === null) return facts
  const content = JSON.parse(facts) as Record<string, unknown>
  if (topic !== 'back') return JSON.stringify({ signature: signToken(content, secret) })
  const text = pledgNotificationText(content as PledgHashed, secret)
  return JSON.stringify({ ...content, signature: hash('sha256', text, 'hex').toUpperCase() })
}
