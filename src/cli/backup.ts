import { createWriteStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import type { BackupSummary } from '../storage/backup/format.ts'
import { writeBackup } from '../storage/backup/write-backup.ts'
import { readArguments, requirePositionals } from './arguments.ts'
import { PlainError, UsageError } from './command.ts'
import { print, printJson } from './output.ts'
import { createProgress } from './progress.ts'
import { withDatabase } from './with-database.ts'

export async function run(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { output: 'string', json: 'boolean' })
  requirePositionals(positionals)
  const path = options.output
  if (path === undefined) throw new UsageError('--output says where the backup goes')
  const summary = await withDatabase('reads', async ({ db }) => {
    const progress = createProgress()
    return toFile(path, (draft) =>
      writeBackup(db.connection, createWriteStream(draft, { flags: 'w', mode: 0o600 }), ({ table, done, of }) =>
        progress.update(table, done, of),
      ),
    ).finally(progress.end)
  })
  if (options.json) printJson(jsonOf(summary))
  else print(`${path}: ${summary.rows} rows of ${summary.tables} tables, as they were at ${summary.at}`)
  return 0
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
