import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, symlinkSync } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createMetrics } from '../../src/metrics.ts'
import { administer, testServer } from '../support/database.ts'
import { databaseUrl, freePort } from '../support/server-process.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const text = readFileSync(join(root, 'docs/operating.md'), 'utf8')
const missing = ['curl', 'openssl'].find((tool) => spawnSync(tool, ['version']).error)

test('docs/operating.md from nothing to a backup that is restored: its commands run as they stand', {
  skip: missing ? `there is no ${missing}` : false,
}, async (t) => {
  const { connection } = testServer()
  const emptyDatabase = async () => {
    const database = `billfold_test_${randomBytes(8).toString('hex')}`
    await administer(connection, `create database ${database} template template0`)
    t.after(() => administer(connection, `drop database ${database} with (force)`))
    return databaseUrl({ ...connection, database })
  }
  const folder = await mkdtemp(join(tmpdir(), 'billfold-operating-'))
  symlinkSync(join(root, 'bin'), join(folder, 'bin'))
  const blocks = [...text.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block)
  const { stdout } = await promisify(execFile)(
    'sh',
    ['-c', `set -eu\ntrap 'kill "\${SERVER:-}" 2> /dev/null || :' EXIT\n${blocks.join('\n')}`],
    {
      cwd: folder,
      env: {
        PATH: `${join(process.execPath, '..')}:${process.env.PATH}`,
        DATABASE_URL: await emptyDatabase(),
        RESTORE_URL: await emptyDatabase(),
        PORT: String(await freePort()),
      },
      timeout: 120_000,
    },
  )
  const promised = [
    /^applied 0001/m,
    /\{"status":"ready"\}/,
    /^operator +true$/m,
    /^api_key +bfk_/m,
    /rows of \d+ tables/,
    /^the books are clean$/m,
    /^\d+ rows of \d+ tables/m,
    /^the books are clean$/m,
    /^the books are clean$/m,
  ]
  let rest = stdout
  for (const pattern of promised) {
    const found = pattern.exec(rest)
    assert.ok(found, `${pattern} in:\n${stdout}`)
    rest = rest.slice(found.index + found[0].length)
  }
  const log = await readFile(join(folder, 'server.log'), 'utf8')
  assert.match(log, /"msg":"stopped"/, 'SIGTERM ends it as it should')
  assert.equal(JSON.parse(await readFile(join(folder, 'audit.json'), 'utf8')).clean, true)
})

test('the metrics and variables that docs/operating.md names are there', async () => {
  const { registry } = createMetrics()
  const names = (await registry.getMetricsAsJSON()).map(({ name }) => name)
  for (const [name] of text.matchAll(/\b(?:billfold|nodejs)_[a-z0-9]+(?:_[a-z0-9]+)+\b/g)) {
    if (name === 'billfold_new') continue
    assert.ok(names.includes(name.replace(/_(?:bucket|count|sum)$/, '')), name)
  }
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  for (const [name] of text.matchAll(/\bBILLFOLD_[A-Z_]+\b/g)) assert.ok(readme.includes(`| \`${name}\` |`), name)
})
