import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A test that a document names, and the file that it says it stands in; no file where it says none. */
export type NamedTest = { readonly name: string; readonly file: string | null }

const TITLE = /\b(?:test|it)\(\s*(['"`])(.+?)\1/g

/** The titles of a file of tests, those of a table as they are written. */
export const titlesIn = (source: string): string[] => [...source.matchAll(TITLE)].map(([, , title]) => title as string)

/** The tests that a text names: `name` (`file`), the file below `test/`, for one test or several before it. */
export function testsNamedIn(text: string): NamedTest[] {
  const found: NamedTest[] = []
  let open: string[] = []
  for (const [, quoted = '', file] of text.matchAll(/`([^`]+)`(?:\s*\(`([^`]+\.test\.ts)`\))?/g)) {
    open.push(quoted)
    if (file === undefined) continue
    for (const name of open) found.push({ name, file })
    open = []
  }
  return [...found, ...open.map((name) => ({ name, file: null }))]
}

/**
 * Reads every test once.
 * @param root of the repository
 * @returns what is not where a document says
 */
export function createTestFinder(root: string): (named: readonly NamedTest[]) => NamedTest[] {
  const files = globSync('test/**/*.test.ts', { cwd: root })
  const titles = new Map(
    files.map((file) => [file.slice(5), new Set(titlesIn(readFileSync(join(root, file), 'utf8')))]),
  )
  return (named) => named.filter(({ name, file }) => file === null || !titles.get(file)?.has(name))
}

/** The rows of a document's table between two marks, a row an array of its cells. */
export function rowsBetween(text: string, mark: string): string[][] {
  const table = text.split(`<!-- ${mark} -->\n`)[1]?.split(`\n<!-- /${mark} -->`)[0] ?? ''
  return table
    .split('\n')
    .slice(2)
    .map((line) => line.replace(/^\| | \|$/g, '').split(' | '))
}
