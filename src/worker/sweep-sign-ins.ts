import type { Sql } from '../storage/database.ts'
import { inRounds } from '../storage/in-rounds.ts'
import { deleteOldMails } from '../storage/mail-outbox.ts'
import { deleteOldLinks } from '../storage/one-time-links.ts'
import { deleteOldAttempts } from '../storage/sign-in-throttle.ts'
import { deleteDeadWebSessions } from '../storage/web-sessions.ts'

/** How long it is known that a mail was sent, and the sandbox's outbox shows it. */
const MAIL_RETENTION = '7 days'

/** Deletes sessions, links, mails and counters whose time is over. @returns how many */
export async function sweepSignIns(sql: Sql): Promise<number> {
  const deleted = [
    await inRounds((limit) => deleteDeadWebSessions(sql, limit)),
    await inRounds((limit) => deleteOldLinks(sql, limit)),
    await inRounds((limit) => deleteOldAttempts(sql, limit)),
    await inRounds((limit) => deleteOldMails(sql, MAIL_RETENTION, limit)),
  ]
  return deleted.reduce((sum, count) => sum + count)
}
