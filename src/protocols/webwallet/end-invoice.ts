import { z } from 'zod'
import type { Principal } from '../../credentials/principal.ts'
import { type InvoiceEnd, prepareInvoiceEnd, roleOfEnd } from '../../operations/decline-invoice.ts'
import { MoneyRefusal } from '../../operations/money-refusal.ts'
import { requireInvoice } from '../../operations/settle-invoice.ts'
import { requireReach, requireScope, walletOfPath } from './authorize.ts'
import { unprocessable } from './errors.ts'
import { openEnvelope } from './open-envelope.ts'
import { checkPayload, recordShape } from './payload.ts'
import type { WalletAnswer, WalletDeps, WalletRequest } from './request.ts'
import { submit } from './submit.ts'

/** The payload, by the endpoint that it names. */
export const schemas = {
  declined: endSchema('invoices/decline'),
  cancelled: endSchema('invoices/cancel'),
}

function endSchema(endpoint: string) {
  return z.strictObject({ endpoint: z.literal(endpoint), invoice: z.string().max(128), ...recordShape })
}

const end =
  (how: InvoiceEnd, endpoint: string) =>
  async (deps: WalletDeps, request: WalletRequest, principal: Principal): Promise<WalletAnswer> => {
    requireScope(principal, 'invoices')
    const wallet = requireReach(principal, await walletOfPath(deps, request.wallet))
    const envelope = openEnvelope(principal, request)
    const payload = checkPayload(schemas[how], envelope, endpoint)
    if (payload.invoice !== request.item) {
      throw unprocessable('route-mismatch', 'payload.invoice is not the invoice of the route')
    }
    const terms = await requireInvoice(deps.db, payload.invoice)
    if (terms[roleOfEnd[how]] !== wallet.id) throw new MoneyRefusal('invoice-not-found')
    return submit(deps, request, principal, envelope, prepareInvoiceEnd(deps, terms, how))
  }

/** `POST /:walletID/invoices/:reference/decline`: the wallet of the route is the debtor's. */
export const declineInvoice = end('declined', 'invoices/decline')

/** `POST /:walletID/invoices/:reference/cancel`: the wallet of the route is the issuer's. */
export const cancelInvoice = end('cancelled', 'invoices/cancel')
