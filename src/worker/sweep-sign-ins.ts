import { type RetentionSettings, retentionOf } from '../domain/retention.ts'
import type { Sql } from '../storage/database.ts'
import { deleteDeadHalfSessions } from '../storage/half-sessions.ts'
import { inRounds } from '../storage/in-rounds.ts'
import { deleteOldMails } from '../storage/mail-outbox.ts'
import { deleteOldLinks } from '../storage/one-time-links.ts'
import { deleteOldChallenges } from '../storage/passkeys.ts'
import { deleteOldRates } from '../storage/request-rates.ts'
import { deleteOldAttempts } from '../storage/sign-in-throttle.ts'
import { deleteDeadWebSessions } from '../storage/web-sessions.ts'

/** Deletes sessions, links, mails and counters whose time is over. @returns how many */
export async function sweepSignIns(sql: Sql, retention?: RetentionSettings): Promise<number> {
  const mailAge = `${retentionOf(retention, 'mails') / 1000} seconds`
  const deleted = [
    await inRounds((limit) => deleteDeadWebSessions(sql, limit)),
    await inRounds((limit) => deleteDeadHalfSessions(sql, limit)),
    await inRounds((limit) => deleteOldChallenges(sql, limit)),
    await inRounds((limit) => deleteOldLinks(sql, limit)),
    await inRounds((limit) => deleteOldAttempts(sql, limit)),
    await inRounds((limit) => deleteOldRates(sql, limit)),
    await inRounds((limit) => deleteOldMails(sql, mailAge, limit)),
  ]
  return deleted.reduce((sum, count) => sum + count)
}
