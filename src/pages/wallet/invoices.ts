import { html } from 'hono/html'
import { type InvoiceRole, type InvoiceView, listInvoices } from '../../operations/list-invoices.ts'
import { findHolders, type Holder } from '../../storage/holders.ts'
import { emptyState, pageHeading, section, table } from '../components.ts'
import { formatMoney, formatTime } from '../format.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { queryText } from './history-query.ts'
import { invoiceWords as words } from './invoice-words.ts'
import { sendPage, type WalletPagesDeps } from './page.ts'
import { stateMark } from './state-mark.ts'
import { isUuid } from './uuid.ts'

const PAGE = 25
const OPEN = 50

/**
 * `GET /wallet/invoices?role=sent&before=`: what waits first, then everything else, newest first. The second list goes through all
 * invoices and leaves the waiting ones out, so a page of it may be short; `before` is the last invoice it went by.
 */
export async function showInvoices(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  const { partyId } = sessionOf(c)
  const language = c.get('language')
  const role: InvoiceRole = c.req.query('role') === 'sent' ? 'issuer' : 'debtor'
  const asked = c.req.query('before') ?? ''
  const before = isUuid(asked) ? asked : undefined
  const [open, rows] = await Promise.all([
    before ? [] : listInvoices(deps.db, { partyId, role, status: 'open', limit: OPEN }),
    listInvoices(deps.db, { partyId, role, limit: PAGE + 1, ...(before && { before }) }),
  ])
  const page = rows.slice(0, PAGE)
  const next = rows.length > PAGE ? page.at(-1)?.reference : undefined
  const ended = page.filter(({ status }) => status !== 'open')
  const others = [...open, ...ended].map((invoice) => (role === 'debtor' ? invoice.issuer : invoice.debtor))
  const holders = await findHolders(deps.db, [...new Set(others)])
  const list = (caption: string, invoices: InvoiceView[]) => invoiceTable(caption, invoices, role, holders, language)
  const title = words(language, 'title')
  const waiting = words(language, role === 'debtor' ? 'toPay' : 'open')
  const earlier = words(language, 'earlier')
  const none = page.length === 0 && before === undefined
  const address = (entry?: string) =>
    `/wallet/invoices${queryText([
      ['role', role === 'issuer' ? 'sent' : undefined],
      ['before', entry],
    ])}`
  const body = html`${pageHeading(title)}${choices(role, language)}
${
  none
    ? emptyState(words(language, role === 'debtor' ? 'noneReceived' : 'noneSent'))
    : html`${
        before
          ? ''
          : section(
              'waiting',
              waiting,
              open.length > 0 ? list(waiting, open) : emptyState(words(language, 'nothingToPay')),
            )
      }
${ended.length > 0 ? section('earlier', earlier, list(earlier, ended)) : ''}
<p class="pager">${before ? html`<a href="${address()}">${words(language, 'newest')}</a>` : ''}
${next ? html`<a rel="next" href="${address(next)}">${words(language, 'more')}</a>` : ''}</p>`
}`
  return sendPage(deps, c, { title, place: 'invoices', body })
}

function choices(role: InvoiceRole, language: Language): Markup {
  const link = (mine: InvoiceRole, href: string, label: string) =>
    html`<li><a href="${href}"${role === mine ? html` aria-current="true"` : ''}>${label}</a></li>`
  return html`<nav class="choices" aria-label="${words(language, 'which')}"><ul>
${link('debtor', '/wallet/invoices', words(language, 'received'))}
${link('issuer', '/wallet/invoices?role=sent', words(language, 'sent'))}</ul></nav>`
}

function invoiceTable(
  caption: string,
  invoices: readonly InvoiceView[],
  role: InvoiceRole,
  holders: ReadonlyMap<string, Holder>,
  language: Language,
): Markup {
  const other = (invoice: InvoiceView) => (role === 'debtor' ? invoice.issuer : invoice.debtor)
  return table(
    caption,
    [
      {
        label: words(language, role === 'debtor' ? 'from' : 'to'),
        cell: (invoice) =>
          html`<a href="/wallet/invoices/${invoice.reference}">${holders.get(other(invoice))?.name ?? other(invoice)}</a>${
            invoice.description ? html`<span class="under">${invoice.description}</span>` : ''
          }`,
      },
      {
        label: words(language, 'amount'),
        numeric: true,
        cell: ({ amount, asset }) => formatMoney(amount, asset, language),
      },
      {
        label: words(language, 'state'),
        cell: ({ status }) => stateMark(status, words(language, `state:${status}`)),
      },
      {
        label: words(language, 'payBefore'),
        cell: ({ expiresAt }) => (expiresAt ? formatTime(expiresAt, language) : words(language, 'noLimit')),
      },
      { label: words(language, 'createdAt'), cell: ({ createdAt }) => formatTime(createdAt, language) },
    ],
    invoices,
  )
}
