import { createHmac } from 'node:crypto'
import type { Keyring } from './keyring.ts'
import { equalBytes } from './secrets.ts'

/** Opens the PDF of a voucher's card until a moment, and nothing else. */
export type VoucherUrls = {
  /** The path with its query. @param expiresAt ms since the epoch */
  path(voucherId: string, expiresAt: number): string
  /** Whether this was made here and its time is not over. @param now ms since the epoch */
  opens(voucherId: string, query: { expires: string; signature: string }, now: number): boolean
}

/** Any server of the keyring makes and knows them: nothing of them is stored. */
export function createVoucherUrls(keyring: Pick<Keyring, 'derive'>): VoucherUrls {
  const key = keyring.derive('voucher-url')
  const sign = (voucherId: string, expires: string) =>
    createHmac('sha256', key).update(`${voucherId} ${expires}`).digest()
  return {
    path(voucherId, expiresAt) {
      const expires = String(Math.floor(expiresAt / 1000))
      return `/vouchers/${voucherId}.pdf?expires=${expires}&signature=${sign(voucherId, expires).toString('base64url')}`
    },
    opens(voucherId, { expires, signature }, now) {
      const genuine = equalBytes(Buffer.from(signature, 'base64url'), sign(voucherId, expires))
      return genuine && /^\d{1,12}$/.test(expires) && Number(expires) * 1000 > now
    },
  }
}
