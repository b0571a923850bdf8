import { createHash, hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Prefixes tell a person, and a scanner of leaked secrets, what a string is for. */
export const SECRET_PREFIXES = {
  clientSecret: 'bfs_',
  signingSecret: 'bfh_',
  apiKey: 'bfk_',
  refreshToken: 'bfr_',
  applicationPassword: 'bfa_',
} as const

/** 256 random bits in base64url behind a prefix, 47 characters in all. */
export const makeSecret = (kind: keyof typeof SECRET_PREFIXES) =>
  SECRET_PREFIXES[kind] + randomBytes(32).toString('base64url')

/** SHA-256. Enough for secrets of 256 random bits, which nobody can guess; never for passwords. */
export const hashSecret = (secret: string): Buffer => hash('sha256', secret, 'buffer')

/** Compares a presented secret with a stored hash in constant time. */
export const secretMatches = (secret: string, storedHash: Uint8Array): boolean =>
  equalBytes(hashSecret(secret), storedHash)

/** Constant time for inputs of one length; lengths are not secret here. */
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b)

/** SHA-256 over several byte strings. */
export function hashBytes(...parts: Uint8Array[]): Buffer {
  const digest = createHash('sha256')
  for (const part of parts) digest.update(part)
  return digest.digest()
}
