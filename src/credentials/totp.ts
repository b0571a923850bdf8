import { randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'

/** Seconds that one code stands for (RFC 6238 section 4.1, its default). */
const STEP = 30
/** Steps that a clock may be early or late (RFC 6238 section 5.2 recommends one at most). */
const DRIFT = 1

const CODE = /^\d{6}$/

// Six digits by SHA-1 is what every authenticator app does; several ignore what else the address says.
const totpOf = (secret: string, issuer = 'Billfold', label = 'Billfold') =>
  new TOTP({ issuer, label, secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period: STEP })

/** 160 random bits in base32, as RFC 4226 section 4 (R6) recommends. */
export const makeTotpSecret = (): string => new Secret({ buffer: new Uint8Array(randomBytes(20)).buffer }).base32

/** What an authenticator app reads from the QR code: `otpauth://totp/…`. @param label whose it is */
export const totpAddress = (secret: string, issuer: string, label: string): string =>
  totpOf(secret, issuer, label).toString()

/** A code as it was typed, with blanks perhaps; null when it is none. */
export function readTotpCode(text: string): string | null {
  const code = text.replace(/\s/g, '')
  return CODE.test(code) ? code : null
}

/**
 * The step whose code this is. That it was used before is not known here: each is to be taken once (RFC 6238 section 5.2).
 * @param at ms since the epoch
 * @returns null when it is no code of now
 */
export function totpStep(secret: string, code: string, at: number): number | null {
  const delta = totpOf(secret).validate({ token: code, timestamp: at, window: DRIFT })
  return delta === null ? null : Math.floor(at / 1000 / STEP) + delta
}

/** What the secret is sealed for: this person's row and no other. */
export const totpContext = (email: string): string => `totp:${email}`
