import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type TilloEndpoint, tilloEndpoints } from '#sdk/tillo/endpoints.ts'
import { type TilloErrorCode, tilloErrors } from '#sdk/tillo/error-codes.ts'
import { tilloReadings } from '#sdk/tillo/readings.ts'
import { BRANDS } from '../../../src/operations/sandbox-brands.ts'
import { TilloProblem } from '../../../src/protocols/tillo/errors.ts'
import { readings } from '../../../src/protocols/tillo/readings.ts'
import { startWorld } from './harness.ts'

const text = readFileSync(new URL('../../../docs/tillo.md', import.meta.url), 'utf8')
const lacksTools = ['curl', 'openssl'].some((tool) => spawnSync(tool, ['version']).error)
const rowsOf = (table: string) =>
  table
    .trim()
    .split('\n')
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()))

test('the calls of docs/tillo.md work as they stand, with curl and openssl alone', async (t) => {
  if (lacksTools) return t.skip('there is no curl or no openssl')
  const world = await startWorld(t)
  const blocks = [...text.matchAll(/```sh\n(.*?)```/gs)].map((match) => match[1] as string)
  assert.equal(blocks.length, 4)
  const folder = await mkdtemp(join(tmpdir(), 'tillo-docs-'))
  const { port } = new URL(world.url)
  // The server's name leads to it.
  await writeFile(join(folder, '.curlrc'), `connect-to = "billfold.example:80:127.0.0.1:${port}"\n`)
  const { stdout } = await promisify(execFile)('sh', ['-c', `set -eu\n${blocks.join('\n')}`], {
    env: { PATH: process.env.PATH, CURL_HOME: folder, BILLFOLD_HOME: world.home },
  })
  const answers = stdout.trim().split('\n')
  assert.equal(answers.length, [...blocks.join('\n').matchAll(/^tillo [A-Z]/gm)].length)
  const [issued, order, again, balance, reversed, simulated] = answers.map((line) => JSON.parse(line))
  assert.equal(answers[2], answers[0])
  assert.deepEqual([issued.data.cost_value.amount, again.code], [23.88, '000'])
  assert.deepEqual([order.data.status, order.data.code], ['SUCCESS', issued.data.code])
  assert.equal(balance.data.face_value.amount, 25)
  assert.equal(reversed.data.float_balance.amount, issued.data.float_balance.amount + 23.88)
  assert.equal(simulated.code, '725')
  await world.assertClean()
})

test('docs/tillo.md lists the endpoints that there are, and what each signs', () => {
  const rows = [...text.matchAll(/^\| `(GET|POST|DELETE) \/(\S+)` \| [^|]+ \| ([^|]+) \| ([^|]*) ?\|$/gm)]
  const listed = rows.map(([, method, path, simple = '', full = '']) => [
    `${method} ${path}`,
    [...simple.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    [...full.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    /\bnothing\b/.test(simple),
  ])
  const existing = Object.values(tilloEndpoints).map((endpoint: TilloEndpoint) => {
    const [simple = [], full = simple, other] = endpoint.forms
    const added = full.filter((field) => !simple.includes(field))
    return [`${endpoint.method} ${endpoint.path}`, [...simple], added, simple.length === 0 || other !== undefined]
  })
  const byName = (a: unknown[], b: unknown[]) => String(a[0]).localeCompare(String(b[0]))
  assert.deepEqual(listed.sort(byName), existing.sort(byName))
})

test('docs/tillo.md has every error with its status, and says which of them only the sandbox makes', () => {
  const table = /<!-- errors: tillo -->\n([\s\S]+?)\n<!-- \/errors -->/.exec(text)?.[1] ?? ''
  const rows = rowsOf(table).map(([, code = '', status = '', when = '']) => ({
    code: code.replaceAll('`', ''),
    status,
    when,
  }))
  assert.deepEqual(
    rows.map(({ code }) => code),
    Object.keys(tilloErrors).sort(),
  )
  const root = fileURLToPath(new URL('../../../src/protocols/tillo', import.meta.url))
  const files = globSync('*.ts', { cwd: root }).filter((file) => file !== 'simulate.ts')
  const sources = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n')
  const used = new Set([...sources.matchAll(/'(\d{3})'/g)].map(([, code]) => code as string))
  for (const { code, status, when } of rows) {
    const { http } = new TilloProblem(code as TilloErrorCode, '')
    assert.ok(status.split(', ').includes(String(http)), `${code}: ${http}`)
    const others = status.split(', ').filter((one) => one !== String(http))
    for (const one of others) assert.match(sources, new RegExp(`http: ${one}\\b`), `${code}: ${one}`)
    assert.equal(when === 'only by a value of `mock-brand`', !used.has(code), code)
  }
})

test('docs/tillo.md has the brands of the sandbox, with their currencies and values', () => {
  const section = /## The sandbox\n([\s\S]+?)\n## /.exec(text)?.[1] ?? ''
  const rows = rowsOf(section.slice(section.indexOf('| slug')).split('\n\n')[0] ?? '')
  const listed = rows.map(([, slug, currency, values, note = '']) => [
    slug,
    currency,
    values,
    note.includes('only by `order-card`'),
    note.includes('stock'),
  ])
  const whole = (minor: bigint) => String(minor / 100n)
  const existing = BRANDS.filter(({ codes }) => codes?.tillo).map(
    ({ codes, currency, values, asynchronous, supply }) => [
      `\`${codes?.tillo}\``,
      currency,
      values.type === 'fixed' ? values.values.map(whole).join(', ') : `${whole(values.min)} to ${whole(values.max)}`,
      asynchronous ?? false,
      supply === 'stock' && !asynchronous,
    ],
  )
  assert.deepEqual(listed, existing)
})

test('docs/tillo.md has the values of the readings', () => {
  const values = [
    `${tilloReadings.toleranceMilliseconds / 1000} seconds`,
    `${tilloReadings.reversalWindow / 3_600_000} hours`,
    `${tilloReadings.authenticationFailure.http} |`,
    `${readings.requestsPerWindow} requests a minute`,
    `${readings.balanceChecksPerWindow} balances`,
    `up to ${readings.patience / 1000} seconds`,
    `last ${readings.transferRequests} requests`,
    `\`${readings.float}\``,
    `\`${readings.template}\``,
    `${readings.bodyLimit / 1000}`.replace('.', ','),
  ]
  for (const value of values) assert.ok(text.includes(value), value)
})
