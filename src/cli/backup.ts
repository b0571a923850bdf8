import { createWriteStream } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { uuidV7 } from '../domain/uuid.ts'
import type { BackupSummary } from '../storage/backup/format.ts'
import { verifyBackup } from '../storage/backup/verify-backup.ts'
import { writeBackup } from '../storage/backup/write-backup.ts'
import { recordBackup } from '../storage/backup-runs.ts'
import type { Sql } from '../storage/database.ts'
import { readArguments, requirePositionals } from './arguments.ts'
import { PlainError, UsageError } from './command.ts'
import { print, printJson, remark } from './output.ts'
import { createProgress } from './progress.ts'
import { withDatabase } from './with-database.ts'

export async function run(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { output: 'string', verify: 'boolean', json: 'boolean' })
  requirePositionals(positionals)
  const path = options.output
  if (path === undefined) throw new UsageError('--output says where the backup goes')
  const verified = options.verify === true
  const summary = await withDatabase('reads', async ({ db, clock }) => {
    const progress = createProgress()
    const made = await toFile(path, async (draft) => {
      const sink = createWriteStream(draft, { flags: 'w', mode: 0o600 })
      const written = await writeBackup(db.connection, sink, ({ table, done, of }) => progress.update(table, done, of))
      if (verified) await verifyBackup(draft)
      return written
    }).finally(progress.end)
    await tell(db, path, { id: uuidV7(clock()), verified, summary: made })
    return made
  })
  if (options.json) printJson({ ...jsonOf(summary), verified })
  else {
    const checked = verified ? ', read again and whole' : ''
    print(`${path}: ${summary.rows} rows of ${summary.tables} tables, as they were at ${summary.at}${checked}`)
  }
  return 0
}

/** The console says when the last backup was. One that cannot be written down is a backup all the same. */
async function tell(sql: Sql, path: string, run: { id: string; verified: boolean; summary: BackupSummary }) {
  const { at: takenAt, bytes, rows } = run.summary
  const { id, verified } = run
  try {
    await recordBackup(sql, { id, takenAt, bytes, fileBytes: (await stat(path)).size, rows, verified })
  } catch (error) {
    remark(`the console will not show this backup: ${(error as Error).message}`)
  }
}

export const jsonOf = ({ rows, ...rest }: BackupSummary) => ({ ...rest, rows: Number(rows) })

/** Nobody finds half a backup under the name of a whole one. */
async function toFile(path: string, work: (draft: string) => Promise<BackupSummary>): Promise<BackupSummary> {
  const draft = `${path}.${process.pid}.part`
  try {
    await (await open(draft, 'wx', 0o600)).close()
  } catch (error) {
    throw new PlainError(`${path} cannot be written: ${(error as Error).message}`)
  }
  try {
    const summary = await work(draft)
    const file = await open(draft, 'r+')
    await file.sync().finally(() => file.close())
    await rename(draft, path)
    return summary
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
