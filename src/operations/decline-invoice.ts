import { uuidV7 } from '../domain/uuid.ts'
import { type Ask, type MoneyDeps, type MoneyResult, type Prepared, record, submitPrepared } from './money.ts'
import { type KnownInvoice, requireInvoiceOf, settleInvoice } from './settle-invoice.ts'

/** How an invoice ends without money: the debtor declines it, or the issuer cancels it. */
export type InvoiceEnd = 'declined' | 'cancelled'

/** The role that may end an invoice so. */
export const roleOfEnd = { declined: 'debtor', cancelled: 'issuer' } as const

export function prepareInvoiceEnd(
  deps: Pick<MoneyDeps, 'clock'>,
  terms: Pick<KnownInvoice, 'id' | 'status' | 'expiresAt'>,
  how: InvoiceEnd,
): Prepared {
  const transaction = uuidV7(deps.clock())
  const { settlement, doomed } = settleInvoice(deps, terms, transaction, how)
  return { ...record(transaction, `invoice-${how}`, { invoice: terms.id }, [settlement]), doomed }
}

/**
 * The debtor declines, or the issuer cancels, an invoice that is open and has not expired.
 * @param input.partyId owner of the debtor's or the issuer's wallet
 * @throws MoneyRefusal `invoice-not-found`, also for an invoice of others
 */
export async function endInvoice(
  deps: MoneyDeps,
  input: Ask & { reference: string; partyId: string; how: InvoiceEnd },
): Promise<MoneyResult> {
  const { terms } = await requireInvoiceOf(deps.db, input.reference, roleOfEnd[input.how], input.partyId)
  return submitPrepared(deps, input, prepareInvoiceEnd(deps, terms, input.how), { invoice: terms.id })
}

export const declineInvoice = (
  deps: MoneyDeps,
  input: Ask & { reference: string; partyId: string },
): Promise<MoneyResult> => endInvoice(deps, { ...input, how: 'declined' })
