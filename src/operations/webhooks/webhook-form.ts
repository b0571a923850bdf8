import { createHmac } from 'node:crypto'
import { decodeWebhookSecret, webhookHeaders, webhookText } from '#sdk/webhooks/verify.ts'
import type { Keyring } from '../../credentials/keyring.ts'
import type { DeliveryForm } from '../../delivery/form.ts'
import type { Database } from '../../storage/database.ts'
import { closeCursors } from '../../storage/webhook-cursors.ts'
import { findEndpoint, listSecrets, markEndpointDisabled } from '../../storage/webhook-endpoints.ts'
import { openWebhookSecret } from './secrets.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Ten attempts in three days, as Standard Webhooks 1.0.0 recommends. */
const PAUSES = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]

/** Our own events in the form of Standard Webhooks 1.0.0: the id is the delivery's, the timestamp and signatures the attempt's. */
export function createWebhookForm(deps: { db: Database; keyring: Keyring; clock: () => number }): DeliveryForm {
  const { db, keyring, clock } = deps
  return {
    name: 'webhook',
    pauses: PAUSES,
    async prepare({ id, receiver, url, body }, at) {
      const endpoint = await findEndpoint(db, receiver)
      if (!endpoint) return { gone: 'the webhook was deleted' }
      if (endpoint.disabled_at !== null) return { gone: 'the webhook is disabled' }
      const message = { id, timestamp: Math.floor(at / 1000), body }
      const text = webhookText(message)
      const signatures = (await listSecrets(db, receiver, new Date(clock()))).map(({ secret }) =>
        createHmac('sha256', decodeWebhookSecret(openWebhookSecret(keyring, receiver, secret)))
          .update(text)
          .digest('base64'),
      )
      return {
        url: url ?? endpoint.url,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Billfold',
          ...webhookHeaders(message, signatures),
        },
        body,
      }
    },
    async disable(receiver) {
      await db.transaction(async (sql) => {
        await markEndpointDisabled(sql, receiver, new Date(clock()), 'gone')
        await closeCursors(sql, receiver)
      })
    },
  }
}
