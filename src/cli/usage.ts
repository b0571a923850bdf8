/** What a usage text says of one option. */
export type UsageOption = {
  /** what its value is called, `FILE` say; null for a switch */
  value: string | null
  /** the words that its value can be, where it is one of a few */
  words: readonly string[]
  repeatable: boolean
  /** stands outside of brackets */
  required: boolean
}

export type Usage = {
  options: ReadonlyMap<string, UsageOption>
  /** the arguments without a name, in their order: what they are called */
  positionals: readonly UsageArgument[]
}

export type UsageArgument = { name: string; words: readonly string[]; required: boolean }

/**
 * Reads what the help shows, such as `ID --party PARTY [--upper AMOUNT|none] [--scope SCOPE]…`. The word after an option is its
 * value unless a bracket or a bar stands between them.
 */
export function parseUsage(text: string): Usage {
  const options = new Map<string, UsageOption>()
  const positionals: UsageArgument[] = []
  const tokens = text.match(/--[a-z-]+|[[\]()…]| \| |[^\s[\]()…]+/g) ?? []
  let depth = 0
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as string
    if (/[[(]/.test(token)) depth++
    if (/[\])]/.test(token)) depth--
    if (/^([[\]()…]| \| )$/.test(token)) continue
    if (!token.startsWith('--')) {
      positionals.push({ name: token, words: wordsOf(token), required: depth === 0 })
      continue
    }
    const next = tokens[i + 1]
    const value = next !== undefined && !/^(--|[[\]()…]| \| )/.test(next) ? next : null
    if (value !== null) i++
    const repeatable = tokens[i + 1] === '…' || (tokens[i + 1] === ']' && tokens[i + 2] === '…')
    options.set(token.slice(2), { value, words: wordsOf(value ?? ''), repeatable, required: depth === 0 })
  }
  return { options, positionals }
}

/** `on|off` is two words; `AMOUNT|none` is one that anything can stand beside; `NAME` is none. */
const wordsOf = (value: string) =>
  value.includes('|') ? value.split('|').filter((word) => /^[a-z0-9-]+$/.test(word)) : []
