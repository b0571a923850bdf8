import { html } from 'hono/html'
import { formatAmount } from '../../domain/money.ts'
import { readBalance } from '../../ledger/reads.ts'
import { findHolders } from '../../storage/holders.ts'
import { button, buttonRow, definitionList, emptyState, field, notice, pageHeading, select } from '../components.ts'
import { formatMoney } from '../format.ts'
import { csrfField } from '../forms.ts'
import type { Markup } from '../layout.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { sendPage, type WalletPagesDeps } from './page.ts'
import type { Payment } from './send.ts'
import { sendWords as words } from './send-words.ts'
import { freeToSpend, listChoices, walletChoice } from './wallet-choices.ts'
import { words as common } from './words.ts'

/** A payment as a person wrote it. */
export type Draft = { from: string; to: string; amount: string; description: string; key: string }

/** What is wrong, by field; `form` is about none of them. */
export type Problems = Map<'from' | 'to' | 'amount' | 'description' | 'form', string>

export async function sendForm(
  deps: WalletPagesDeps,
  c: PageContext,
  { draft, problems = new Map(), status = 200 }: { draft: Draft; problems?: Problems; status?: 200 | 422 },
): Promise<Response> {
  const language = c.get('language')
  const title = words(language, 'title')
  const wallets = await listChoices(deps.db, sessionOf(c).partyId)
  if (wallets.length === 0) {
    const body = html`${pageHeading(title)}${emptyState(words(language, 'noWallet'))}`
    return sendPage(deps, c, { title, place: 'send', body })
  }
  const choices = wallets.map((wallet) => walletChoice(wallet, language))
  const first = (['from', 'to', 'amount', 'description'] as const).find((name) => problems.has(name))
  const about = (name: 'to' | 'amount' | 'description') => ({
    name,
    label: words(language, name),
    hint: words(language, `${name}Hint`),
    value: draft[name],
    error: problems.get(name),
    autofocus: first === name,
    autocomplete: 'off',
  })
  const body = html`${pageHeading(title, { sub: words(language, 'sub') })}
${problems.size > 0 ? notice('bad', problems.get('form') ?? words(language, 'problems')) : ''}
<form class="form" method="post" action="/wallet/send">${csrfField(c)}<input type="hidden" name="key" value="${draft.key}">
${select({ name: 'from', label: words(language, 'from'), value: draft.from, error: problems.get('from'), choices })}
${field({ ...about('to'), spellcheck: false, maxlength: 128 })}
${field({ ...about('amount'), inputmode: 'decimal', maxlength: 30 })}
${field({ ...about('description'), required: false, maxlength: 200 })}
${buttonRow(button({ label: words(language, 'review'), name: 'step', value: 'review' }))}
</form>`
  return sendPage(deps, c, { title, place: 'send', body, status })
}

type Review = { key: string; payment: Payment; problem?: string; status?: 200 | 422 | 503 }

/** Who gives what to whom, once more, and the button that does it. */
export async function sendReview(
  deps: WalletPagesDeps,
  c: PageContext,
  { key, payment, problem, status = 200 }: Review,
): Promise<Response> {
  const language = c.get('language')
  const { source, target, amount, description } = payment
  const [holders, now] = await Promise.all([findHolders(deps.db, [target.explicitId]), readBalance(deps.db, source.id)])
  const holder = holders.get(target.explicitId)
  const name = target.partyId === source.partyId ? words(language, 'mine') : (holder?.name ?? '')
  const money = (minor: bigint) => formatMoney(minor, source.asset, language)
  const free = now ? freeToSpend(now) : null
  const facts: [string, Markup | string][] = [
    [common(language, 'from'), html`${common(language, 'yourWallet')} <code>${source.explicitId}</code>`],
    [common(language, 'to'), html`<strong>${name}</strong> <code>${target.explicitId}</code>`],
  ]
  if (description) facts.push([common(language, 'description'), description])
  if (free !== null) facts.push([words(language, 'remains'), money(free - amount)])
  // As it was understood, not as it was written: what is confirmed is what is shown, whatever the next page's language.
  const checked: Draft = {
    from: source.explicitId,
    to: target.explicitId,
    amount: formatAmount(amount, source.asset.exponent),
    description,
    key,
  }
  const title = words(language, 'reviewTitle')
  const body = html`${pageHeading(title, { sub: words(language, 'reviewSub') })}
${problem ? notice('bad', problem) : ''}
<form class="form" method="post" action="/wallet/send">${csrfField(c)}
${Object.entries(checked).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<div class="receipt"><p class="figure large">${money(amount)}</p>${definitionList(facts)}</div>
${buttonRow(
  button({ label: words(language, 'confirm', { amount: money(amount) }), name: 'step', value: 'confirm' }),
  button({ label: words(language, 'change'), kind: 'quiet', name: 'step', value: 'edit' }),
)}
</form>`
  return sendPage(deps, c, { title, place: 'send', body, status })
}
