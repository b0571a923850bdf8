import type { Confirmation } from '../../storage/jackpot-accounts.ts'
import { OperationRefusal } from '../input.ts'

/** What an operator says of a partner's Jackpot account. Absent members stay as they are. */
export type AccountInput = {
  /** `shop.example`, `*.shop.example`, with a port or `:*`, with or without its scheme */
  allowedDomains?: readonly string[]
  notificationUrl?: string | null
  confirmation?: Confirmation
  /** deprecated */
  callbackUrl?: string | null
}

const DOMAIN = /^(https?:\/\/)?(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:(\d{1,5}|\*))?$/

/** @throws {OperationRefusal} @param mode in the sandbox addresses need no TLS */
export function checkAccount(input: AccountInput, mode: 'sandbox' | 'production'): void {
  const wrong = (input.allowedDomains ?? []).find((domain) => domain.length > 255 || !DOMAIN.test(domain))
  if (wrong !== undefined)
    throw new OperationRefusal(
      'invalid_input',
      'allowed_domains',
      `${wrong.slice(0, 100)} is no domain, such as shop.example`,
    )
  checkUrl('notification_url', input.notificationUrl, mode)
  checkUrl('callback_url', input.callbackUrl, mode)
}

function checkUrl(field: string, text: string | null | undefined, mode: 'sandbox' | 'production'): void {
  if (text == null) return
  const url = URL.parse(text)
  const secure = url?.protocol === 'https:' || (mode === 'sandbox' && url?.protocol === 'http:')
  if (!url || !secure || url.username || url.password || url.hash || text.length > 2000)
    throw new OperationRefusal('invalid_input', field, 'it is no https address without name, password and fragment')
}
