import type { Sql } from '../../storage/database.ts'
import { deleteExpiredArtifacts } from '../../storage/oauth-artifacts.ts'
import { deleteExpiredRefreshFamilies, forgetSuccessors } from '../../storage/refresh-families.ts'
import { deleteExpiredRevocations } from '../../storage/token-revocations.ts'
import type { OauthSettings } from './settings.ts'

const AT_MOST = 5_000

/** Deletes what has expired and empties answers that no retry can ask for. @returns rows deleted; come again while many */
export async function sweepOauth(sql: Sql, now: number, settings: OauthSettings): Promise<number> {
  const at = new Date(now)
  await forgetSuccessors(sql, new Date(now - settings.refreshGrace * 1000 - 1000), AT_MOST)
  const families = await deleteExpiredRefreshFamilies(sql, at, AT_MOST)
  const artifacts = await deleteExpiredArtifacts(sql, at, AT_MOST)
  const revocations = await deleteExpiredRevocations(sql, at, AT_MOST)
  return families + artifacts + revocations
}
