import { html } from 'hono/html'
import { formatAmount } from '../domain/money.ts'
import type { Markup } from './layout.ts'
import type { Language } from './messages.ts'

/** Regions whose customs we write by; both put the day first and count 24 hours. */
const LOCALES: Record<Language, string> = { en: 'en-GB', fr: 'fr-FR' }

/**
 * An amount for people, exact: the decimal text is formatted, never a float. The currency's code stands beside it, since a sign
 * such as `$` is many currencies.
 */
export function formatMoney(minor: bigint, asset: { code: string; exponent: number }, language: Language): string {
  const number = new Intl.NumberFormat(LOCALES[language], {
    minimumFractionDigits: asset.exponent,
    maximumFractionDigits: asset.exponent,
  }).format(formatAmount(minor, asset.exponent) as Intl.StringNumericLiteral)
  return language === 'fr' ? `${number}\u00a0${asset.code}` : `${asset.code}\u00a0${number}`
}

/** A moment in UTC to the minute, as text. */
export function timeText(date: Date, language: Language): string {
  return new Intl.DateTimeFormat(LOCALES[language], {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  }).format(date)
}

/** A moment in UTC to the minute, which programs can read too. */
export function formatTime(date: Date, language: Language): Markup {
  return html`<time datetime="${date.toISOString()}">${timeText(date, language)} UTC</time>`
}
