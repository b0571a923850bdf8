import { uuidV7 } from '../domain/uuid.ts'
import { invoiceCreated } from '../storage/invoices.ts'
import type { Wallet } from '../storage/wallets.ts'
import { isLongOver, type MoneyDeps, type Prepared, type Remarks, record } from './money.ts'

/** An invoice: `issuer` asks `debtor` for an amount, in minor units; no money moves. Who may ask is the caller's to check. */
export function prepareInvoice(
  deps: Pick<MoneyDeps, 'clock'>,
  input: { issuer: Wallet; debtor: Wallet; amount: bigint; expiresAt: Date | null; remarks: Remarks },
): Prepared {
  const { issuer, debtor, amount, expiresAt, remarks } = input
  const { description, details, metadata } = remarks
  const expiry = expiresAt?.toISOString() ?? null
  const terms = { issuer: String(issuer.id), debtor: String(debtor.id), amount: String(amount), expiry }
  const now = deps.clock()
  const id = uuidV7(now)
  const prepared = record(id, 'invoices', { description, details, metadata, terms }, [
    { effect: invoiceCreated, row: [id, terms.issuer, terms.debtor, terms.amount, terms.expiry] },
  ])
  return isLongOver(expiresAt, now) ? { ...prepared, doomed: 'expiry-passed' } : prepared
}
