import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createTestDatabase } from '../support/database.ts'
import { billfold, databaseUrl } from './billfold.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let env: Record<string, string>
before(async () => {
  database = await createTestDatabase()
  env = {
    BILLFOLD_HOME: mkdtempSync(join(tmpdir(), 'billfold-merchant-')),
    BILLFOLD_KEY: randomBytes(32).toString('hex'),
    DATABASE_URL: databaseUrl(database.db.connection),
  }
})
after(() => database.drop())

async function done(args: string[]) {
  const ran = await billfold([...args, '--json'], { env })
  assert.equal(ran.status, 0, ran.stderr)
  return JSON.parse(ran.stdout)
}

test('a merchant is set up from the command line', async () => {
  const { id: party } = await done(['party', 'create', '--kind', 'business', '--name', 'Café'])
  await done(['wallet', 'open', 'shop:corner:EUR', '--party', party])
  await done(['wallet', 'open', 'financing:pledg:EUR', '--party', party, '--lower=-1000'])
  const company = await done(['merchant', 'company', '--party', party, '--name', 'Cafés'])
  const wallets = ['--wallet', 'shop:corner:EUR', '--financing', 'financing:pledg:EUR', '--company', company.uid]
  const plans = ['--plan', 'now=now', '--plan', 'later=deferred:30', '--plan', '3x=instalments:3']
  const made = await done(['merchant', 'create', '--party', party, '--name', 'Café', ...wallets, ...plans])
  assert.equal(made.plans.length, 3)
  const key = await done(['merchant', 'key', made.uid, '--company'])
  assert.equal((await done(['merchant', 'keys', made.uid])).items[0].id, key.id)
  await done(['merchant', 'revoke', made.uid, key.id])
  await done(['merchant', 'plan', made.uid, '4x=instalments:4'])
  await done(['merchant', 'unplan', made.uid, 'later'])
  const shown = await done(['merchant', 'show', made.uid])
  assert.deepEqual(
    shown.plans.map(({ name }: { name: string }) => name),
    ['now', '3x', '4x'],
  )
  assert.notEqual((await done(['merchant', 'secret', made.uid])).secret, made.secret)
  assert.deepEqual((await done(['merchant', 'purchases', made.uid])).items, [])
  assert.match((await done(['merchant', 'disable', made.uid])).disabled_at, /Z$/)
  for (const plan of ['3x', '3x=instalments', 'now=now:3', '=now', '3x=instalments:3:']) {
    const wrong = await billfold(['merchant', 'plan', made.uid, plan], { env })
    assert.equal(wrong.status, 2, plan)
  }
})

test('the due clock is put ahead in the sandbox, adds up, and is refused elsewhere', async () => {
  const advance = (time: string, more: Record<string, string> = {}) =>
    billfold(['sandbox', 'advance', time], { env: { ...env, ...more } })
  const ahead = async () =>
    Number((await database.db.query<{ ahead_ms: bigint }>('select ahead_ms from due_clock'))[0]?.ahead_ms ?? 0) /
    3_600_000
  for (const time of ['30', '1.5d', '0d', '400d', 'soon', '1m']) {
    const wrong = await advance(time)
    assert.equal(wrong.status, 1, time)
    assert.doesNotMatch(wrong.stderr, /\n {4}at /)
  }
  assert.equal((await advance('-1d')).status, 2, 'an option that there is not')
  const production = {
    BILLFOLD_MODE: 'production',
    BILLFOLD_PUBLIC_URL: 'https://billfold.example',
  }
  const refused = await advance('30d', production)
  assert.equal(refused.status, 1)
  assert.match(refused.stderr, /this is no sandbox/)
  assert.equal(await ahead(), 0)
  assert.match((await advance('30d')).stdout, /^the due clock says 2\d{3}-\d\d-\d\dT/)
  assert.equal((await advance('12h')).status, 0)
  assert.equal(await ahead(), 30 * 24 + 12)
})
