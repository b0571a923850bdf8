import { hashSecret } from '../../credentials/secrets.ts'
import type { Sql } from '../../storage/database.ts'
import { findJackpotSession, type JackpotSession } from '../../storage/jackpot-sessions.ts'
import { isSessionToken } from './open-session.ts'

/**
 * The session of a token, also one that has reserved: `voucherId` says what, and then it is good for looking at that voucher only.
 * The look-up is by hash, so its timing tells nothing of the token.
 */
export async function findSession(
  deps: { db: Sql; clock: () => number },
  token: string,
): Promise<JackpotSession | undefined> {
  if (!isSessionToken(token)) return undefined
  return findJackpotSession(deps.db, hashSecret(token), new Date(deps.clock()))
}
