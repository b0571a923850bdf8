import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { findJournalKey, loadJournalKey } from '../../src/credentials/journal-key.ts'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { createTestDatabase } from '../support/database.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>

before(async () => {
  database = await createTestDatabase()
})
after(() => database.drop())

test('the journal key is made once, by whichever of 16 servers comes first, and outlives a change of BILLFOLD_KEY', async () => {
  const { db } = database
  const [old, fresh] = [randomBytes(32), randomBytes(32)]
  const keyring = createKeyring([old])
  assert.equal(await findJournalKey({ db, keyring }), undefined)
  const keys = await Promise.all(Array.from({ length: 16 }, () => loadJournalKey({ db, keyring })))
  const [key] = keys as [Buffer]
  assert.equal(key.length, 32)
  for (const other of keys) assert.ok(other.equals(key))
  assert.ok((await loadJournalKey({ db, keyring: createKeyring([fresh, old]) })).equals(key))
  await assert.rejects(loadJournalKey({ db, keyring: createKeyring([fresh]) }), /not in BILLFOLD_KEY/)
  const [row] = await db.query<{ sealed: Buffer }>('select sealed from server_secret')
  assert.ok(!row?.sealed.includes(key) && !row?.sealed.includes(key.toString('base64')))
})
