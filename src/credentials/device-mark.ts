import { createHmac, randomBytes } from 'node:crypto'
import type { Keyring } from './keyring.ts'
import { equalBytes } from './secrets.ts'

/**
 * A cookie that says that someone signed in to an account from this browser before. It opens nothing; its attempts are counted for
 * themselves, so that strangers who guess at the account do not slow its owner down.
 */
export type DeviceMarks = {
  make(email: string): string
  /** @returns the device's name when the mark is ours and was given for this account */
  read(mark: string | undefined, email: string): string | null
}

/** Seconds that a browser keeps the mark. */
export const DEVICE_MARK_LIFE = 180 * 24 * 60 * 60

export function createDeviceMarks(keyring: Keyring): DeviceMarks {
  const keys = keyring.deriveEach('device-marks')
  const macBy = (key: Buffer | undefined, email: string, name: string) =>
    createHmac('sha256', key as Buffer)
      .update(`${name}\n${email}`)
      .digest('base64url')
  return {
    make(email) {
      const name = randomBytes(16).toString('base64url')
      return `${name}.${macBy(keys[0], email, name)}`
    },
    read(mark, email) {
      const [, name, given] = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/.exec(mark ?? '') ?? []
      if (name === undefined || given === undefined) return null
      return keys.some((key) => equalBytes(Buffer.from(given), Buffer.from(macBy(key, email, name)))) ? name : null
    },
  }
}
