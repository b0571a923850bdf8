import { member, pageOf, pathOf, queryOf, type Requests, segment } from './requests.ts'
import type { Invoice, InvoicePage } from './types.ts'
import type { WebWallet } from './web-wallet.ts'

type InvoiceMethods = Pick<
  WebWallet,
  'sendInvoice' | 'invoices' | 'invoice' | 'payInvoice' | 'declineInvoice' | 'cancelInvoice'
>

export function createInvoiceMethods({ read, write }: Requests, pay: WebWallet['pay']): InvoiceMethods {
  const end =
    (how: 'decline' | 'cancel'): WebWallet['declineInvoice'] =>
    async (id, reference, call) =>
      write(
        `${pathOf(id)}/invoices/${segment(reference)}/${how}`,
        { endpoint: `invoices/${how}`, invoice: reference },
        call,
      )

  return {
    async sendInvoice(params, call) {
      return write(`${pathOf(params.target)}/invoices`, { endpoint: 'invoices', ...params }, call)
    },
    async invoices(id, { after, ...query } = {}) {
      const path = `${pathOf(id)}/invoices${queryOf({ ...query, cursor: after })}`
      return pageOf(await read(path), 'invoices') as InvoicePage
    },
    async invoice(id, reference) {
      return member(await read(`${pathOf(id)}/invoices/${segment(reference)}`), 'invoice') as Invoice
    },
    async payInvoice({ reference, issuer, debtor, amount, currency }, call) {
      return pay({ payer: debtor, target: issuer, amount, currency, metadata: { invoice: reference } }, call)
    },
    declineInvoice: end('decline'),
    cancelInvoice: end('cancel'),
  }
}
