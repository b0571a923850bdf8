import type { Adapter, StoredPayload } from 'oidc-provider'
import { type AccessTokenClaims, verifyAccessTokenJwt } from '../../credentials/access-token-jwt.ts'
import { parseRefreshToken } from '../../credentials/refresh-token.ts'
import { equalBytes } from '../../credentials/secrets.ts'
import { TokenRefusal } from '../../credentials/token-refusal.ts'
import { findConsent } from '../../storage/consents.ts'
import { findRefreshFamily } from '../../storage/refresh-families.ts'
import { isOver } from './consent-policy.ts'
import type { GrantDeps } from './grants.ts'
import { revokeAccessToken, revokeFamily } from './revoke-family.ts'

/**
 * The library refuses to introspect or revoke what it sees to be a JWT. Behind this mark it takes one for an opaque id and
 * asks our adapter, which reads the token itself.
 */
export const JWT_MARK = 'jwt~'

async function nothing(): Promise<undefined> {}

async function unused(): Promise<never> {
  throw new Error('the library does not store tokens of this kind here')
}

const seconds = (ms: number) => Math.floor(ms / 1000)

/** A model of which there is never anything: client-credential tokens are ordinary access tokens here. */
export const emptyAdapter: Adapter = {
  upsert: unused,
  find: nothing,
  findByUid: nothing,
  findByUserCode: nothing,
  consume: nothing,
  destroy: nothing,
  revokeByGrantId: nothing,
}

/** Access tokens live in no table: found by verifying them, destroyed by listing them as revoked. */
export function createAccessTokenAdapter(deps: GrantDeps): Adapter {
  return {
    ...emptyAdapter,
    async find(id) {
      if (!id.startsWith(JWT_MARK)) return undefined
      try {
        const audiences = new Set([deps.issuer])
        const claims = await verifyAccessTokenJwt({ ...deps, audiences }, id.slice(JWT_MARK.length), deps.clock())
        await deps.revocations.ready()
        const revoked = await deps.revocations.has(claims.jti, claims.family)
        if (revoked || !(await isBacked(deps, claims.consent ?? null))) return undefined
        return accessTokenPayload(claims)
      } catch (error) {
        if (error instanceof TokenRefusal) return undefined
        throw error
      }
    },
    destroy: (jti) => revokeAccessToken(deps, jti),
  }
}

/** Whether the consent that a token was issued under, if any, still stands. */
async function isBacked(deps: GrantDeps, consentId: string | null): Promise<boolean> {
  if (consentId === null) return true
  const consent = await findConsent(deps.db, consentId)
  return consent !== undefined && !isOver(consent, deps.clock())
}

const accessTokenPayload = (claims: AccessTokenClaims): StoredPayload => ({
  kind: 'AccessToken',
  jti: claims.jti,
  clientId: claims.clientId,
  accountId: claims.subject,
  aud: claims.audience,
  scope: claims.scopes.join(' '),
  iat: seconds(claims.issuedAt),
  exp: seconds(claims.expiresAt),
  ...(claims.jkt && { jkt: claims.jkt }),
  extra: { wallets: claims.walletNames },
})

/** Refresh tokens live in families; destroying any member, the last one or the one before, ends the family. */
export function createRefreshTokenAdapter(deps: GrantDeps): Adapter {
  return {
    ...emptyAdapter,
    async find(id) {
      const presented = parseRefreshToken(id)
      const family = presented && (await findRefreshFamily(deps.db, presented.familyId))
      if (!family || family.revoked_at || !(await isBacked(deps, family.consent_id))) return undefined
      const current = equalBytes(presented.hash, family.current_hash)
      if (!current && !(family.previous_hash && equalBytes(presented.hash, family.previous_hash))) return undefined
      return {
        kind: 'RefreshToken',
        jti: id,
        clientId: family.client_id,
        accountId: family.party_id,
        scope: family.scopes,
        exp: seconds(family.expires_at.getTime()),
        ...(family.jkt !== null && { jkt: family.jkt }),
        ...(!current && { consumed: seconds(family.rotated_at?.getTime() ?? 0) }),
      }
    },
    async destroy(id) {
      const presented = parseRefreshToken(id)
      if (presented) await revokeFamily(deps, presented.familyId)
    },
  }
}
