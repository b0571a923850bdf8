import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { ADMIN_SCOPES } from '../../../src/credentials/admin-scopes.ts'
import { PROBLEM_CODES } from '../../../src/protocols/admin/problem.ts'
import { createHarness } from './harness.ts'

const text = readFileSync(new URL('../../../docs/admin.md', import.meta.url), 'utf8')

test('the calls of docs/admin.md work as they stand', async (t) => {
  if (spawnSync('curl', ['--version']).error) return t.skip('there is no curl')
  const harness = await createHarness()
  t.after(() => harness.close())
  const blocks = [...text.matchAll(/```bash\n(.*?)```/gs)].map((match) => match[1])
  assert.equal(blocks.length, 9)
  // Each answer on a line of its own, and the first that is no success ends the script.
  const curl = `curl() { command curl --fail-with-body -w '\\n' "$@"; }\nset -euo pipefail\n`
  const { stdout } = await promisify(execFile)('bash', ['-c', curl + blocks.join('\n')], {
    cwd: mkdtempSync(join(tmpdir(), 'billfold-docs-')),
    env: { PATH: process.env.PATH, BILLFOLD_URL: await harness.listen(), OPERATOR_API_KEY: harness.operatorKey },
  })
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.equal(answers.length, [...blocks.join('\n').matchAll(/^curl /gm)].length)
  assert.equal(answers[0].name, 'Ana Núñez')
  assert.deepEqual([answers[2].lower, answers[2].upper, answers[3].status], [-250, 2500, 'frozen'])
  assert.deepEqual([answers[5].parent, answers[6].policy.per_period], ['us:5550100:USD', 100])
  assert.equal(answers[7].items[0].id, 'us:5550100:USD')
  assert.match(answers[11].signing_secret, /^bfh_/)
  assert.match(answers[12].disabled_at, /Z$/)
  const partner = answers.findIndex(({ slug }) => slug === 'docs-acme')
  assert.match(answers[partner + 1].secret, /^[0-9a-f]{64}$/)
  assert.equal(answers[partner + 4].amount, 2500)
  const upload = answers.find(({ added }) => added !== undefined)
  assert.deepEqual([upload.added, upload.refused], [1, { in_file: 1, in_stock: 0, malformed: 1 }])
  assert.deepEqual(answers[answers.indexOf(upload) + 2].items, [{ value: 25, remaining: 1, low: true }])
})

test('docs/admin.md names every scope and every code', () => {
  for (const scope of ADMIN_SCOPES) assert.ok(text.includes(`\`${scope}\``), scope)
  for (const code of PROBLEM_CODES) {
    if (code === 'invalid-request' || /^json-/.test(code)) continue
    assert.ok(text.includes(`\`${code}\``), code)
  }
})
