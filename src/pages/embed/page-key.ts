import { type Keyring, KeyringError } from '../../credentials/keyring.ts'
import { isLanguage, type Language } from '../messages.ts'

/**
 * What a page of a frame knows of its reader, in its own path, sealed: a frame has no cookies where browsers keep those of other
 * sites away. The session's token is not in it, so nobody gets that from a log or a history.
 */
export type PageKey = {
  /** SHA-256 of the session's token, hexadecimal */
  readonly session: string
  /** once there is one: then the session has ended */
  readonly voucher: string | null
  readonly partner: string
  /** origin of the page around the frame, which is told what happens; null: nobody is told */
  readonly host: string | null
  readonly language: Language
  /** ms since the epoch */
  readonly expiresAt: number
}

const CONTEXT = 'embed:jackpot'

/** Base64url for a path. */
export const sealPageKey = (keyring: Pick<Keyring, 'seal'>, key: PageKey): string =>
  keyring
    .seal(JSON.stringify([key.session, key.voucher, key.partner, key.host, key.language, key.expiresAt]), CONTEXT)
    .toString('base64url')

/** @returns null for a text that was not sealed here; one that is out of date is returned, to say so to those who may frame it */
export function openPageKey(keyring: Pick<Keyring, 'open'>, text: string): PageKey | null {
  if (!/^[A-Za-z0-9_-]{80,1000}$/.test(text)) return null
  try {
    const [session, voucher, partner, host, language, expiresAt] = JSON.parse(
      keyring.open(Buffer.from(text, 'base64url'), CONTEXT),
    )
    return isLanguage(language) ? { session, voucher, partner, host, language, expiresAt } : null
  } catch (error) {
    if (error instanceof KeyringError) return null
    throw error
  }
}
