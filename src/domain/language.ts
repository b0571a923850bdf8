/** What the pages and mails are written in. The first is for those who read neither. */
export const LANGUAGES = ['en', 'fr'] as const

export type Language = (typeof LANGUAGES)[number]

export const isLanguage = (value: unknown): value is Language => LANGUAGES.includes(value as Language)

/** The language of ours that a browser's `Accept-Language` likes best (RFC 9110 section 12.5.4). */
export function negotiateLanguage(header: string | undefined): Language {
  let best: { language: Language; quality: number } = { language: LANGUAGES[0], quality: 0 }
  for (const range of (header ?? '').slice(0, 500).split(',')) {
    const [tag = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const language = tag.split('-', 1)[0]
    const weight = parameters.find((parameter) => parameter.startsWith('q='))
    const quality = weight === undefined ? 1 : Number(weight.slice(2))
    if (isLanguage(language) && quality > best.quality) best = { language, quality }
  }
  return best.language
}

export type Messages<K extends string> = (
  language: Language,
  key: K,
  values?: Readonly<Record<string, string | number>>,
) => string

/**
 * A family's texts in every language; a key that one language lacks does not compile. `{name}` is replaced by the value of that
 * name. The result is plain text: whoever puts it into HTML escapes it.
 */
export function defineMessages<K extends string>(messages: Record<Language, Record<K, string>>): Messages<K> {
  return (language, key, values = {}) =>
    messages[language][key].replace(/\{(\w+)\}/g, (whole, name: string) =>
      Object.hasOwn(values, name) ? String(values[name]) : whole,
    )
}
