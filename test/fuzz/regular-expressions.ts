import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A regular expression as it stands in a file. */
export type Found = { file: string; source: string; flags: string }

// After what a value may follow, and not a division or a comment.
const LITERAL =
  /(?<=(?:^|[=(,:!&|?{};[]|=>|return)\s*)\/(?![*/])((?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)/gm

/** All that a program's sources hold, each once. */
export function findRegularExpressions(root: string): Found[] {
  const found = new Map<string, Found>()
  for (const file of globSync('{src,sdk/src}/**/*.{ts,js}', { cwd: root }).sort()) {
    for (const [, source = '', flags = ''] of readFileSync(join(root, file), 'utf8').matchAll(LITERAL)) {
      if (!/[*+]|\{\d+,/.test(source)) continue
      try {
        new RegExp(source, flags)
        if (!found.has(source)) found.set(source, { file, source, flags })
      } catch {
        // A path in a comment.
      }
    }
  }
  return [...found.values()]
}

const PIECES = [
  ' ',
  '\t',
  '\n',
  '"',
  '\\"',
  '"a',
  '=',
  '0',
  '1',
  '1.',
  '1,',
  'a',
  'A',
  'a.',
  'a-',
  'é',
  '.',
  ',',
  '-',
  '_',
  ';',
  ':',
  '/',
  '[',
  '[[',
  '{',
  '<',
  '@',
  '%',
  '+',
  'a=',
  ' a',
  '; ',
  "'",
  '0a',
  '\u0001',
]

/** A text that makes a bad expression slow: a piece very often, after what the expression begins with, and before what it cannot take. */
export type Attack = (length: number) => string

function attacksOn(source: string): Attack[] {
  const words = source.match(/[A-Za-z]{3,}|-{3,}[A-Z ]+/g) ?? []
  const head = /^\^?((?:[\w"';:,<=& -]|\\[/.$?])+)/.exec(source)?.[1]?.replaceAll('\\', '') ?? ''
  const pieces = new Set([...PIECES, ...words, ...(head ? [head, `${head}a`] : [])])
  const beginnings = head === '' ? [''] : ['', head]
  return [...pieces].flatMap((piece) =>
    beginnings.map(
      (before): Attack =>
        (length) =>
          `${before}${piece.repeat(Math.ceil(length / piece.length))}!\0`,
    ),
  )
}

/** ms of the quickest of some tries: only a slow one is tried again. */
function timeOf(pattern: RegExp, text: string): number {
  let least = Number.POSITIVE_INFINITY
  for (let tries = 0; tries < 4 && least > 0.1; tries++) {
    const from = performance.now()
    text.replace(pattern, '')
    least = Math.min(least, performance.now() - from)
  }
  return least
}

/**
 * The attack that takes more than linear time; null where there is none. Of linear ones eight times the text takes about eight times as
 * long, of the next worse sixty-four times.
 */
export function findSlow({ source, flags }: Found): Attack | null {
  const pattern = new RegExp(source, flags)
  for (const attack of attacksOn(source)) {
    // Half a million steps are far more than this on any machine, and a thousand far less.
    const short = timeOf(pattern, attack(1000))
    if (short < 0.05) continue
    const long = timeOf(pattern, attack(8000))
    if (long <= 3 || long / Math.min(short, timeOf(pattern, attack(1000))) <= 24) continue
    // What is slow stays slow; a machine that had other work has not each time.
    const again = () => timeOf(pattern, attack(8000)) / timeOf(pattern, attack(1000)) > 24
    if ([again, again, again, again].every((look) => look())) return attack
  }
  return null
}
