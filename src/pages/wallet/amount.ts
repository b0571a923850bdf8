import { AmountError, parseAmount } from '../../domain/money.ts'
import type { Language } from '../messages.ts'

export type AmountProblem = 'missing' | 'malformed' | 'zero' | 'large' | 'precise'

const PROBLEMS = {
  'amount-not-a-number': 'malformed',
  'amount-malformed': 'malformed',
  'amount-not-positive': 'zero',
  'amount-too-large': 'large',
  'amount-too-precise': 'precise',
} as const satisfies Record<AmountError['code'], AmountProblem>

/** How thousands may be parted: never by what could be a decimal point there. */
const GROUPED = { en: /^\d{1,3}(,\d{3})+(\.\d+)?$/, fr: /^\d{1,3}([\s\u00a0\u202f]\d{3})+([,.]\d+)?$/ } as const
const SEPARATORS = { en: /,/g, fr: /[\s\u00a0\u202f]/g } as const

/**
 * Minor units of an amount that a person wrote. A comma is the decimal point in French and parts thousands in English, where it
 * is taken only between groups of three digits: `12,50` is refused there rather than read as 1,250.
 */
export function readAmount(text: string, exponent: number, language: Language): bigint | AmountProblem {
  const bare = text.trim()
  if (bare === '') return 'missing'
  const whole = GROUPED[language].test(bare) ? bare.replaceAll(SEPARATORS[language], '') : bare
  const plain = language === 'fr' && /^\d+,\d+$/.test(whole) ? whole.replace(',', '.') : whole
  try {
    return parseAmount(plain, exponent)
  } catch (error) {
    if (error instanceof AmountError) return PROBLEMS[error.code]
    throw error
  }
}
