import { COMMON_OPTIONS } from '../find-form.ts'
import { commandEntries } from '../table/commands.ts'
import { parseUsage } from '../usage.ts'

/** What can follow in one place of a command line. */
export type Place = {
  /** the command, and the words of its verb that were typed before: `brand`, `brand report`, `brand report sales` */
  path: string
  /** verbs, or further words of them, with what they do */
  verbs: readonly { word: string; summary: string }[]
  /** words that an argument without a name can be */
  words: readonly string[]
  options: readonly { name: string; value: 'none' | 'file' | 'text'; words: readonly string[] }[]
}

/** Names by which the program is called: the one that npm links, and the file in a checkout. */
export const PROGRAMS = ['billfold', 'billfold.mjs'] as const

export const commandWords = (): { word: string; summary: string }[] =>
  commandEntries.map(([word, { summary }]) => ({ word, summary }))

/** Every place of the table of commands, the longest paths first. */
export function places(): Place[] {
  const found: Place[] = []
  for (const [name, { form, verbs = {} }] of commandEntries) {
    const own = form ? argumentsOf(form.usage) : { words: [], options: [] }
    found.push({ path: name, verbs: nextWords(verbs, ''), ...own })
    const inner = new Set(
      Object.keys(verbs).flatMap((verb) => (verb.includes(' ') ? [verb.split(' ')[0] as string] : [])),
    )
    for (const word of inner) {
      found.push({ path: `${name} ${word}`, verbs: nextWords(verbs, `${word} `), words: [], options: [] })
    }
    for (const [verb, { usage }] of Object.entries(verbs)) {
      found.push({ path: `${name} ${verb}`, verbs: [], ...argumentsOf(usage) })
    }
  }
  return found.sort((a, b) => b.path.split(' ').length - a.path.split(' ').length)
}

function nextWords(verbs: Readonly<Record<string, { summary: string }>>, beginning: string): Place['verbs'] {
  const words = new Map<string, string>()
  for (const [verb, { summary }] of Object.entries(verbs)) {
    if (!verb.startsWith(beginning)) continue
    const [word = '', ...more] = verb.slice(beginning.length).split(' ')
    words.set(word, more.length > 0 ? 'several' : summary)
  }
  return [...words].map(([word, summary]) => ({ word, summary }))
}

function argumentsOf(usage: string): Pick<Place, 'words' | 'options'> {
  const { options, positionals } = parseUsage(usage)
  const listed = [...options].map(([name, { value, words }]) => ({
    name,
    value: value === null ? ('none' as const) : value === 'FILE' ? ('file' as const) : ('text' as const),
    words,
  }))
  const common = COMMON_OPTIONS.filter((name) => !options.has(name)).map((name) => ({
    name,
    value: 'none' as const,
    words: [],
  }))
  return { words: positionals.flatMap(({ words }) => words), options: [...listed, ...common] }
}
