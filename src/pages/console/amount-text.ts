import type { Language } from '../messages.ts'

const GROUPED = { en: /^-?\d{1,3}(,\d{3})+(\.\d+)?$/, fr: /^-?\d{1,3}([\s\u00a0\u202f]\d{3})+([,.]\d+)?$/ } as const
const SEPARATORS = { en: /,/g, fr: /[\s\u00a0\u202f]/g } as const

/**
 * An amount as people write it, as operations read it: with a point, and without anything between thousands. A comma is the decimal point
 * in French only, and in English parts whole groups only; what is anything else stays, and is refused.
 */
export function amountText(text: string, language: Language): string {
  const bare = text.trim().replace(/^\u2212/, '-')
  const whole = GROUPED[language].test(bare) ? bare.replaceAll(SEPARATORS[language], '') : bare
  return language === 'fr' && /^-?\d+,\d+$/.test(whole) ? whole.replace(',', '.') : whole
}
