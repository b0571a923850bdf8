import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createParty } from '../../src/operations/create-party.ts'
import { insertSignIn } from '../../src/storage/parties.ts'
import { hasSecondFactor, insertTotp } from '../../src/storage/second-factors.ts'
import { createTestDatabase } from '../support/database.ts'
import { billfold, databaseUrl } from './billfold.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
before(async () => {
  database = await createTestDatabase()
})
after(() => database.drop())

test('who has lost a second factor gets in again when whoever runs the server says so', async () => {
  const { db } = database
  const email = 'ana@example.com'
  const { id } = await createParty({ db, clock: Date.now }, { kind: 'person', name: 'Ana' })
  await insertSignIn(db, { email, party_id: id, password_hash: 'none', operator: true })
  await insertTotp(db, { email, sealed: Buffer.alloc(60), last_step: 0 })
  const env = {
    BILLFOLD_HOME: join(mkdtempSync(join(tmpdir(), 'billfold-reset-')), 'home'),
    BILLFOLD_KEY: randomBytes(32).toString('hex'),
    BILLFOLD_MODE: 'sandbox',
    DATABASE_URL: databaseUrl(db.connection),
  }
  const reset = () => billfold(['party', 'reset-factors', '--email', 'Ana@example.com', '--json'], { env })
  const ran = await reset()
  assert.equal(ran.status, 0, ran.stderr)
  assert.deepEqual(JSON.parse(ran.stdout), { email, reset: true })
  assert.equal(await hasSecondFactor(db, email), false)
  const again = await reset()
  assert.equal(again.status, 1)
  assert.match(again.stderr, /nobody with a second factor has this address/)
})
