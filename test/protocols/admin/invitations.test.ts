import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Mail, mailContext } from '../../../src/mail/mailer.ts'
import { listMails } from '../../../src/storage/mail-outbox.ts'
import { createHarness, type Harness } from './harness.ts'

let harness: Harness
let path: string
before(async () => {
  harness = await createHarness()
  const { body } = await harness.send('POST', '/parties', { kind: 'business', name: 'Río Bazaar' })
  path = `/parties/${body.id}/invitations`
})
after(() => harness.close())

async function mails(): Promise<Mail[]> {
  const { keyring } = harness.deps
  return (await listMails(harness.db, 100)).map(({ id, sealed }) => JSON.parse(keyring.open(sealed, mailContext(id))))
}

test('an invitation is mailed in the language asked for, and its link stands in the mail only', async () => {
  const answer = await harness.send('POST', path, { email: ' Ana@Example.com ', language: 'fr' })
  assert.equal(answer.status, 201, answer.text)
  assert.equal(answer.body.email, 'ana@example.com')
  const life = Date.parse(answer.body.expires_at) - Date.now()
  assert.ok(Math.abs(life - 7 * 24 * 3600_000) < 60_000)
  const [mail] = await mails()
  assert.equal(mail?.to, 'ana@example.com')
  const token = /\/invitation\/([A-Za-z0-9_-]{43})/.exec(mail?.text ?? '')?.[1] ?? ''
  assert.ok(token && !answer.text.includes(token))
  assert.match(mail?.text ?? '', /^Bonjour Río Bazaar,/)
})

test('of 32 requests alike at once one mails, and all get its answer', async () => {
  const before = (await mails()).length
  const answers = await Promise.all(
    Array.from({ length: 32 }, (_, i) =>
      (i % 2 ? harness.send : harness.sendToOther)(
        'POST',
        path,
        { email: 'race@example.com' },
        { 'idempotency-key': 'race' },
      ),
    ),
  )
  assert.deepEqual([...new Set(answers.map(({ status, text }) => `${status} ${text}`))].length, 1)
  assert.equal((await mails()).length, before + 1)
})

test('what cannot be invited is refused for what it is, and nothing is mailed', async () => {
  const before = (await mails()).length
  const refused = async (to: string, body: unknown) => {
    const answer = await harness.send('POST', to, body)
    return [answer.status, answer.body.code, answer.body.field]
  }
  assert.deepEqual(await refused(path, { email: 'nobody' }), [422, 'invalid-input', 'email'])
  assert.deepEqual(await refused(path, { email: 'a@example.com\r\nBcc: b@example.com' }), [
    422,
    'invalid-input',
    'email',
  ])
  assert.deepEqual(await refused(path, { email: 'op@example.com' }), [409, 'already-exists', 'email'])
  assert.deepEqual(await refused(path, { email: 'a@example.com', language: 'de' }), [422, 'invalid-input', 'language'])
  assert.deepEqual(await refused(path, {}), [422, 'invalid-input', 'email'])
  const nobody = '/parties/0197b6a0-0000-7000-8000-00000000dead/invitations'
  assert.deepEqual(await refused(nobody, { email: 'a@example.com' }), [404, 'not-found', 'party_id'])
  assert.equal((await mails()).length, before)
})
