import { createSecretKey } from 'node:crypto'
import type { Database } from '../storage/database.ts'
import { inSnapshot } from '../storage/snapshot.ts'
import { auditAccountChanges, auditAccounts } from './audit/accounts.ts'
import { auditEntries } from './audit/entries.ts'
import { type Check, createFindings, type Finding } from './audit/findings.ts'
import { auditFundings } from './audit/fundings.ts'
import { auditGiftCards } from './audit/gift-cards.ts'
import { auditIdempotency } from './audit/idempotency.ts'
import { auditInvoices } from './audit/invoices.ts'
import { auditJournal } from './audit/journal.ts'
import { auditPurchases } from './audit/purchases.ts'
import { auditRedactions } from './audit/redactions.ts'
import { auditRefills } from './audit/refills.ts'
import { auditRefunds } from './audit/refunds.ts'
import { auditConservation, auditDirectory, auditHolds } from './audit/relations.ts'
import { auditTransactionTokens } from './audit/transaction-tokens.ts'
import { auditTransactions } from './audit/transactions.ts'
import { auditTransferAssets, auditTransferSides } from './audit/transfers.ts'
import { auditVouchers } from './audit/vouchers.ts'
import type { JournalHead } from './journal.ts'

export type { Check, Finding, RowName } from './audit/findings.ts'

export type AuditOptions = {
  /** 32 bytes: the key that the journal was chained with */
  journalKey: Buffer
  /** heads kept outside the database (`readHeads`): without them a journal whose end was cut off does not show */
  knownHeads?: readonly JournalHead[]
  onProgress?: (progress: AuditProgress) => void
}

/** `step` of `steps` is being done; `rows` of about `ofRows` of it, where it is done row by row. */
export type AuditProgress = {
  readonly step: number
  readonly steps: number
  readonly name: string
  readonly rows?: number
  readonly ofRows?: number
}

export type AuditReport = {
  readonly clean: boolean
  readonly findings: readonly Finding[]
  /** findings beyond the 100 that are listed of each check */
  readonly unlisted: Readonly<Partial<Record<Check, number>>>
  readonly counts: {
    readonly accounts: number
    readonly transactions: number
    readonly entries: number
    readonly answers: number
    readonly commits: number
  }
  /** the last row of each journal stream, as found */
  readonly heads: readonly JournalHead[]
}

const LISTED = 100

/**
 * Replays the whole ledger in one snapshot and compares everything that is kept twice: journal and transactions, digests and
 * rows, transfers and entries, accounts and what they follow from, what invoices, refunds, refills, transaction tokens, gift cards, vouchers and purchases
 * say of all that. Payments go on meanwhile. What it cannot tell: that an idempotency row was deleted (they are swept by age), and who
 * changed what it finds.
 */
export async function audit(db: Database, options: AuditOptions): Promise<AuditReport> {
  const key = createSecretKey(options.journalKey)
  const findings = createFindings(LISTED)
  return inSnapshot(db, async (snapshot) => {
    const [counts] = await snapshot.query<{
      journal: bigint
      transactions: bigint
      keys: bigint
      accounts: bigint
      entries: bigint
    }>(
      `select (select count(*) from journal) as journal, (select count(*) from transaction) as transactions,
         (select count(*) from idempotency) as keys, (select count(*) from account) as accounts,
         (select count(*) from entry) as entries`,
    )
    const total = counts as NonNullable<typeof counts>
    const steps = 19
    let step = 0
    const begin = (name: string, ofRows?: bigint): (() => void) => {
      step++
      options.onProgress?.({ step, steps, name })
      let rows = 0
      return () => {
        if (++rows % 10_000 === 0) options.onProgress?.({ step, steps, name, rows, ofRows: Number(ofRows) })
      }
    }

    const journalRow = begin('journal', total.journal)
    const journal = await auditJournal(snapshot, key, options.knownHeads ?? [], findings, journalRow)
    const transactions = await auditTransactions(snapshot, findings, begin('transactions', total.transactions))
    const parts: [string, typeof auditEntries][] = [
      ['redactions', auditRedactions],
      ['entries', auditEntries],
      ['sides of transfers', auditTransferSides],
      ['accounts of transfers', auditTransferAssets],
      ['accounts', auditAccounts],
      ['account changes', auditAccountChanges],
      ['holds', auditHolds],
      ['conservation and wallets', auditBalances],
      ['invoices', auditInvoices],
      ['refunds', auditRefunds],
      ['refills', auditRefills],
      ['transaction tokens', auditTransactionTokens],
      ['gift cards', auditGiftCards],
      ['vouchers', auditVouchers],
      ['purchases', auditPurchases],
      ['funding by hand', auditFundings],
    ]
    for (const [name, check] of parts) {
      begin(name)
      await check(snapshot, findings)
    }
    const answers = await auditIdempotency(snapshot, findings, begin('stored answers', total.keys))
    return {
      clean: findings.listed.length === 0,
      findings: findings.listed,
      unlisted: findings.unlisted,
      counts: {
        accounts: Number(total.accounts),
        entries: Number(total.entries),
        commits: journal.count,
        transactions,
        answers,
      },
      heads: journal.heads,
    }
  })
}

const auditBalances: typeof auditEntries = async (snapshot, findings) => {
  await auditConservation(snapshot, findings)
  await auditDirectory(snapshot, findings)
}
