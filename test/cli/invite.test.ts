import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { type Mail, mailContext } from '../../src/mail/mailer.ts'
import { createParty } from '../../src/operations/create-party.ts'
import { listMails } from '../../src/storage/mail-outbox.ts'
import { createTestDatabase } from '../support/database.ts'
import { billfold, databaseUrl } from './billfold.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
const key = randomBytes(32)
before(async () => {
  database = await createTestDatabase()
})
after(() => database.drop())

test('an operator invites someone from the shell; a production server without mail refuses', async () => {
  const { db } = database
  const { id } = await createParty({ db, clock: Date.now }, { kind: 'person', name: 'Ana' })
  const env = {
    BILLFOLD_HOME: join(mkdtempSync(join(tmpdir(), 'billfold-invite-')), 'home'),
    BILLFOLD_KEY: key.toString('hex'),
    DATABASE_URL: databaseUrl(db.connection),
    BILLFOLD_MODE: 'production',
    BILLFOLD_PUBLIC_URL: 'https://pay.example',
  }
  const args = ['party', 'invite', id, '--email', 'Ana@example.com', '--language', 'fr', '--json']
  const silent = await billfold(args, { env })
  assert.equal(silent.status, 1)
  assert.match(silent.stderr, /this server sends no mail: BILLFOLD_SMTP_URL is not set/)
  const mail = { BILLFOLD_SMTP_URL: 'smtp://127.0.0.1:1', BILLFOLD_MAIL_FROM: 'post@pay.example' }
  const ran = await billfold(args, { env: { ...env, ...mail } })
  assert.equal(ran.status, 0, ran.stderr)
  assert.equal(JSON.parse(ran.stdout).email, 'ana@example.com')
  assert.match(ran.stderr, /a running server sends the mail/)
  const [row] = await listMails(db, 10)
  const written: Mail = JSON.parse(createKeyring([key]).open(row?.sealed as Buffer, mailContext(row?.id as string)))
  assert.match(written.text, /https:\/\/pay\.example\/invitation\/[A-Za-z0-9_-]{43}/)
  assert.ok(!ran.stdout.includes('/invitation/'))
  const wrong = await billfold(['party', 'invite', id, '--email', 'a@b.example', '--language', 'de'], { env })
  assert.equal(wrong.status, 2)
})
