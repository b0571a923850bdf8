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
export function createVoucherUrls(keyring: Pick<Keyring, 'deriveEach'>): VoucherUrls {
  const keys = keyring.deriveEach('voucher-url')
  const signBy = (key: Buffer | undefined, voucherId: string, expires: string) =>
    createHmac('sha256', key as Buffer)
      .update(`${voucherId} ${expires}`)
      .digest('base64url')
  return {
    path(voucherId, expiresAt) {
      const expires = String(Math.floor(expiresAt / 1000))
      return `/vouchers/${voucherId}.pdf?expires=${expires}&signature=${signBy(keys[0], voucherId, expires)}`
    },
    opens(voucherId, { expires, signature }, now) {
      // Texts, not what they stand for: one address, one spelling.
      const given = Buffer.from(signature)
      const genuine = keys.some((key) => equalBytes(given, Buffer.from(signBy(key, voucherId, expires))))
      return genuine && /^\d{1,12}$/.test(expires) && Number(expires) * 1000 > now
    },
  }
}
