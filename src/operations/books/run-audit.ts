import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { loadJournalKey } from '../../credentials/journal-key.ts'
import type { Keyring } from '../../credentials/keyring.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import { beginAuditRun, endAuditRun, noteAuditProgress } from '../../storage/audit-runs.ts'
import type { Database } from '../../storage/database.ts'
import { auditInThread } from './audit-thread.ts'

export type AuditDeps = {
  db: Database
  keyring: Keyring
  config: Pick<Config, 'home'>
  clock: () => number
  log: { error(fields: object, message: string): void }
}

const HEARTBEAT = 3_000

/**
 * Starts an audit of the books in the background; one at a time, of all servers of the database.
 * @returns its id, and when it is over; null when one is under way
 */
export async function startAudit(
  deps: AuditDeps,
  principal: string,
): Promise<{ id: string; over: Promise<void> } | null> {
  const id = uuidV7(deps.clock())
  if (!(await beginAuditRun(deps.db, { id, principal }))) return null
  return { id, over: run(deps, id) }
}

async function run({ db, keyring, config, log }: AuditDeps, id: string): Promise<void> {
  let [step, done] = ['', 0]
  const beat = setInterval(() => void noteAuditProgress(db, id, step, done).catch(() => {}), HEARTBEAT)
  beat.unref()
  try {
    const journalKey = await loadJournalKey({ db, keyring })
    const start = { connection: db.connection, journalKey, headFile: join(config.home, 'journal-heads.json') }
    const { clean, counts, findings, unlisted } = await auditInThread(start, (progress) => {
      const { rows = 0, ofRows = 0 } = progress
      step = progress.name
      done = (progress.step - 1 + (ofRows > 0 ? rows / ofRows : 0)) / progress.steps
    })
    const more = Object.values(unlisted).reduce((sum, count) => sum + count, 0)
    await endAuditRun(db, id, { status: clean ? 'clean' : 'findings', counts, findings, unlisted: more })
  } catch (error) {
    log.error({ err: error, audit: id }, 'an audit could not be finished')
    // Where the database itself is away the missing heartbeat tells.
    await endAuditRun(db, id, { status: 'failed' }).catch(() => {})
  } finally {
    clearInterval(beat)
  }
}
