import { join } from 'node:path'
import { findJournalKey } from '../credentials/journal-key.ts'
import { type AuditReport, audit, type Finding } from '../ledger/audit.ts'
import { HeadFileError, readHeads } from '../ledger/head-file.ts'
import type { JournalHead } from '../ledger/journal.ts'
import { readArguments, requirePositionals } from './arguments.ts'
import { PlainError } from './command.ts'
import { print, printJson } from './output.ts'
import { createProgress } from './progress.ts'
import { withDatabase } from './with-database.ts'

export const help = `usage: billfold audit [--heads FILE] [--json]

Replays the books and compares everything that is kept twice: journal, transactions, transfers, entries, balances, holds,
stored answers, invoices, refunds, refills, transaction tokens, cards, purchases. It only reads, and payments go on meanwhile. The journal's
last rows are compared with the copy that is kept outside the database: journal-heads.json in BILLFOLD_HOME, or another
file. Exit status 0: the books are clean, 1: there are findings.

  billfold audit
  billfold audit --json > audit.json
`

const NO_KEY = Buffer.alloc(32)

export async function run(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { heads: 'string', json: 'boolean' })
  requirePositionals(positionals)
  const report = await withDatabase('reads', async ({ config, db, keyring }) => {
    const journalKey = await findJournalKey({ db, keyring: await keyring() })
    if (!journalKey && (await db.query('select from journal limit 1')).length > 0)
      throw new PlainError('the books are chained, but the key of their journal was deleted from the database')
    // Read before the books are: what is committed in between is no gap.
    const { heads, problem } = await knownHeads(
      options.heads ?? join(config.home, 'journal-heads.json'),
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
    return problem ? { ...found, clean: false, findings: [problem, ...found.findings] } : found
  })
  if (options.json) printJson(JSON.parse(JSON.stringify(report, jsonValue)))
  else printReport(report)
  return report.clean ? 0 : 1
}

async function knownHeads(path: string, key: Buffer): Promise<{ heads: JournalHead[]; problem: Finding | null }> {
  try {
    return { heads: await readHeads(path, key), problem: null }
  } catch (error) {
    if (!(error instanceof HeadFileError)) throw error
    return { heads: [], problem: { check: 'journal', table: 'file', row: path, message: error.message, suspects: [] } }
  }
}

function printReport({ clean, counts, findings, unlisted }: AuditReport): void {
  const { accounts, transactions, entries, answers, commits } = counts
  print(
    `${accounts} accounts, ${transactions} transactions, ${entries} entries, ${answers} answers, ${commits} commits`,
  )
  for (const { check, table, row, message, suspects } of findings) {
    print(`${check}: ${table} ${row}: ${message}`)
    for (const suspect of suspects) print(`  perhaps ${suspect.table} ${suspect.row}`)
  }
  for (const [check, count] of Object.entries(unlisted)) print(`${check}: ${count} more`)
  print(clean ? 'the books are clean' : 'the books are NOT clean')
}

/** Hashes as hex; what leaves the range of a number as text. */
function jsonValue(this: unknown, name: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[name]
  if (Buffer.isBuffer(original)) return original.toString('hex')
  return typeof value === 'bigint' ? String(value) : value
}
