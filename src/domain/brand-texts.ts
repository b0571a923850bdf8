import type { Language } from './language.ts'

/** What a brand says, under the names of either protocol; of a text in several languages the reader's. Empty where it says nothing. */
export function brandTexts(
  texts: Readonly<Record<string, unknown>>,
  language: Language,
): { readonly use: string; readonly terms: string } {
  const text = (...names: string[]) =>
    names
      .map((name) => textOf(texts[name], language))
      .filter((one) => one !== '')
      .join('\n')
  return {
    use: text('how_to_use') || text('how_to_use_offline', 'how_to_use_online'),
    terms: text('terms') || text('term_of_use', 'terms_of_use'),
  }
}

function textOf(value: unknown, language: Language): string {
  if (typeof value === 'string') return value.trim()
  if (typeof value !== 'object' || value === null) return ''
  const own = (value as Record<string, unknown>)[language] ?? (value as Record<string, unknown>).en
  return typeof own === 'string' ? own.trim() : ''
}
