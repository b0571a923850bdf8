import type { Database } from '../storage/database.ts'
import { deleteHalfSessions } from '../storage/half-sessions.ts'
import { holdSignIn } from '../storage/parties.ts'
import { deleteWebSessions } from '../storage/web-sessions.ts'

/**
 * Signs somebody out everywhere, with the next request in every process. The password stays as it is.
 * @param email as it is kept, in lower case
 * @returns how many sessions there were
 */
export function endSessionsOf(deps: { db: Database }, email: string): Promise<number> {
  return deps.db.transaction(async (sql) => {
    // A sign-in that is under way comes before or after this, never between.
    await holdSignIn(sql, email, 'update')
    await deleteHalfSessions(sql, email)
    return deleteWebSessions(sql, email, null)
  })
}
