import { createSecretKey } from 'node:crypto'
import { loadJournalKey } from '../../credentials/journal-key.ts'
import type { Keyring } from '../../credentials/keyring.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Effect, EffectRow, Ledger } from '../../ledger/command.ts'
import { digestOf } from '../../ledger/lines.ts'
import { linesOf } from '../../ledger/record-lines.ts'
import {
  createDigestSeal,
  ERASURE_KIND,
  type Redaction,
  redactionRow,
  redactionsTold,
  transactionRedacted,
} from '../../ledger/redaction.ts'
import { findTransactions, type TransactionRecord } from '../../ledger/transaction-rows.ts'
import type { Database } from '../../storage/database.ts'
import {
  blankAnswersThatSay,
  deleteAnswersOf,
  listTransactionsOf,
  listTransactionsThatSay,
} from '../../storage/redactions.ts'
import type { Replacer } from './replacer.ts'

const BATCH = 400

/** Movements about which their caller may say what it likes. */
const REMARKED = new Set(['payments', 'charges', 'funds', 'invoices', 'refunds', 'refills', 'transactions'])

/**
 * Takes a person out of the texts of the books. Amounts, accounts, times and references stay; the erasure's own transactions say how
 * each one reads from now on. Remarks on the person's movements go as a whole.
 * @param accounts the person's, which nothing moves any more
 * @returns how many transactions were changed
 */
export async function redactBooks(
  deps: { db: Database; ledger: Ledger; keyring: Keyring; clock: () => number },
  input: { erasure: string; actor: string; accounts: readonly bigint[]; replacer: Replacer },
): Promise<number> {
  const { db, ledger, clock } = deps
  const { erasure, actor, accounts, replacer } = input
  const seal = createDigestSeal(createSecretKey(await loadJournalKey(deps)))
  const own = new Set(accounts.length === 0 ? [] : await listTransactionsOf(db, accounts))
  const ids = [...new Set([...own, ...(await listTransactionsThatSay(db, replacer.pattern))])].sort()
  let changed = 0
  for (let start = 0; start < ids.length; start += BATCH) {
    const records = await findTransactions(db, ids.slice(start, start + BATCH))
    const redactions = records.flatMap((record) => redact(record, replacer, own.has(record.id)) ?? [])
    if (redactions.length === 0) continue
    const transaction = uuidV7(clock())
    const { outcome } = await ledger.submit({
      principal: actor,
      transaction,
      kind: ERASURE_KIND,
      legs: [],
      payload: JSON.stringify({ erasure, redacted: redactionsTold(redactions) }),
      effects: redactions.flatMap((redaction) => [
        { effect: transactionRedacted, row: redactionRow(seal, transaction, redaction) },
        { effect: mirrorsRedacted, row: mirrorRow(redaction) },
      ]),
      answer: () => ({ status: 0, body: '{}' }),
    })
    if (!outcome?.accepted) throw new Error(`the ledger refused a redaction: ${outcome?.refusal.code}`)
    changed += redactions.length
  }
  await deleteAnswersOf(db, [...own])
  await blankAnswersThatSay(db, replacer.pattern)
  return changed
}

function redact(record: TransactionRecord, replacer: Replacer, own: boolean): Redaction | null {
  const principal = replacer.text(record.principal)
  const payload = redactPayload(record, replacer, own)
  if (principal === record.principal && payload === record.payload) return null
  const after = digestOf(linesOf({ ...record, principal, payload }))
  return { id: record.id, before: record.digest, after, principal, payload }
}

function redactPayload({ kind, payload }: TransactionRecord, replacer: Replacer, own: boolean): string {
  const told = JSON.parse(payload) as Record<string, unknown>
  const { description, details, metadata, ...rest } = told
  if (!own || !REMARKED.has(kind)) return replacer.anyText(payload)
  if (description === undefined && details === undefined && metadata === undefined) return replacer.anyText(payload)
  // Which invoice was paid is a part of the books.
  const invoice = (metadata as { invoice?: unknown } | undefined)?.invoice
  return JSON.stringify(replacer.json(invoice === undefined ? rest : { ...rest, metadata: { invoice } }))
}

/** What rows of other tables repeat of a transaction, and the audit holds against it. */
const mirrorsRedacted: Effect = {
  name: 'mirrors-redacted',
  text: `with given as (select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as g (id, principal, said, by)),
    held as (update card_hold r set principal = g.principal, note = case when r.note is null then null else g.said end
      from given g where r.transaction_id = g.id),
    redeemed as (update card_redemption r set principal = g.principal, note = case when r.note is null then null else g.said end
      from given g where r.id = g.id),
    refunded as (update card_refund r set principal = g.principal from given g where r.id = g.id),
    topped_up as (update card_top_up r set principal = g.principal from given g where r.id = g.id),
    funded as (update funding f set
        asked_by = coalesce((select by from given where id = f.id), asked_by),
        decided_by = coalesce((select by from given where id = f.decided_in), decided_by),
        reason = coalesce((select said from given where id = f.id), reason)
      where f.id in (select id from given) or f.decided_in in (select id from given))
    select 1`,
}

function mirrorRow({ id, principal, payload }: Redaction): EffectRow {
  const { description, by } = JSON.parse(payload) as { description?: unknown; by?: unknown }
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  return [id, principal, text(description), text(by)]
}
