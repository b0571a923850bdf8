import { deleteEndedConsents } from '../../storage/consents.ts'
import type { Sql } from '../../storage/database.ts'
import { deleteExpiredDpopProofs } from '../../storage/dpop-proofs.ts'
import { inRounds } from '../../storage/in-rounds.ts'
import { deleteExpiredArtifacts } from '../../storage/oauth-artifacts.ts'
import { deleteExpiredRefreshFamilies, forgetSuccessors } from '../../storage/refresh-families.ts'
import { deleteExpiredRevocations } from '../../storage/token-revocations.ts'
import type { OauthSettings } from './settings.ts'

/** What an owner had allowed may be asked about for a year after it ended; ms. */
const CONSENTS_KEPT = 365 * 24 * 3_600_000

/** Deletes what has expired and empties answers that no retry can ask for. @returns rows deleted */
export async function sweepOauth(sql: Sql, now: number, settings: OauthSettings): Promise<number> {
  const at = new Date(now)
  await inRounds((limit) => forgetSuccessors(sql, new Date(now - settings.refreshGrace * 1000 - 1000), limit))
  const families = await inRounds((limit) => deleteExpiredRefreshFamilies(sql, at, limit))
  const artifacts = await inRounds((limit) => deleteExpiredArtifacts(sql, at, limit))
  const revocations = await inRounds((limit) => deleteExpiredRevocations(sql, at, limit))
  const proofs = await inRounds((limit) => deleteExpiredDpopProofs(sql, at, limit))
  const consents = await inRounds((limit) => deleteEndedConsents(sql, new Date(now - CONSENTS_KEPT), limit))
  return families + artifacts + revocations + proofs + consents
}
