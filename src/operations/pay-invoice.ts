import { findWalletById } from '../storage/wallets.ts'
import { type Ask, type MoneyDeps, type MoneyResult, submitPrepared } from './money.ts'
import { prepareMovement } from './send-payment.ts'
import { requireInvoiceOf } from './settle-invoice.ts'

/**
 * Pays an invoice whole, from the debtor's wallet to the issuer's.
 * @param input.partyId owner of the debtor's wallet
 * @throws MoneyRefusal `invoice-not-found`, also for an invoice to somebody else
 */
export async function payInvoice(
  deps: MoneyDeps,
  input: Ask & { reference: string; partyId: string },
): Promise<MoneyResult> {
  const { terms, wallet: source } = await requireInvoiceOf(deps.db, input.reference, 'debtor', input.partyId)
  const target = await findWalletById(deps.db, terms.issuer)
  if (!target) throw new Error(`the issuer of invoice ${terms.id} has no wallet`)
  const remarks = { metadata: { invoice: terms.id } }
  const prepared = await prepareMovement(deps, { kind: 'payments', source, target, amount: terms.amount, remarks })
  return submitPrepared(deps, input, prepared, { invoice: terms.id })
}
