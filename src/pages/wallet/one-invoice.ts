import { html } from 'hono/html'
import { declineInvoice } from '../../operations/decline-invoice.ts'
import { findInvoiceOf, type InvoiceView } from '../../operations/list-invoices.ts'
import { payInvoice } from '../../operations/pay-invoice.ts'
import { findWalletListing } from '../../storage/directory-listings.ts'
import { findHolders } from '../../storage/holders.ts'
import { button, buttonRow, type Content, definitionList, linkButton, notice, pageHeading } from '../components.ts'
import { formatMoney, formatTime } from '../format.ts'
import { csrfField, readForm } from '../forms.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import { PageProblem } from '../problem.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { attempt, isOpen, makeKey, requireKey, statusOf } from './attempt.ts'
import { explainFailure } from './failure-words.ts'
import { invoiceWords as words } from './invoice-words.ts'
import { findWalletById } from './own-wallet.ts'
import { sendPage, type WalletPagesDeps } from './page.ts'
import { remarksFacts } from './remarks.ts'
import { stateMark } from './state-mark.ts'
import { receiptPath } from './transaction.ts'
import { freeToSpend } from './wallet-choices.ts'
import { words as common } from './words.ts'

/** An invoice as one of the two parties sees it. */
type Seen = { invoice: InvoiceView; isDebtor: boolean; path: string }

async function requireInvoice({ db, directory }: WalletPagesDeps, c: PageContext): Promise<Seen> {
  const { partyId } = sessionOf(c)
  const invoice = await findInvoiceOf(db, partyId, c.req.param('reference') ?? '')
  if (!invoice) throw new PageProblem('not-found')
  const debtor = await findWalletById(directory, invoice.debtor)
  return { invoice, isDebtor: debtor?.partyId === partyId, path: `/wallet/invoices/${invoice.reference}` }
}

/** Only who has to pay an invoice, and while it can be paid; for others there is no such page. */
async function requireOpenDebt(deps: WalletPagesDeps, c: PageContext): Promise<Seen> {
  const seen = await requireInvoice(deps, c)
  if (!seen.isDebtor) throw new PageProblem('not-found')
  return seen
}

/** `GET /wallet/invoices/:reference` */
export async function showInvoice(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  const language = c.get('language')
  const seen = await requireInvoice(deps, c)
  const { invoice, isDebtor, path } = seen
  const amount = formatMoney(invoice.amount, invoice.asset, language)
  const title = words(language, 'invoiceOf', { amount })
  const open = invoice.status === 'open'
  const actions: Markup[] = []
  if (open && isDebtor) {
    actions.push(linkButton(`${path}/pay`, words(language, 'pay', { amount }), 'primary'))
    actions.push(linkButton(`${path}/decline`, words(language, 'decline')))
  }
  if (invoice.paidBy) {
    const own = isDebtor ? invoice.debtor : invoice.issuer
    actions.push(linkButton(`/wallet/${own}/transactions/${invoice.paidBy}`, words(language, 'receipt')))
  }
  const body = html`${pageHeading(title, { sub: stateMark(invoice.status, words(language, `state:${invoice.status}`)) })}
${invoice.status === 'declined' && c.req.query('done') === 'declined' ? notice('good', words(language, 'declined')) : ''}
${open && !isDebtor ? notice('plain', words(language, 'waiting')) : ''}
<div class="receipt">${definitionList(await facts(deps, invoice, language))}</div>
${buttonRow(...actions, linkButton(`/wallet/invoices${isDebtor ? '' : '?role=sent'}`, words(language, 'all')))}`
  return sendPage(deps, c, { title, place: 'invoices', body })
}

