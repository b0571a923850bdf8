import type { Language } from '../messages.ts'
import { words } from './words.ts'

type Unit = { code: string; circle: string }

/** What a person calls the unit: `US Dollar`, `PTS of corner-cafe`. */
export function assetName({ code, circle }: Unit, language: Language): string {
  const name = currencyName(code, language)
  // The circle that is nobody's in particular goes without saying.
  return circle === 'public' ? name : `${name} ${words(language, 'circle', { circle })}`
}

function currencyName(code: string, language: Language): string {
  if (!/^[A-Z]{3}$/.test(code)) return code
  const name = new Intl.DisplayNames(language, { type: 'currency' }).of(code) ?? code
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1)
}
