import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { ROUTES } from '../../src/protocols/oauth/routes.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const document = read('docs/oauth.md')

const table = /<!-- RFC 9700 -->\n([\s\S]+?)\n<!-- \/RFC 9700 -->/.exec(document)?.[1] ?? ''
const rows = table
  .split('\n')
  .slice(2)
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')))

test('each point of RFC 9700 is kept by tests that exist, or has a reason', () => {
  const sources = globSync('test/**/*.test.ts', { cwd: root }).map(read).join('\n')
  const titles = new Set([...sources.matchAll(/\b(?:test|it)\(\s*(['"`])(.+?)\1/g)].map(([, , title]) => title))
  for (const [section, point, kept = ''] of rows) {
    const [, kind, text = ''] = /^(Test|Reason): (.+)$/.exec(kept) ?? []
    assert.ok(kind, `${section} ${point}`)
    if (kind === 'Reason') continue
    const named = [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string)
    assert.ok(named.length > 0, `${section} ${point}`)
    for (const name of named) assert.ok(titles.has(name), `${section}: there is no test "${name}"`)
  }
})

test('no section of RFC 9700 that says what to do is left out', () => {
  const sections = rows.flatMap(([section = '']) => section.split(', '))
  const wanted = ['2.1', '2.1.1', '2.1.2', '2.2.1', '2.2.2', '2.3', '2.4', '2.5', '2.6']
  const attacks = Array.from({ length: 17 }, (_, index) => `4.${index + 1}`)
  for (const section of [...wanted, ...attacks]) {
    assert.ok(
      sections.some((one) => one === section || one.startsWith(`${section}.`)),
      section,
    )
  }
})

test('docs/oauth.md lists the addresses that there are', () => {
  const listed = [...document.matchAll(/^\| `(GET|POST) (\/[^`]+)` \|/gm)].map(
    ([, method, path]) => `${method} ${path}`,
  )
  const existing = [...ROUTES].map(([path, methods]) => `${methods[0]} ${path}`)
  const told = ['GET /oauth/authorize/:uid', 'GET /.well-known/openid-configuration']
  for (const address of told)
    assert.ok(document.includes(address.split(' ')[1]?.replace(':uid', '…') as string), address)
  assert.deepEqual([...listed, ...told].sort(), existing.sort())
})
