import type { CommandEntry } from './entry.ts'

export const audit: CommandEntry = {
  summary: 'replay the books and report every difference',
  form: {
    summary: 'replays the books and compares everything that is kept twice; payments go on meanwhile',
    usage: '[--heads FILE]',
    examples: ['billfold audit', 'billfold audit --json > audit.json'],
  },
  about: `What is compared: journal, transactions, transfers, entries, balances, holds, stored answers, invoices, refunds,
refills, transaction tokens, cards, purchases. The journal's last rows are compared with the copy that is kept outside the
database: journal-heads.json in BILLFOLD_HOME, or another file. The books are only read; that they were audited, and what was
found, is written down for the console. Exit status 0: the books are clean, 1: there are findings.`,
}

export const backup: CommandEntry = {
  summary: 'write the whole database into one file',
  form: {
    summary: 'writes everything that the database holds at one moment into one file; payments go on meanwhile',
    usage: '--output FILE [--verify]',
    examples: ['billfold backup --output billfold-2026-11-22.backup --verify'],
  },
  about: `The file gets its name when it is whole; with --verify it is read again before, to its end. When it ended is written
down for the console, which warns when the last one is too old (BILLFOLD_BACKUP_HOURS). Secrets in it stay sealed: the key
(BILLFOLD_KEY, or the file "key" in BILLFOLD_HOME) is not in it. Keep that in another place, because without it nothing
sealed can be opened again.`,
}

export const restore: CommandEntry = {
  summary: 'fill an empty database from a backup',
  form: {
    summary: 'fills an empty database from a backup, brings its schema up to date and replays the books',
    usage: '--input FILE',
    examples: ['BILLFOLD_HOME=/srv/billfold-new billfold restore --input billfold-2026-11-22.backup'],
  },
  about: `Empty is a BILLFOLD_HOME without data, or DATABASE_URL. The key that the backed-up server had must be there before:
BILLFOLD_KEY, or the file "key" in BILLFOLD_HOME. A damaged backup leaves the database empty. Exit status 0: restored, and
the books are clean.`,
}

export const exportBooks: CommandEntry = {
  summary: 'write the books as hledger, CSV or JSON lines',
  form: {
    summary: 'writes the whole ledger as it is at one moment; it only reads, and payments go on meanwhile',
    usage: '--format hledger|csv|jsonl [--output FILE]',
    examples: [
      'billfold export --format hledger --output books.journal && hledger -f books.journal balance',
      'billfold export --format jsonl | gzip > ledger.jsonl.gz',
    ],
  },
  about: `A journal for hledger that checks every balance, a line of CSV for each entry, or a line of JSON for each transaction.
A file gets its name when it is whole. --json is the format jsonl, and tells of the file where there is one.`,
}
