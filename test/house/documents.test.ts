import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { commandReference } from '../../src/cli/reference.ts'
import { commandEntries } from '../../src/cli/table/commands.ts'
import { refusalCodes } from '../../src/domain/refusal.ts'
import { moneyRefusalCodes } from '../../src/operations/money-refusal.ts'
import { FIRST_CALLS } from '../../src/pages/first-calls.ts'
import { refusals } from '../../src/protocols/webwallet/errors.ts'
import { holderRoutes, walletRoutes } from '../../src/protocols/webwallet/routes.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const documents = globSync('{*.md,docs/**/*.md,sdk/*.md}', { cwd: root }).sort()
const readme = read('README.md')
const webwallet = read('docs/webwallet.md')
const manifest = JSON.parse(read('package.json'))

test('the project has its documents', () => {
  const wanted = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'docs/ledger.md']
  for (const file of wanted) assert.ok(documents.includes(file), file)
  assert.match(read('LICENSE'), /Apache License\s+Version 2\.0, January 2004/)
})

test('the first commands of the README are the two that run everything, and exist', () => {
  assert.equal(/```sh\n([\s\S]+?)```/.exec(readme)?.[1], 'npm start\nnpm test\n')
  for (const [, script] of readme.matchAll(/\bnpm run ([a-z]+)/g)) assert.ok(manifest.scripts[script as string], script)
  assert.ok(statSync(join(root, 'bin/billfold.mjs')).mode & 0o100, 'bin/billfold.mjs is executable')
})

test('the README has the first calls as the landing page shows them', () => {
  for (const { title, text, code } of FIRST_CALLS) {
    assert.ok(readme.includes(title) && readme.includes(text), title)
    assert.ok(readme.includes(`\`\`\`sh\n${code}\n\`\`\``), title)
  }
})

test('the README knows every variable that the configuration reads, and no other', () => {
  const sources = ['src/config.ts', 'src/engine/home.ts'].map(read).join()
  const named = [...sources.matchAll(/\b(?:env|environment)\.([A-Z][A-Z_]+)/g)].map(([, name]) => name)
  const listed = [...readme.matchAll(/^\| `([A-Z][A-Z_]+)` \|/gm)].map(([, name]) => name)
  assert.deepEqual([...new Set(listed)].sort(), [...new Set(named)].sort())
})

test('the README has the table of commands, in the words and the order of the help page', () => {
  const listed = [...readme.matchAll(/^\| `([a-z]+)` \| ([^|]+) \|$/gm)].map(([, name, summary]) => [name, summary])
  assert.deepEqual(
    listed,
    commandEntries.map(([name, { summary }]) => [name, summary]),
  )
})

test('docs/cli.md has every command as the program has it', () => {
  assert.ok(
    read('docs/cli.md').endsWith(`\n${commandReference()}\n`),
    'node bin/run.mjs test/support/write-documents.ts',
  )
})

test('ARCHITECTURE.md has a reason for every dependency', () => {
  const text = read('ARCHITECTURE.md').split('## Dependencies')[1]?.split('\n## ')[0] ?? ''
  const patterns = [...text.matchAll(/`([@a-z0-9/*-]+)`/g)].map(([, name]) => name as string)
  const covered = (name: string) =>
    patterns.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern))
  const { dependencies, optionalDependencies, devDependencies } = manifest
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies })) {
    assert.ok(covered(name), name)
  }
})

test('docs/README.md leads to every page, and the glossary has every word of ARCHITECTURE.md', () => {
  const index = read('docs/README.md')
  for (const page of documents.filter((file) => file.startsWith('docs/') && file !== 'docs/README.md'))
    assert.ok(index.includes(`](${page.slice('docs/'.length)})`), page)
  const words = (text: string) => [...text.matchAll(/^\| ([a-z ,]+) \|/gm)].map(([, word = '']) => word)
  const architecture = words(read('ARCHITECTURE.md').split('\n## ')[1] ?? '').filter((word) => word !== 'word')
  assert.ok(architecture.length > 8)
  for (const word of architecture) assert.ok(words(read('docs/glossary.md')).includes(word), word)
})

test('relative links lead to files and headings that are there', () => {
  for (const document of documents) {
    for (const [, link = ''] of read(document).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue
      const [path = '', heading] = link.split('#')
      const file = path === '' ? document : join(dirname(document), path)
      assert.ok(existsSync(join(root, file)), `${document}: ${link}`)
      if (heading) assert.ok(headingsOf(read(file)).includes(heading), `${document}: ${link}`)
    }
  }
})

test('the documents name files of the repository that exist', () => {
  for (const document of ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'README.md']) {
    const paths = read(document).matchAll(/`((?:src|test|docs|bin|sdk|\.ci)\/[A-Za-z0-9/._-]+)`/g)
    for (const [, path = ''] of paths) assert.ok(existsSync(join(root, path)), `${document}: ${path}`)
  }
})

test("the table of the ledger's refusals is the one that the program uses, in its order of precedence", () => {
  const table = /<!-- errors: ledger -->\n([\s\S]+?)\n<!-- \/errors -->/.exec(webwallet)?.[1] ?? ''
  const rows = refusalCodes.map((code) => refusals[code])
  const expected = rows.map(({ status, code, message }) => `| \`${code}\` | ${status} | ${message} |`)
  assert.deepEqual(table.split('\n').slice(2), expected)
})

test('the table of what operations refuse is the one that the program uses', () => {
  const table = /<!-- errors: operations -->\n([\s\S]+?)\n<!-- \/errors -->/.exec(webwallet)?.[1] ?? ''
  const rows = moneyRefusalCodes.map((code) => refusals[code])
  const expected = rows.map(({ status, code, message }) => `| \`${code}\` | ${status} | ${message} |`)
  assert.deepEqual(table.split('\n').slice(2), expected)
})

test('every other code that the wallet routes can answer with is documented with its status', () => {
  const folder = 'src/protocols/webwallet'
  const sources = globSync(`${folder}/*.ts`, { cwd: root }).map(read).join('\n')
  const statuses: Record<string, string> = { malformed: '400', forbidden: '403', notFound: '404', unprocessable: '422' }
  const thrown = [
    ...[...sources.matchAll(/\b(malformed|forbidden|notFound|unprocessable)\(\s*'([a-z-]+)'/g)].map(
      ([, kind, code]) => [statuses[kind as string], code] as const,
    ),
    ...[...sources.matchAll(/WalletApiError\(\s*(\d{3}),\s*'([a-z-]+)'/g)].map(
      ([, status, code]) => [status, code] as const,
    ),
    ...codesOf('sdk/src/protocol/errors.ts', /\| '((?:json|envelope)-[a-z-]+)'/g),
    ...codesOf('src/domain/money.ts', /\| '(amount-[a-z-]+)'/g),
    ...codesOf('src/domain/details.ts', /\| '(details-[a-z-]+)'/g),
  ]
  assert.ok(thrown.length > 30)
  const lines =
    webwallet
      .split('## Errors')[1]
      ?.split('\n')
      .filter((line) => line.startsWith('| `')) ?? []
  for (const [status, code] of thrown) {
    const documented = lines.some((line) => line.includes(`\`${code}\``) && (!status || line.includes(`| ${status} |`)))
    assert.ok(documented, `${code} ${status ?? ''}`)
  }
})

test('docs/webwallet.md lists the routes that there are', () => {
  const listed = [...webwallet.matchAll(/^\| `(GET|POST) \/:walletID(?:\/([a-z/:]+))?` \|/gm)].map(
    ([, method, endpoint = '']) => `${method} ${endpoint}`,
  )
  const existing = Object.entries(walletRoutes).flatMap(([endpoint, route]) =>
    Object.keys(route).map((method) => `${method} ${endpoint}`),
  )
  assert.deepEqual(listed.sort(), existing.sort())
  const below = [...webwallet.matchAll(/`POST \/:walletNamespace\/:walletNumber\/([a-z]+)` \|/g)].map(
    ([, name]) => name,
  )
  assert.deepEqual(below.sort(), Object.keys(holderRoutes).sort())
})

function codesOf(file: string, pattern: RegExp): (readonly [undefined, string])[] {
  return [...read(file).matchAll(pattern)].map(([, code]) => [undefined, code as string] as const)
}

/** Headings as a page of rendered Markdown addresses them. */
function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  )
}
