import type { Keyring } from '../../credentials/keyring.ts'
import type { DeliveryForm } from '../../delivery/form.ts'
import type { Sql } from '../../storage/database.ts'
import { findMerchant } from '../../storage/merchants.ts'
import type { NotificationTopic } from './notification-facts.ts'
import { signNotification } from './sign-notification.ts'
import { openMerchantSecret } from './sign-token.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** The documents name no schedule: this one is done within three days, like that of the webhooks. */
const PAUSES = [5_000, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]

/** Notifications as Pledg's receivers know them, signed at each attempt with the secret that the merchant has then. */
export function createPledgForm(deps: { db: Sql; keyring: Keyring }): DeliveryForm {
  return {
    name: 'pledg',
    pauses: PAUSES,
    async prepare({ receiver, url, topic, body }) {
      const merchant = await findMerchant(deps.db, { id: receiver })
      if (!merchant) return { gone: 'the merchant is not there any more' }
      if (url === null) return { gone: 'the purchase names no address for it' }
      const secret = openMerchantSecret(deps.keyring, merchant)
      return {
        url,
        headers: { 'content-type': 'application/json' },
        body: signNotification(topic as NotificationTopic, body, secret),
      }
    },
    // No `disable`: an address is that of one purchase, so 410 ends that notification and nothing else.
  }
}
