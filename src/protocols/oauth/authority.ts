import { errors } from 'oidc-provider'
import { findConsent } from '../../storage/consents.ts'
import { listWalletsOfParties, type PartyWallet } from '../../storage/party-wallets.ts'
import type { GrantDeps } from './grants.ts'
import type { OauthSettings } from './settings.ts'

/** What stands behind the tokens of a family, read when one is about to be issued. */
export type Authority = {
  /** null: the client acts for its own party */
  consentId: string | null
  /** null: whatever the client may do */
  scopes: readonly string[] | null
  wallets: PartyWallet[]
  /** ms since the epoch; null: no end of its own */
  endsAt: number | null
}

/** @throws invalid_grant when an owner's consent stood behind it and does no longer */
export async function loadAuthority(
  deps: Pick<GrantDeps, 'db' | 'clock' | 'settings'>,
  family: { partyId: string; consentId: string | null },
): Promise<Authority> {
  if (family.consentId !== null) return loadOwnersAuthority(deps, family.consentId)
  const wallets = await listWalletsOfParties(deps.db, [family.partyId], deps.settings.mostWalletsNamed + 1)
  return { consentId: null, scopes: null, wallets, endsAt: null }
}

/** The same where it is known that an owner stands behind it. */
export async function loadOwnersAuthority(
  { db, clock }: Pick<GrantDeps, 'db' | 'clock'>,
  id: string,
): Promise<Authority & { consentId: string }> {
  const consent = await findConsent(db, id)
  const endsAt = consent?.expires_at?.getTime() ?? null
  if (!consent || (endsAt !== null && endsAt <= clock())) throw new errors.InvalidGrant('the consent has ended')
  if (consent.wallets.length === 0) throw new errors.InvalidGrant('the owner has none of these wallets any more')
  return { consentId: id, scopes: consent.scopes, wallets: consent.wallets, endsAt }
}

/** When a family ends unless it is used before; ms since the epoch. Never later than what stands behind it. */
export function familyEnd(settings: OauthSettings, authority: Pick<Authority, 'consentId' | 'endsAt'>, now: number) {
  const ttl = authority.consentId === null ? settings.clientRefreshTokenTtl : settings.ownerRefreshTokenTtl
  return Math.min(now + ttl * 1000, authority.endsAt ?? Number.POSITIVE_INFINITY)
}
