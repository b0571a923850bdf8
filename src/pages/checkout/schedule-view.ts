import { hash } from 'node:crypto'
import { html } from 'hono/html'
import { formatDay, LOCALES } from '../../domain/format.ts'
import { type Day, startOf } from '../../domain/schedule.ts'
import type { Offer } from '../../operations/purchases/list-offers.ts'
import { formatMoney } from '../format.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import { checkoutWords as words } from './words.ts'

type Unit = { readonly code: string; readonly exponent: number }

/** A day of the calendar, as text. */
export const dayText = (day: Day, language: Language): string => formatDay(new Date(startOf(day)), language)

/** The same, shorter, for a list; programs can read it, too. */
export const dayMark = (day: Day, language: Language): Markup =>
  html`<time datetime="${day}">${short(language).format(startOf(day))}</time>`

const short = (language: Language) =>
  new Intl.DateTimeFormat(LOCALES[language], { dateStyle: 'medium', timeZone: 'UTC' })

/** What a plan is called; its parts tell the rest. */
export function planName({ plan, parts }: Offer, language: Language): string {
  switch (plan.terms.kind) {
    case 'now':
      return words(language, 'plan:now')
    case 'deferred':
      return words(language, 'plan:deferred', { day: dayText(parts[0]?.due as Day, language) })
    case 'instalments':
      // As many as there are: what would be too late is merged into the last one.
      return words(language, 'plan:instalments', { count: parts.length })
  }
}

/** Every payment of a plan with its day, fees included, and what it all comes to where that is not the same. */
export function scheduleView(id: string, { parts }: Offer, today: Day, asset: Unit, language: Language): Markup {
  const money = (minor: bigint) => formatMoney(minor, asset, language)
  const fees = parts.reduce((sum, { fee }) => sum + fee, 0n)
  const total = parts.reduce((sum, { amount, fee }) => sum + amount + fee, 0n)
  const lines = parts.map(
    ({ amount, fee, due }) =>
      html`<div><dt>${due === today ? words(language, 'today') : dayMark(due, language)}</dt><dd>${money(amount + fee)}</dd></div>`,
  )
  const ofFees = fees > 0n ? html`<small>${words(language, 'fee', { fee: money(fees) })}</small>` : ''
  const sum = html`<div class="sum"><dt>${words(language, 'total')}</dt><dd>${money(total)}${ofFees}</dd></div>`
  return html`<dl class="schedule" id="${id}">${lines}${parts.length > 1 || fees > 0n ? sum : ''}</dl>`
}

/** Name of the hidden field that says on which terms a plan stood on the page. */
export const termsField = (plan: string): string => `terms-${plan}`

/** What a person agrees to by a plan: how much and when. What is paid now is paid on whatever day it is. */
export function termsOf({ plan, parts }: Offer): string {
  const later = plan.terms.kind !== 'now'
  const terms = parts.map(({ amount, fee, due }) => `${amount} ${fee} ${later ? due : ''}`).join('\n')
  return hash('sha256', terms, 'hex').slice(0, 32)
}
