import type { Language } from './language.ts'
import { formatAmount } from './money.ts'

/** Regions whose customs we write by; both put the day first and count 24 hours. */
export const LOCALES: Record<Language, string> = { en: 'en-GB', fr: 'fr-FR' }

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

/** A day in UTC. */
export const formatDay = (at: Date, language: Language): string =>
  new Intl.DateTimeFormat(LOCALES[language], { dateStyle: 'long', timeZone: 'UTC' }).format(at)
