import { familyMark } from '../../credentials/refresh-token.ts'
import type { Revocations } from '../../credentials/revocations.ts'
import type { Database } from '../../storage/database.ts'
import { revokeRefreshFamily } from '../../storage/refresh-families.ts'
import { insertTokenRevocation } from '../../storage/token-revocations.ts'
import type { OauthSettings } from './settings.ts'

type Deps = { db: Database; revocations: Revocations; clock: () => number; settings: OauthSettings }

// A little longer than any token issued so far can live, clocks of other processes included.
const tokensExpireAt = (deps: Deps, now: number) => now + deps.settings.accessTokenTtl * 1000 + 60_000

/** Ends a family of refresh tokens, and the access tokens that were issued with it: here at once, elsewhere in 5 s. */
export async function revokeFamily(deps: Deps, familyId: string): Promise<void> {
  const now = deps.clock()
  const expiresAt = tokensExpireAt(deps, now)
  const mark = familyMark(familyId)
  await revokeRefreshFamily(deps.db, { id: familyId, mark, at: new Date(now), tokensExpireAt: new Date(expiresAt) })
  deps.revocations.add(mark, expiresAt)
}

/** Ends one access token: here at once, elsewhere in 5 s. */
export async function revokeAccessToken(deps: Deps, jti: string): Promise<void> {
  const expiresAt = tokensExpireAt(deps, deps.clock())
  await insertTokenRevocation(deps.db, jti, new Date(expiresAt))
  deps.revocations.add(jti, expiresAt)
}