async function facts(deps: WalletPagesDeps, invoice: InvoiceView, language: Language): Promise<[Content, Content][]> {
  const holders = await findHolders(deps.db, [invoice.issuer, invoice.debtor])
  const named = (id: string) => html`${holders.get(id)?.name ?? ''} <code>${id}</code>`
  const list: [Content, Content][] = [
    [words(language, 'from'), named(invoice.issuer)],
    [words(language, 'to'), named(invoice.debtor)],
    ...remarksFacts(invoice, invoice.asset, language),
    [words(language, 'createdAt'), formatTime(invoice.createdAt, language)],
  ]
  if (invoice.expiresAt) list.push([words(language, 'payBefore'), formatTime(invoice.expiresAt, language)])
  if (invoice.settledAt) list.push([words(language, 'settledAt'), formatTime(invoice.settledAt, language)])
  list.push([common(language, 'reference'), html`<code class="long">${invoice.reference}</code>`])
  return list
}

type Step = 'pay' | 'decline'

/** `GET /wallet/invoices/:reference/pay` and `…/decline`: what it means, and the button that does it. */
export const askToSettle =
  (step: Step) =>
  async (deps: WalletPagesDeps, c: PageContext): Promise<Response> => {
    const seen = await requireOpenDebt(deps, c)
    return seen.invoice.status === 'open' ? confirmPage(deps, c, seen, step, makeKey()) : c.redirect(seen.path, 303)
  }

/** `POST` to the same: once, however often the form is sent. */
export const settle =
  (step: Step) =>
  async (deps: WalletPagesDeps, c: PageContext): Promise<Response> => {
    const { partyId } = sessionOf(c)
    const form = await readForm(c)
    const key = requireKey(form)
    const seen = await requireOpenDebt(deps, c)
    const { reference, debtor } = seen.invoice
    const ask = { actor: `person:${partyId}`, key, reference, partyId }
    const result = await attempt(() => (step === 'pay' ? payInvoice(deps, ask) : declineInvoice(deps, ask)))
    if (result.accepted) {
      return c.redirect(
        step === 'pay' ? receiptPath(debtor, result.reference, 'paid') : `${seen.path}?done=declined`,
        303,
      )
    }
    const { text } = explainFailure(result.code, c.get('language'))
    const next = isOpen(result.code) ? key : makeKey()
    return confirmPage(deps, c, seen, step, next, { text, status: statusOf(result.code) })
  }

async function confirmPage(
  deps: WalletPagesDeps,
  c: PageContext,
  { invoice, path }: Seen,
  step: Step,
  key: string,
  problem?: { text: string; status: 422 | 503 },
): Promise<Response> {
  const language = c.get('language')
  const money = (minor: bigint) => formatMoney(minor, invoice.asset, language)
  const [holders, wallet] = await Promise.all([
    findHolders(deps.db, [invoice.issuer]),
    findWalletById(deps.directory, invoice.debtor),
  ])
  const listing = wallet && (await findWalletListing(deps.db, wallet.id))
  const free = listing ? freeToSpend(listing) : null
  const short = step === 'pay' && free !== null && free < invoice.amount
  const warning = problem?.text ?? (short ? explainFailure('unavailable-funds', language).text : null)
  const list: [Content, Content][] = [
    [
      common(language, 'to'),
      html`<strong>${holders.get(invoice.issuer)?.name ?? ''}</strong> <code>${invoice.issuer}</code>`,
    ],
  ]
  if (invoice.description) list.push([common(language, 'description'), invoice.description])
  if (step === 'pay') {
    list.push([words(language, 'fromWallet'), html`${common(language, 'yourWallet')} <code>${invoice.debtor}</code>`])
    if (free !== null && !short) list.push([words(language, 'remains'), money(free - invoice.amount)])
  }
  const title = words(language, `${step}Title`)
  const label =
    step === 'pay' ? words(language, 'pay', { amount: money(invoice.amount) }) : words(language, 'declineNow')
  const body = html`${pageHeading(title, { sub: words(language, `${step}Sub`) })}
${warning ? notice('bad', warning) : ''}
<form class="form" method="post" action="${path}/${step}">${csrfField(c)}<input type="hidden" name="key" value="${key}">
<div class="receipt"><p class="figure large">${money(invoice.amount)}</p>${definitionList(list)}</div>
${buttonRow(button({ label, kind: step === 'pay' ? 'primary' : 'danger' }), linkButton(path, common(language, 'cancel')))}
</form>`
  return sendPage(deps, c, { title, place: 'invoices', body, ...(problem && { status: problem.status }) })
}
