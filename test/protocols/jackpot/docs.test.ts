import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { readings } from '../../../src/operations/jackpot/readings.ts'
import { BRANDS } from '../../../src/operations/sandbox-brands.ts'
import { errors } from '../../../src/protocols/jackpot/errors.ts'
import { jackpotRoutes, tokenRoutes } from '../../../src/protocols/jackpot/routes.ts'
import { startJackpot } from './harness.ts'

const text = readFileSync(new URL('../../../docs/jackpot.md', import.meta.url), 'utf8')
const lacksTools = ['curl', 'openssl'].some((tool) => spawnSync(tool, ['version']).error)

test('the calls of docs/jackpot.md work as they stand, with curl and openssl alone', async (t) => {
  if (lacksTools) return t.skip('there is no curl or no openssl')
  const server = await startJackpot()
  t.after(() => server.stop())
  const blocks = [...text.matchAll(/```sh\n(.*?)```/gs)].map((match) => match[1] as string)
  assert.equal(blocks.length, 3)
  const folder = await mkdtemp(join(tmpdir(), 'jackpot-docs-'))
  const { port } = new URL(server.url)
  // The server's name leads to it.
  await writeFile(join(folder, '.curlrc'), `connect-to = "billfold.example:80:127.0.0.1:${port}"\n`)
  const env = { PATH: process.env.PATH, CURL_HOME: folder, BILLFOLD_HOME: server.home }
  const { stdout } = await promisify(execFile)('sh', ['-c', `set -eu\n${blocks.join('\n')}`], { env })
  const [stores, proposals, refusal, reserved, confirmed, refunded] = stdout.trim().split('\n')
  assert.equal(JSON.parse(stores ?? '').length, 3)
  assert.deepEqual(
    JSON.parse(proposals ?? '').map(({ value, price }: { value: number; price: number }) => [value, price]),
    [
      [100, 92],
      [110, 100],
    ],
  )
  assert.equal(refusal, '{"error":"invalid_grant"')
  const states = [reserved, confirmed, refunded].map((line) => JSON.parse(line ?? '').state)
  assert.deepEqual(states, ['RESERVED', 'READY', 'REFUNDED'])
  await server.assertClean()
})

test('docs/jackpot.md has the errors that there are, with their status and meaning', () => {
  const table = /<!-- errors: jackpot -->\n([\s\S]+?)\n<!-- \/errors -->/.exec(text)?.[1] ?? ''
  const rows = Object.entries(errors).map(([code, { http, meaning }]) => `| \`${code}\` | ${http} | ${meaning} |`)
  assert.deepEqual(table.split('\n').slice(2), rows)
})

test('docs/jackpot.md lists the routes that there are, with their means', () => {
  const listed = [...text.matchAll(/^\| `(GET|POST|PUT) (\/\S+)` \| ([^|]+) \|/gm)].map(
    ([, method, path, means]) => `${method} ${path} ${means}`,
  )
  const existing = [
    ...tokenRoutes.map(({ method, path }) => `${method} ${path} API key`),
    ...jackpotRoutes.map(({ method, path, means }) => `${method} ${path} ${means.join(', ')}`),
  ]
  assert.deepEqual(listed.sort(), existing.sort())
})

test('docs/jackpot.md has the events and the values of the readings', () => {
  for (const event of Object.values(readings.couponEvents)) assert.ok(text.includes(`| \`${event}\` |`), event)
  const seconds = readings.pauses.map((ms) => ms / 1000)
  const values = [
    `${readings.oldestSeconds} seconds old and ${readings.futureSeconds} seconds ahead`,
    `${readings.reservation / 3_600_000} hours`,
    `proposes ${readings.proposals} values at most`,
    `after ${seconds.slice(0, -1).join(', ')} and ${seconds.at(-1)} seconds`,
    `"expires_in":${readings.session / 1000}`,
  ]
  for (const value of values) assert.ok(text.includes(value), value)
  const slugs = [...text.matchAll(/^\| `([a-z-]+)` \| (?:bonus|discount|none)/gm)].map(([, slug]) => slug)
  assert.deepEqual(
    slugs,
    BRANDS.flatMap(({ codes }) => codes?.jackpot ?? []),
  )
})
