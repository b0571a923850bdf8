import type { Sql } from '../storage/database.ts'
import { findLiveLink, insertLink, type LinkPurpose, type LinkRow, takeLink } from '../storage/one-time-links.ts'
import type { TeamRole } from '../storage/teams.ts'
import { hashSecret } from './secrets.ts'
import { isCookieToken, makeCookieToken } from './web-session.ts'

/** How long a link lives; the numbers are those that its mail tells. */
export const LINK_LIVES = {
  'recover-password': { minutes: 30 },
  invitation: { days: 7 },
  'verify-email': { days: 3 },
  'erase-account': { hours: 24 },
} as const

const intervalOf = (purpose: LinkPurpose) =>
  Object.entries(LINK_LIVES[purpose])
    .map(([unit, count]) => `${count} ${unit}`)
    .join(' ')

/** @returns 256 random bits in base64url, which are in the mail and nowhere else, and when they end */
export async function makeLink(
  sql: Sql,
  link: { purpose: LinkPurpose; email: string; partyId: string; role?: TeamRole },
): Promise<{ token: string; expiresAt: Date }> {
  const { purpose, email, partyId, role = null } = link
  const token = makeCookieToken()
  const row = { token_hash: hashSecret(token), purpose, email, party_id: partyId, role, life: intervalOf(purpose) }
  return { token, expiresAt: await insertLink(sql, row) }
}

/** What a link would do; changes nothing, so that programs that look at links in mails use none up. */
export async function readLink(sql: Sql, purpose: LinkPurpose, token: string): Promise<LinkRow | undefined> {
  return isCookieToken(token) ? findLiveLink(sql, hashSecret(token), purpose) : undefined
}

/** Uses a link: once, whoever else tries at the same time. */
export async function useLink(sql: Sql, purpose: LinkPurpose, token: string): Promise<LinkRow | undefined> {
  return isCookieToken(token) ? takeLink(sql, hashSecret(token), purpose) : undefined
}
