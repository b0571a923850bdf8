import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

// The longest first, each in a process of its own, so that none is left when all else is done: their time goes in browsers,
// servers and commands that they start.
const LONGEST = [
  'test/examples/examples',
  'test/pages/wallet/browser',
  'test/pages/console/access-browser',
  'test/scenarios/start',
  'test/scenarios/kill',
  'test/pages/cards/browser',
  'test/scenarios/upstream',
  'test/simulation/simulator',
  'test/house/quickstarts',
  'test/pages/browser',
  'test/cli/gift-cards',
  'test/cli/commands',
  'test/pages/tools/signature',
  'test/pages/checkout/browser',
  'test/pages/account/passkeys',
  'test/ledger/audit-tampering',
  'test/scenarios/newcomer',
]

/**
 * Long walks that repeat in a browser, page by page, what every page's own tests and the matrix of routes hold, and the second of
 * two scenarios of one kind: run with `--all` or by name, because they take the usual run further beyond its ten minutes on two cores.
 */
const ON_DEMAND = [
  'test/pages/console/access-browser',
  'test/pages/console/business-browser',
  'test/pages/console/gift-cards/browser',
  'test/pages/embed/browser',
  'test/scenarios/upstream-tillo',
]

export const isOnDemand = (file: string): boolean => ON_DEMAND.some((part) => file.includes(part))

/** A file that hangs fails under its own name, long before its group is ended; ms. */
const FILE_TIMEOUT = 4 * 60_000

/** Few enough that the workers share them evenly, and enough that most files find the program read and warm. */
const TOGETHER = 10

/**
 * Which files run in one process, one after the other: reading the program and warming it up takes longer than most files do.
 * @param files relative to the repository
 */
export function groupFiles(files: string[]): string[][] {
  const place = (file: string) => LONGEST.findIndex((part) => file.includes(part))
  const longest = files.filter((file) => place(file) >= 0).sort((a, b) => place(a) - place(b))
  const rest = files.filter((file) => place(file) < 0)
  const count = Math.ceil(rest.length / TOGETHER)
  const groups = Array.from({ length: count }, (_, i) => rest.slice(i * TOGETHER, (i + 1) * TOGETHER))
  return [...longest.map((file) => [file]), ...groups]
}

/**
 * Writes the file that runs a group. A file's tests and hooks stay among themselves: they are registered in a suite of their
 * own, and the next file is not read before they are over.
 * @returns its path; of one file, that file
 */
export async function writeGroup(root: string, folder: string, files: string[], index: number): Promise<string> {
  if (files.length === 1) return resolve(root, files[0] as string)
  const path = join(folder, `group-${index}.mjs`)
  const lines = files.map(
    (file) =>
      `await test(${JSON.stringify(file)}, () => {\n` +
      `  describe('its tests', { timeout: ${FILE_TIMEOUT} }, () => import(${JSON.stringify(pathToFileURL(resolve(root, file)).href)}))\n})`,
  )
  await writeFile(path, `import { describe, test } from 'node:test'\n\n${lines.join('\n')}\n`)
  return path
}
