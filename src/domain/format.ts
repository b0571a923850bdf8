import type { Language } from './language.ts'
import { formatAmount } from './money.ts'

/** Regions whose customs we write by; both put the day first and count 24 hours. */
export const LOCALES: Record<Language, string> = { en: 'en-GB', fr: 'fr-FR' }

// Making a format takes a hundred times as long as using it, and a page has a thousand amounts.
const numberFormat = remembered(
  (locale: string, digits: number) =>
    new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
)
const dayFormat = remembered(
  (locale: string) => new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }),
)

/** What a pure function of a few values makes is made once for each. */
function remembered<Key extends (string | number)[], Made>(make: (...key: Key) => Made): (...key: Key) => Made {
  const made = new Map<string, Made>()
  return (...key) => {
    const name = key.join(' ')
    const before = made.get(name)
    if (before !== undefined) return before
    const one = make(...key)
    made.set(name, one)
    return one
  }
}

/**
 * An amount for people, exact: the decimal text is formatted, never a float. The currency's code stands beside it, since a sign
 * such as `$` is many currencies.
 */
export function formatMoney(minor: bigint, asset: { code: string; exponent: number }, language: Language): string {
  const number = numberFormat(LOCALES[language], asset.exponent).format(
    formatAmount(minor, asset.exponent) as Intl.StringNumericLiteral,
  )
  return language === 'fr' ? `${number}\u00a0${asset.code}` : `${asset.code}\u00a0${number}`
}

/** A day in UTC. */
export const formatDay = (at: Date, language: Language): string => dayFormat(LOCALES[language]).format(at)
