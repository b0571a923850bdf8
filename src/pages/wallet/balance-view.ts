import { html } from 'hono/html'
import type { WalletListing } from '../../storage/directory-listings.ts'
import { definitionList } from '../components.ts'
import { formatMoney } from '../format.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import { words } from './words.ts'

type Figures = Pick<WalletListing, 'balance' | 'held' | 'lower' | 'upper' | 'currency' | 'exponent' | 'status'>

/** The unit of a listed wallet, as amounts are formatted with. */
export const unitOf = ({ currency, exponent }: Pick<WalletListing, 'currency' | 'exponent'>) => ({
  code: currency,
  exponent,
})

/** The facts beside a balance that are not already the balance: what is held, what may be spent, how far up and down. */
export function balanceFacts(wallet: Figures, language: Language): Markup {
  const { balance, held, lower, upper } = wallet
  const money = (minor: bigint) => formatMoney(minor, unitOf(wallet), language)
  const free = lower === null ? null : balance - held - lower
  const facts: [string, string][] = []
  if (free === null) facts.push([words(language, 'available'), words(language, 'unlimited')])
  else if (free !== balance) facts.push([words(language, 'available'), money(free)])
  if (held > 0n) facts.push([words(language, 'held'), money(held)])
  if (lower !== null && lower < 0n) facts.push([words(language, 'credit'), money(-lower)])
  if (upper !== null) facts.push([words(language, 'ceiling'), money(upper)])
  if (facts.length === 0) return html``
  return definitionList(facts)
}

/** Frozen or closed, as a mark; nothing for a wallet that works. */
export function statusMark(status: number, language: Language): Markup {
  if (status === 0) return html``
  return html`<p class="status ${status === 1 ? 'bad' : 'over'}">${words(language, status === 1 ? 'frozen' : 'closed')}</p>`
}
