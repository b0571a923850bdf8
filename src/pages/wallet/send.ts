import { readBalance } from '../../ledger/reads.ts'
import { sendPayment } from '../../operations/send-payment.ts'
import type { Wallet } from '../../storage/wallets.ts'
import { formatMoney } from '../format.ts'
import { readForm } from '../forms.ts'
import type { Language } from '../messages.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { attempt, isOpen, makeKey, requireKey, statusOf } from './attempt.ts'
import { explainFailure } from './failure-words.ts'
import type { WalletPagesDeps } from './page.ts'
import { type Read, readDescription, readMoney, readOtherWallet, readOwnWallet } from './parties.ts'
import { type Draft, type Problems, sendForm, sendReview } from './send-view.ts'
import { sendWords as words } from './send-words.ts'
import { receiptPath } from './transaction.ts'
import { freeToSpend } from './wallet-choices.ts'

export type Payment = { source: Wallet; target: Wallet; amount: bigint; description: string }

/** `GET /wallet/send?from=&to=&amount=&description=`: the form, filled with what a link may say. */
export function showSend(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  return sendForm(deps, c, { draft: { ...readDraft((name) => c.req.query(name)), key: makeKey() } })
}

/**
 * `POST /wallet/send`: `step` is `review` (shows what would happen), `edit` (back to the form) or `confirm` (pays). The key comes
 * with the first form and stays through all steps, so however often the last one is sent it pays once.
 */
export async function send(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  const language = c.get('language')
  const { partyId } = sessionOf(c)
  const form = await readForm(c)
  const draft: Draft = { ...readDraft((name) => form.get(name)), key: requireKey(form) }
  const step = form.get('step')
  if (step === 'edit') return sendForm(deps, c, { draft })
  const read = await check(deps, partyId, draft, language)
  if ('problems' in read) return sendForm(deps, c, { draft, problems: read.problems, status: 422 })
  const { payment } = read
  if (step !== 'confirm') {
    const problems = await foresee(deps, payment, language)
    return problems
      ? sendForm(deps, c, { draft, problems, status: 422 })
      : sendReview(deps, c, { key: draft.key, payment })
  }
  const { description, ...rest } = payment
  const ask = { actor: `person:${partyId}`, key: draft.key }
  const result = await attempt(() => sendPayment(deps, { ...ask, ...rest, ...(description && { description }) }))
  if (result.accepted) return c.redirect(receiptPath(payment.source.explicitId, result.reference, 'sent'), 303)
  const { place, text } = explainFailure(result.code, language)
  if (isOpen(result.code))
    return sendReview(deps, c, { key: draft.key, payment, problem: text, status: statusOf(result.code) })
  // The refusal is the key's answer for ever; another try is another payment.
  const problems: Problems = new Map([[place ?? 'form', text]])
  return sendForm(deps, c, { draft: { ...draft, key: makeKey() }, problems, status: 422 })
}

function readDraft(text: (name: string) => string | undefined): Omit<Draft, 'key'> {
  const field = (name: string) => (text(name) ?? '').trim()
  return { from: field('from'), to: field('to'), amount: field('amount'), description: field('description') }
}

async function check(
  { directory }: Pick<WalletPagesDeps, 'directory'>,
  partyId: string,
  draft: Draft,
  language: Language,
): Promise<{ payment: Payment } | { problems: Problems }> {
  const problems: Problems = new Map()
  const take = <T>(name: 'from' | 'to' | 'amount' | 'description', read: Read<T>): T | undefined => {
    if ('ok' in read) return read.ok
    problems.set(name, read.problem)
    return undefined
  }
  const source = take('from', await readOwnWallet(directory, partyId, draft.from, language))
  const target = take('to', await readOtherWallet(directory, draft.to, source, language))
  const amount = take('amount', readMoney(draft.amount, source?.asset, language))
  const description = take('description', readDescription(draft.description, language))
  if (!source || !target || amount === undefined || description === undefined) return { problems }
  return { payment: { source, target, amount, description } }
}

/** What the books would say of the payer's side. Of the receiver's nothing is told before a payment is really tried. */
async function foresee(
  { db }: Pick<WalletPagesDeps, 'db'>,
  { source, amount }: Payment,
  language: Language,
): Promise<Problems | null> {
  const now = await readBalance(db, source.id)
  if (!now) return null
  if (now.status === 'frozen') return new Map([['from', words(language, 'frozen')]])
  const free = freeToSpend(now)
  if (free === null || free >= amount) return null
  const shown = formatMoney(free < 0n ? 0n : free, source.asset, language)
  return new Map([['amount', words(language, 'funds', { free: shown })]])
}
