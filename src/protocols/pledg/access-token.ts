import { createHmac, createSecretKey, type KeyObject, randomUUID } from 'node:crypto'
import { jwtParts, readJwt } from '#sdk/protocol/hs256-jwt.ts'
import { equalBytes } from '../../credentials/secrets.ts'
import { readings } from './readings.ts'

/** What tells these tokens from every other HS256 token that is around. */
const AUDIENCE = 'billfold:pledg-api'

/** Tokens that are opaque to whoever holds them: what stands in them is for this server only. */
export type AccessTokens = {
  /** @param keyId of the API key that asked */
  issue(keyId: string): string
  /** @returns the API key's id, also of a token whose time is over; `invalid`: it is none of ours */
  read(token: string): { keyId: string; expired: boolean } | 'invalid'
}

/** @param secret 32 bytes that all servers share. @param clock ms since the epoch */
export function createAccessTokens(secret: Uint8Array, clock: () => number): AccessTokens {
  const key: KeyObject = createSecretKey(secret)
  const mac = (text: string) => createHmac('sha256', key).update(text).digest()
  return {
    issue(keyId) {
      const iat = Math.floor(clock() / 1000)
      const claims = { aud: AUDIENCE, sub: keyId, iat, exp: iat + readings.tokenLife, jti: randomUUID() }
      const { signingInput } = jwtParts(claims, { typ: 'JWT', alg: 'HS256' })
      return `${signingInput}.${mac(signingInput).toString('base64url')}`
    },
    read(token) {
      const read = readJwt(token)
      if (!read.ok) return 'invalid'
      const { payload, signingInput, signature } = read.jwt
      if (!equalBytes(Buffer.from(signature, 'base64url'), mac(signingInput))) return 'invalid'
      const { aud, sub, exp } = payload
      if (aud !== AUDIENCE || typeof sub !== 'string' || typeof exp !== 'number') return 'invalid'
      return { keyId: sub, expired: clock() / 1000 >= exp }
    },
  }
}
