import { createReadStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { readConfig } from '../config.ts'
import { BackupError } from '../storage/backup/format.ts'
import { restoreBackup } from '../storage/backup/restore-backup.ts'
import { openDatabase } from '../storage/database.ts'
import { migrate } from '../storage/migrate.ts'
import { readArguments, requirePositionals } from './arguments.ts'
import { auditBooks, auditView, printReport } from './audit.ts'
import { jsonOf } from './backup.ts'
import { PlainError, UsageError } from './command.ts'
import { findDatabase } from './database.ts'
import { print, printJson, remark } from './output.ts'
import { plainly } from './plainly.ts'
import { createProgress } from './progress.ts'

export async function run(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { input: 'string', json: 'boolean' })
  requirePositionals(positionals)
  const path = options.input
  if (path === undefined) throw new UsageError('--input says where the backup is')
  const summary = await plainly(() => restoreFrom(path))
  if (!options.json) print(`${summary.rows} rows of ${summary.tables} tables, as they were at ${summary.at}`)
  const report = await auditBooks()
  if (options.json) printJson({ ...jsonOf(summary), audit: auditView(report) })
  else printReport(report)
  return report.clean ? 0 : 1
}

async function restoreFrom(path: string) {
  const { config, secrets } = readConfig(process.env)
  await access(path).catch((error) => {
    throw new PlainError(`${path} cannot be read: ${(error as Error).message}`)
  })
  if (!secrets.keys) {
    await access(join(config.home, 'key')).catch(() => {
      throw new PlainError(
        `there is no key in ${config.home}: put the file "key" of the backed-up server there, or set BILLFOLD_KEY`,
      )
    })
  }
  const database = await findDatabase(config, remark)
  const progress = createProgress()
  try {
    const summary = await restoreBackup(database.connection, createReadStream(path), ({ table, done, of }) =>
      progress.update(table, done, of),
    ).finally(progress.end)
    const db = openDatabase(database.connection, { connections: 1 })
    await migrate(db)
      .then(() => db.query('analyze'))
      .finally(db.close)
    return summary
  } catch (error) {
    if (error instanceof BackupError) throw new PlainError(`${path}: ${error.message}`, { cause: error })
    throw error
  } finally {
    await database.stop()
  }
}
