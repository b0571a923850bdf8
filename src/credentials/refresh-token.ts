import { randomBytes } from 'node:crypto'
import { hashBytes, SECRET_PREFIXES } from './secrets.ts'

const FAMILY_BYTES = 16
const SECRET_BYTES = 32
const PATTERN = new RegExp(`^${SECRET_PREFIXES.refreshToken}[A-Za-z0-9_-]{64}$`)

export type RefreshToken = { token: string; hash: Buffer }

/** A refresh token carries its family's id in the open, so that finding the family needs no index on secrets. */
export function makeRefreshToken(familyId: string): RefreshToken {
  const bytes = Buffer.concat([Buffer.from(familyId.replaceAll('-', ''), 'hex'), randomBytes(SECRET_BYTES)])
  return { token: SECRET_PREFIXES.refreshToken + bytes.toString('base64url'), hash: hashBytes(bytes) }
}

/**
 * What access tokens and the list of revocations call a family. Not its id, which an access token would then tell to everyone
 * who sees it: with the id, a false refresh token can be made that ends the family.
 */
export function familyMark(familyId: string): string {
  return uuidOf(hashBytes(Buffer.from(`family:${familyId}`)))
}

/** The family and the hash to compare; undefined for anything that is not of this form. */
export function parseRefreshToken(token: string): { familyId: string; hash: Buffer } | undefined {
  if (!PATTERN.test(token)) return undefined
  const bytes = Buffer.from(token.slice(SECRET_PREFIXES.refreshToken.length), 'base64url')
  return { familyId: uuidOf(bytes), hash: hashBytes(bytes) }
}

function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex', 0, FAMILY_BYTES)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
