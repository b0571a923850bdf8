import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createTestDatabase } from '../support/database.ts'
import { billfold, databaseUrl } from './billfold.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let env: Record<string, string>
const folder = mkdtempSync(join(tmpdir(), 'billfold-person-'))

before(async () => {
  database = await createTestDatabase()
  env = {
    BILLFOLD_HOME: join(folder, 'home'),
    BILLFOLD_KEY: randomBytes(32).toString('hex'),
    DATABASE_URL: databaseUrl(database.db.connection),
  }
})
after(() => database.drop())

test('the command line hands out and erases a person, and wants to hear --yes', async () => {
  const run = (...args: string[]) => billfold(args, { env })
  const made = await run('party', 'create', '--kind', 'person', '--name', 'Olga Tkachenko', '--json')
  const { id } = JSON.parse(made.stdout)
  assert.equal((await run('wallet', 'open', 'us:8307770124:USD', '--party', id)).status, 0)
  const file = join(folder, 'person.json')
  const exported = await run('person', 'export', id, '--output', file)
  assert.equal(exported.status, 0, exported.stderr)
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).party[0].name, 'Olga Tkachenko')
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.deepEqual(JSON.parse((await run('person', 'export', id)).stdout).format, 'billfold-person-1')

  const unsure = await run('person', 'erase', id)
  assert.deepEqual([unsure.status, /--yes/.test(unsure.stderr)], [2, true])
  const erased = await run('person', 'erase', id, '--yes', '--json')
  assert.equal(erased.status, 0, erased.stderr)
  assert.deepEqual(
    (await run('person', 'erase', id, '--yes', '--json')).stdout.includes(JSON.parse(erased.stdout).pseudonym),
    true,
  )
  assert.match((await run('party', 'show', id)).stdout, /Erased [0-9a-f]{16}/)
  assert.equal((await run('audit')).status, 0)
})
