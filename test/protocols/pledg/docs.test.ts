import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { problemTypes } from '../../../src/protocols/pledg/errors.ts'
import { pledgRoutes } from '../../../src/protocols/pledg/routes.ts'
import { purchase } from '../../../src/protocols/pledg/schema.ts'
import { startSandboxServer } from '../../support/server.ts'

const text = await readFile(fileURLToPath(new URL('../../../docs/pledg.md', import.meta.url)), 'utf8')
const missing = ['curl', 'openssl'].find((tool) => spawnSync(tool, ['version']).error)
const tools = missing ? { skip: `there is no ${missing}` } : {}

test('the table of errors is the one that the program uses', () => {
  const table = /<!-- errors -->\n([\s\S]+?)\n<!-- \/errors -->/.exec(text)?.[1] ?? ''
  const expected = Object.entries(problemTypes).map(([type, status]) => `| \`${type}\` | ${status} |`)
  assert.deepEqual(table.split('\n').slice(2), expected)
})

test('the table of endpoints has every route', () => {
  const listed = [...text.matchAll(/^\| `(GET|POST) \/api(\/[^`?]+)(?:\?signature=)?` \|/gm)].map(
    ([, method, path = '']) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
  )
  const existing = pledgRoutes
    .filter(({ path }) => path !== '/purchase_link')
    .map(({ method, path }) => `${method} ${path}`)
  assert.deepEqual(listed.sort(), [...existing, 'POST /token'].sort())
})

test('every parameter of a purchase is documented', () => {
  for (const name of Object.keys(purchase.shape)) assert.ok(text.includes(`\`${name}\``), name)
})

test('the commands of the page do what it says', tools, async () => {
  const server = await startSandboxServer()
  try {
    const commands = /```sh\n(\. [\s\S]+?)```/.exec(text)?.[1] as string
    // Where the server listens is known after the file was written.
    const env = await readFile(join(server.home, 'sandbox.env'), 'utf8')
    const script = `${env}\nexport BILLFOLD_URL=${server.url}\n${commands.replace(/^\. .*$/m, '')}`
    const { stdout } = await promisify(execFile)('sh', ['-c', script])
    const answer = JSON.parse(stdout)
    assert.deepEqual([answer.state, answer.reference, answer.amount_cents], ['created', 'order-1001', 10_000])
  } finally {
    await server.stop()
  }
})
