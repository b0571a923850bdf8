import type { Brand } from '../../../storage/brands.ts'
import { formatMoney } from '../../format.ts'
import type { Language } from '../../messages.ts'

const SHOWN = 8

/** What a brand sells, in a line. */
export function valuesText({ values, asset }: Pick<Brand, 'values' | 'asset'>, language: Language): string {
  const money = (minor: bigint) => formatMoney(minor, asset, language)
  if (values.type === 'range') return `${money(values.min)} – ${money(values.max)} / ${money(values.step)}`
  const more = values.values.length > SHOWN ? ', …' : ''
  return values.values.slice(0, SHOWN).map(money).join(', ') + more
}
