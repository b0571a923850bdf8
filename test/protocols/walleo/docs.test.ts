import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { walleoErrors } from '#sdk/walleo/error-codes.ts'
import { errors } from '../../../src/protocols/walleo/errors.ts'
import { readings } from '../../../src/protocols/walleo/readings.ts'
import { walleoRoutes } from '../../../src/protocols/walleo/routes.ts'
import { startWalleo } from './harness.ts'

const text = readFileSync(new URL('../../../docs/walleo.md', import.meta.url), 'utf8')
const lacksTools = ['curl', 'openssl'].some((tool) => spawnSync(tool, ['version']).error)

test('the calls of docs/walleo.md work as they stand, with curl and openssl alone', async (t) => {
  if (lacksTools) return t.skip('there is no curl or no openssl')
  const server = await startWalleo()
  t.after(() => server.stop())
  const blocks = [...text.matchAll(/```sh\n(.*?)```/gs)].map((match) => match[1] as string)
  assert.equal(blocks.length, 4)
  // The server's name leads to it; a request that is refused ends the script.
  const folder = await mkdtemp(join(tmpdir(), 'walleo-docs-'))
  const { port } = new URL(server.url)
  await writeFile(join(folder, '.curlrc'), `connect-to = "billfold.example:80:127.0.0.1:${port}"\nfail-with-body\n`)
  const { stdout } = await promisify(execFile)('sh', ['-c', `set -eu\n${blocks.join('\n')}`], {
    env: { PATH: process.env.PATH, CURL_HOME: folder, BILLFOLD_HOME: server.home },
  })
  const answers = stdout.trim().split('\n')
  assert.equal(answers.length, [...blocks.join('\n').matchAll(/^walleo [A-Z]/gm)].length)
  const [card, again, otherBody, read, pull, pulled, giftCard, inventory, balance, pounds] = answers.map((line) =>
    JSON.parse(line),
  )
  assert.equal(card.card.amount, 50)
  assert.deepEqual([answers[1], answers[2]], [answers[0], answers[0]])
  assert.deepEqual([again, otherBody, read.pull_request.card], [card, card, card.card])
  assert.equal(pull.pull_request.status, 'waiting')
  assert.deepEqual([pulled.pull_request.status, pulled.pull_request.card.amount], ['success', 15])
  assert.equal(giftCard.code, 'IKEAFR')
  assert.deepEqual(inventory.inventories.stocks[0], { facial_value: 15, owned_quantity: 0, shared_quantity: 99 })
  assert.deepEqual([balance.balance.currency, pounds.balance.currency], ['EUR', 'GBP'])
  await server.assertClean()
})

test('docs/walleo.md has the errors that there are, with their status and meaning', () => {
  const tables: [name: string, codes: string[]][] = [
    ['walleo', Object.keys(walleoErrors)],
    ['ours', Object.keys(errors).filter((code) => !(code in walleoErrors))],
  ]
  for (const [name, codes] of tables) {
    const table = new RegExp(`<!-- errors: ${name} -->\n([\\s\\S]+?)\n<!-- /errors -->`).exec(text)?.[1] ?? ''
    const rows = codes.map((code) => {
      const { http, status, meaning } = errors[code as keyof typeof errors]
      return `| \`${code}\` | ${http} | \`${status}\` | ${meaning} |`
    })
    assert.deepEqual(table.split('\n').slice(2), rows)
  }
})

test('docs/walleo.md lists the routes that there are', () => {
  const listed = [...text.matchAll(/^\| `(GET|POST) (\/\S+)` \|/gm)].map(([, method, path]) => `${method} ${path}`)
  assert.deepEqual(listed.sort(), walleoRoutes.map(({ method, path }) => `${method} ${path}`).sort())
})

test('docs/walleo.md has the values of the readings', () => {
  const values = [
    `${readings.toleranceSeconds} seconds`,
    `${readings.bodyLimit / 1000}`.replace('.', ','),
    `Retry-After: ${readings.comeBackAfter}`,
    `up to ${readings.patience / 1000} seconds`,
    `\`${readings.failedPullStatus}\``,
    `GET ${readings.balancePath}`,
    `in ${readings.balanceCurrency} if there is one`,
  ]
  for (const value of values) assert.ok(text.includes(value), value)
})
