/** Puts pseudonyms in the place of what identifies a person. */
export type Replacer = {
  /** finds all of it, in PostgreSQL's regular expressions (`~*`) and in ours */
  readonly pattern: string
  text(text: string): string
  /** Strings, names of members and numbers of a JSON value. */
  json(value: unknown): unknown
  /** A text that may be JSON: then it is JSON afterwards, too. */
  anyText(text: string): string
}

/** One text that identifies, and what stands for it from now on. */
export type Identifier = {
  readonly text: string
  readonly kind: 'email' | 'wallet' | 'number' | 'name'
  readonly pseudonym: string
}

const quoted = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

// What may not stand before and behind, so that `ana@example.com` is not found in `susana@example.com`.
const EDGES: Record<Identifier['kind'], readonly [before: string, behind: string]> = {
  email: ['(?<![A-Za-z0-9._+-])', '(?![.]?[A-Za-z0-9-])'],
  wallet: ['(?<![A-Za-z0-9])', '(?![A-Za-z0-9])'],
  number: ['(?<![A-Za-z0-9])', '(?![A-Za-z0-9])'],
  name: ['(?<![A-Za-z0-9À-ɏ])', '(?![A-Za-z0-9À-ɏ])'],
}

/** Short words and names are parts of too many texts: a name is looked for elsewhere only with its surname. */
const isTelling = ({ kind, text }: Identifier): boolean =>
  kind === 'name'
    ? text.length >= 5 && /\s/.test(text)
    : kind === 'number'
      ? text.length >= 7 && text.replace(/\D/g, '').length >= 6
      : text !== ''

export function createReplacer(identifiers: readonly Identifier[]): Replacer {
  const pseudonyms = new Map<string, string>()
  const parts: [length: number, pattern: string][] = []
  for (const identifier of identifiers.filter(isTelling)) {
    const { text, kind, pseudonym } = identifier
    const [before, behind] = EDGES[kind]
    pseudonyms.set(text.toLowerCase(), pseudonym)
    parts.push([text.length, `${before}${quoted(text)}${behind}`])
    // As a part of an address.
    const encoded = encodeURIComponent(text)
    if (encoded === text) continue
    pseudonyms.set(encoded.toLowerCase(), encodeURIComponent(pseudonym))
    parts.push([encoded.length, `(?:(?<=%[0-9A-Fa-f][0-9A-Fa-f])|${before})${quoted(encoded)}${behind}`])
  }
  parts.sort(([a], [b]) => b - a)
  // Finds nothing where there is nothing to find.
  const pattern = parts.length === 0 ? '(?!)' : parts.map(([, part]) => part).join('|')
  const expression = new RegExp(pattern, 'gi')
  const text = (given: string) => given.replace(expression, (found) => pseudonyms.get(found.toLowerCase()) ?? found)

  function json(value: unknown): unknown {
    if (typeof value === 'string') return text(value)
    if (typeof value === 'number') {
      const replaced = text(String(value))
      return replaced === String(value) ? value : replaced
    }
    if (Array.isArray(value)) return value.map(json)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [text(name), json(member)]))
  }

  return {
    pattern: parts.length === 0 ? '$.^' : pattern,
    text,
    json,
    anyText(given) {
      const replaced = text(given)
      if (replaced === given || !/^\s*[[{]/.test(given)) return replaced
      try {
        return JSON.stringify(json(JSON.parse(given)))
      } catch {
        return replaced
      }
    },
  }
}
