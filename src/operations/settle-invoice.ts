import type { Command } from '../ledger/command.ts'
import type { Sql } from '../storage/database.ts'
import { findInvoiceTerms, INVOICE_STATUS, type InvoiceTerms, invoiceSettled } from '../storage/invoices.ts'
import { findWalletById, type Wallet } from '../storage/wallets.ts'
import { isLongOver, type MoneyDeps } from './money.ts'
import { MoneyRefusal, type MoneyRefusalCode } from './money-refusal.ts'

type Written = NonNullable<Command['effects']>[number]

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export type KnownInvoice = InvoiceTerms & { readonly status: number }

/** @throws MoneyRefusal `invoice-not-found` */
export async function requireInvoice(sql: Sql, reference: unknown): Promise<KnownInvoice> {
  const terms =
    typeof reference === 'string' && UUID.test(reference) ? await findInvoiceTerms(sql, reference) : undefined
  if (!terms) throw new MoneyRefusal('invoice-not-found')
  return terms
}

/** Ends the invoice in the transaction that is named: the first to do so in time does, everyone else is refused. */
export function settleInvoice(
  { clock }: Pick<MoneyDeps, 'clock'>,
  { id, status, expiresAt }: Pick<KnownInvoice, 'id' | 'status' | 'expiresAt'>,
  transaction: string,
  how: 'paid' | 'declined' | 'cancelled',
): { settlement: Written; doomed: MoneyRefusalCode | undefined } {
  const settlement = { effect: invoiceSettled, row: [id, transaction, String(INVOICE_STATUS[how])] }
  if (status !== INVOICE_STATUS.open) return { settlement, doomed: 'invoice-settled' }
  return { settlement, doomed: isLongOver(expiresAt, clock()) ? 'invoice-expired' : undefined }
}

/** The effect by which a movement pays an invoice: between the two wallets that it names, and whole. @throws MoneyRefusal */
export async function prepareSettlement(
  deps: Pick<MoneyDeps, 'db' | 'clock'>,
  paying: { invoice: unknown; source: Wallet; target: Wallet; amount: bigint; transaction: string },
): Promise<ReturnType<typeof settleInvoice>> {
  const terms = await requireInvoice(deps.db, paying.invoice)
  if (terms.debtor !== paying.source.id) throw new MoneyRefusal('invoice-payer-differs')
  if (terms.issuer !== paying.target.id) throw new MoneyRefusal('invoice-payee-differs')
  if (terms.amount !== paying.amount) throw new MoneyRefusal('invoice-amount-differs')
  return settleInvoice(deps, terms, paying.transaction, 'paid')
}

/** The invoice, and its wallet in the given role if that belongs to the party. @throws MoneyRefusal `invoice-not-found` */
export async function requireInvoiceOf(
  sql: Sql,
  reference: string,
  role: 'debtor' | 'issuer',
  partyId: string,
): Promise<{ terms: KnownInvoice; wallet: Wallet }> {
  const terms = await requireInvoice(sql, reference)
  const wallet = await findWalletById(sql, terms[role])
  // Somebody else's invoice is none.
  if (wallet?.partyId !== partyId) throw new MoneyRefusal('invoice-not-found')
  return { terms, wallet }
}
