import { randomBytes } from 'node:crypto'
import { hashSecret } from './secrets.ts'

const HOW_MANY = 10
const LENGTH = 16
// Crockford's base32: what looks alike is one sign.
const SIGNS = '0123456789abcdefghjkmnpqrstvwxyz'

/** Ten codes of 80 random bits, as `xxxx-xxxx-xxxx-xxxx`. Shown once and kept as hashes, which nobody can guess back. */
export const makeRecoveryCodes = (): string[] => Array.from({ length: HOW_MANY }, makeCode)

function makeCode(): string {
  const signs = Array.from(randomBytes(LENGTH), (byte) => SIGNS[byte % 32]).join('')
  return signs.replace(/(.{4})(?=.)/g, '$1-')
}

/** A code as it was typed: capitals, blanks and hyphens do not matter, nor does o for 0. @returns null when it is none */
export function readRecoveryCode(text: string): string | null {
  const signs = text.toLowerCase().replace(/[\s-]/g, '').replaceAll('o', '0').replace(/[il]/g, '1')
  return signs.length === LENGTH && [...signs].every((sign) => SIGNS.includes(sign)) ? signs : null
}

/** @param code as read or as made */
export const hashRecoveryCode = (email: string, code: string): Buffer =>
  hashSecret(`recovery-code\n${email}\n${code.replaceAll('-', '')}`)
