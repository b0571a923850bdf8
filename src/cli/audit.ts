import { join } from 'node:path'
import { findJournalKey } from '../credentials/journal-key.ts'
import { uuidV7 } from '../domain/uuid.ts'
import { type AuditReport, audit, type Finding } from '../ledger/audit.ts'
import { HeadFileError, readHeads } from '../ledger/head-file.ts'
import type { JournalHead } from '../ledger/journal.ts'
import { recordAudit } from '../storage/audit-runs.ts'
import type { Sql } from '../storage/database.ts'
import { readArguments, requirePositionals } from './arguments.ts'
import { PlainError } from './command.ts'
import { print, printJson, remark } from './output.ts'
import { paint } from './paint.ts'
import { createProgress } from './progress.ts'
import { withDatabase } from './with-database.ts'

const NO_KEY = Buffer.alloc(32)

export async function run(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { heads: 'string', json: 'boolean' })
  requirePositionals(positionals)
  const report = await auditBooks(options.heads, recordReport)
  if (options.json) printJson(auditView(report))
  else printReport(report)
  return report.clean ? 0 : 1
}

/**
 * Replays the books of the configuration's database, with a bar on a terminal.
 * @param headsFile what was kept of the journal outside the database; by default the file in the home
 * @param told gets the report while the database is open
 */
export function auditBooks(
  headsFile?: string,
  told: (sql: Sql, report: AuditReport, started: number) => Promise<void> = async () => {},
): Promise<AuditReport> {
  return withDatabase('reads', async ({ config, db, keyring, clock }) => {
    const started = clock()
    const journalKey = await findJournalKey({ db, keyring: await keyring() })
    if (!journalKey && (await db.query('select from journal limit 1')).length > 0)
      throw new PlainError('the books are chained, but the key of their journal was deleted from the database')
    // Read before the books are: what is committed in between is no gap.
    const { heads, problem } = await knownHeads(
      headsFile ?? join(config.home, 'journal-heads.json'),
      journalKey ?? NO_KEY,
    )
    const progress = createProgress()
    const found = await audit(db, {
      // Where no server has run nothing is chained.
      journalKey: journalKey ?? NO_KEY,
      knownHeads: heads,
      onProgress({ step, steps, name, rows = 0, ofRows = 0 }) {
        progress.update(name, step - 1 + (ofRows > 0 ? rows / ofRows : 0), steps)
      },
    }).finally(progress.end)
    const report = problem ? { ...found, clean: false, findings: [problem, ...found.findings] } : found
    await told(db, report, started)
    return report
  })
}

/** The console knows of it too: it warns of books that nobody has looked at for long. */
async function recordReport(sql: Sql, { clean, counts, findings, unlisted }: AuditReport, started: number) {
  const more = Object.values(unlisted).reduce((sum, count) => sum + count, 0)
  const status = clean ? 'clean' : 'findings'
  const run = {
    id: uuidV7(started),
    principal: 'command line',
    started,
    status,
    counts,
    findings,
    unlisted: more,
  } as const
  await recordAudit(sql, run).catch((error) => remark(`the console will not show this audit: ${error.message}`))
}

/** A report as JSON can say it. */
export const auditView = (report: AuditReport): unknown => JSON.parse(JSON.stringify(report, jsonValue))

async function knownHeads(path: string, key: Buffer): Promise<{ heads: JournalHead[]; problem: Finding | null }> {
  try {
    return { heads: await readHeads(path, key), problem: null }
  } catch (error) {
    if (!(error instanceof HeadFileError)) throw error
    return { heads: [], problem: { check: 'journal', table: 'file', row: path, message: error.message, suspects: [] } }
  }
}

export function printReport({ clean, counts, findings, unlisted }: AuditReport): void {
  const { accounts, transactions, entries, answers, commits } = counts
  print(
    `${accounts} accounts, ${transactions} transactions, ${entries} entries, ${answers} answers, ${commits} commits`,
  )
  for (const { check, table, row, message, suspects } of findings) {
    print(`${check}: ${table} ${row}: ${message}`)
    for (const suspect of suspects) print(`  perhaps ${suspect.table} ${suspect.row}`)
  }
  for (const [check, count] of Object.entries(unlisted)) print(`${check}: ${count} more`)
  print(
    clean
      ? paint(process.stdout, 'green', 'the books are clean')
      : paint(process.stdout, 'red', 'the books are NOT clean'),
  )
}

/** Hashes as hex; what leaves the range of a number as text. */
function jsonValue(this: unknown, name: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[name]
  if (Buffer.isBuffer(original)) return original.toString('hex')
  return typeof value === 'bigint' ? String(value) : value
}
