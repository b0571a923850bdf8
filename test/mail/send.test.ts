import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test, { after, before, beforeEach } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createKeyring } from '../../src/credentials/keyring.ts'
import type { Ledger } from '../../src/ledger/command.ts'
import { createMailer } from '../../src/mail/mailer.ts'
import { createMailSender, type MailSender } from '../../src/mail/send.ts'
import type { Database } from '../../src/storage/database.ts'
import { startWorker } from '../../src/worker/worker.ts'
import { createTestDatabase } from '../support/database.ts'
import { readLetter, type SmtpServer, startSmtpServer } from '../support/smtp-server.ts'

const keyring = createKeyring([randomBytes(32)])
const origin = 'https://pay.example'
const mailer = createMailer({ keyring, clock: Date.now, origin, mode: 'production', leaves: true })
const logged: object[] = []
let db: Database
let drop: () => Promise<void>
let smtp: SmtpServer
let sender: MailSender

before(async () => {
  ;({ db, drop } = await createTestDatabase())
  smtp = await startSmtpServer()
  sender = open(smtp.url)
})
after(async () => {
  sender.close()
  await smtp.close()
  await drop()
})
beforeEach(async () => {
  await db.query('delete from mail_outbox')
  smtp.letters.length = 0
  logged.length = 0
  smtp.onCommand = () => null
})

function open(smtpUrl: string, mode: 'sandbox' | 'production' = 'production'): MailSender {
  const log = { error: (fields: object) => void logged.push(fields) }
  return createMailSender({ db, keyring, log, smtpUrl, from: 'Billfold <post@pay.example>', origin, mode })
}

const write = (to = 'ana@example.com', name = 'Ana Núñez', expiresAt: Date | null = null) =>
  mailer.write(db, {
    to,
    language: 'fr',
    template: 'recover-password',
    values: { name, link: mailer.url('/recover/abc'), minutes: 30 },
    expiresAt,
  })

type Row = {
  sealed: Buffer | null
  attempts: number
  sent_at: Date | null
  failed_at: Date | null
  last_error: string | null
}

async function row(id: string): Promise<Row & { pause: number }> {
  const rows = await db.query<Row & { pause: number }>(
    `select sealed, attempts, sent_at, failed_at, last_error,
            extract(epoch from next_attempt_at - clock_timestamp())::float as pause
     from mail_outbox where id = $1`,
    [id],
  )
  return rows[0] as Row & { pause: number }
}

const due = () => db.query("update mail_outbox set next_attempt_at = clock_timestamp() - interval '1 second'")

test('a mail reaches the mail server with both texts, and its own text is then forgotten', async () => {
  const id = await write()
  assert.equal(await sender.send(), 1)
  assert.equal(smtp.letters.length, 1)
  const [letter] = smtp.letters
  assert.deepEqual([letter?.from, letter?.to], ['post@pay.example', ['ana@example.com']])
  const { headers, parts } = readLetter(letter?.data ?? '')
  assert.equal(headers.get('subject'), 'Choisissez un nouveau mot de passe')
  assert.equal(headers.get('from'), 'Billfold <post@pay.example>')
  assert.equal(headers.get('to'), 'ana@example.com')
  assert.equal(headers.get('message-id'), `<${id}@pay.example>`)
  assert.equal(headers.get('auto-submitted'), 'auto-generated')
  assert.match(parts.get('text/plain') ?? '', /^Bonjour Ana Núñez,[\s\S]+https:\/\/pay\.example\/recover\/abc/)
  assert.match(parts.get('text/html') ?? '', /<html lang="fr">[\s\S]+href="https:\/\/pay\.example\/recover\/abc"/)
  const { sealed, sent_at } = await row(id)
  assert.equal(sealed, null)
  assert.ok(sent_at)
  assert.equal(await sender.send(), 0)
})

test('no value adds a header, a recipient or a part', async () => {
  const name = 'Ana\r\nBcc: evil@example.com\r\n\r\n<script>alert(1)</script>\u2028--x'
  await write('ana@example.com', name)
  await sender.send()
  const [letter] = smtp.letters
  assert.deepEqual(letter?.to, ['ana@example.com'])
  const { headers, parts } = readLetter(letter?.data ?? '')
  assert.equal(headers.has('bcc'), false)
  assert.deepEqual([...parts.keys()], ['text/plain', 'text/html'])
  assert.match(parts.get('text/plain') ?? '', /^Bonjour Ana Bcc: evil@example\.com <script>/)
  assert.ok(!parts.get('text/html')?.includes('<script>'))
})

test('an address that a mail program would take for more than one goes nowhere', async () => {
  for (const to of [
    'ana@example.com, evil@example.com',
    'ana@example.com\r\nRCPT TO:<evil@example.com>',
    '<evil@example.com>',
  ]) {
    await write(to)
    await sender.send()
    for (const letter of smtp.letters) assert.ok(!letter.to.includes('evil@example.com') || letter.to.length === 1, to)
    assert.ok(!smtp.letters.some(({ to: sent }) => sent.length > 1), to)
    await db.query('delete from mail_outbox')
    smtp.letters.length = 0
  }
})

test('a mail that is not taken for now is tried again, with longer and longer pauses, and then arrives', async () => {
  const id = await write()
  smtp.onCommand = (verb) => (verb === 'RCPT' ? '451 later' : null)
  const pauses: number[] = []
  for (let attempt = 1; attempt <= 9; attempt++) {
    assert.equal(await sender.send(), 0)
    const { attempts, pause, last_error } = await row(id)
    assert.equal(attempts, attempt)
    assert.match(last_error ?? '', /451$/)
    pauses.push(Math.round(pause))
    assert.equal(await sender.send(), 0, 'not due yet')
    await due()
  }
  for (const [index, wanted] of [30, 60, 120, 240, 480, 960, 1920, 3600, 3600].entries()) {
    assert.ok(Math.abs((pauses[index] as number) - wanted) <= 2, String(pauses))
  }
  smtp.onCommand = () => null
  assert.equal(await sender.send(), 1)
  assert.ok((await row(id)).sent_at)
  assert.equal(JSON.stringify(logged).includes('ana@example.com'), false, 'no address in the log')
})

test('a mail that will never be taken is given up, and its text with it', async () => {
  const id = await write()
  smtp.onCommand = (verb) => (verb === 'RCPT' ? '550 no such mailbox ana@example.com' : null)
  await sender.send()
  const { failed_at, sealed, last_error } = await row(id)
  assert.ok(failed_at)
  assert.equal(sealed, null)
  assert.equal(last_error, 'EENVELOPE 550')
  await due()
  smtp.onCommand = () => null
  assert.equal(await sender.send(), 0)
})

test('a mail whose link is over is not sent, nor one that was tried for half a day', async () => {
  const over = await write('a@example.com', 'A', new Date(Date.now() - 1000))
  const tried = await write('b@example.com')
  await db.query('update mail_outbox set attempts = 18 where id = $1', [tried])
  assert.equal(await sender.send(), 0)
  for (const id of [over, tried]) {
    const { failed_at, sealed } = await row(id)
    assert.ok(failed_at)
    assert.equal(sealed, null)
  }
})

test('a mail server that is away loses no mail', async () => {
  const id = await write()
  const nobody = await startSmtpServer()
  await nobody.close()
  const closed = open(nobody.url)
  assert.equal(await closed.send(), 0)
  closed.close()
  assert.match((await row(id)).last_error ?? '', /^ECONNREFUSED|ESOCKET/)
})

test('two processes send 40 mails between them, each once', async () => {
  const ids = await Promise.all(Array.from({ length: 40 }, (_, index) => write(`person-${index}@example.com`)))
  const other = open(smtp.url)
  const sent = await Promise.all([sender.send(), other.send()])
  other.close()
  assert.equal(sent[0] + sent[1], ids.length)
  assert.equal(new Set(smtp.letters.map(({ to }) => to[0])).size, ids.length)
  assert.equal(smtp.letters.length, ids.length)
})

test('a mail whose process died while sending goes again, under the same Message-ID', async () => {
  const id = await write()
  smtp.onCommand = (verb) => (verb === '.' ? '421 going down' : null)
  await sender.send()
  smtp.onCommand = () => null
  await due()
  await sender.send()
  assert.equal(readLetter(smtp.letters[0]?.data ?? '').headers.get('message-id'), `<${id}@pay.example>`)
})

test('a mail is written with the transaction of its cause, or not at all', async () => {
  await assert.rejects(
    db.transaction(async (sql) => {
      await mailer.write(sql, {
        to: 'ana@example.com',
        language: 'en',
        template: 'password-changed',
        values: { name: 'Ana', recover: mailer.url('/recover') },
        expiresAt: null,
      })
      throw new Error('undone')
    }),
  )
  assert.equal(await sender.send(), 0)
})

test('credentials of the URL are used', async () => {
  await write()
  const { port } = new URL(smtp.url)
  const known = open(`smtp://user%40x:p%2Fw@127.0.0.1:${port}`)
  assert.equal(await known.send(), 1)
  known.close()
  assert.deepEqual(smtp.logins, ['\0user@x\0p/w'])
})

test('mails that lie in the table are sealed', async () => {
  await write()
  const rows = await db.query<{ row: string }>('select mail_outbox::text as row from mail_outbox')
  const bytes = Buffer.from(/\\\\x([0-9a-f]+)/.exec(rows[0]?.row ?? '')?.[1] ?? '', 'hex')
  assert.ok(bytes.length > 500)
  assert.ok(!bytes.includes('recover') && !bytes.includes('ana@'))
})

test('the worker of a server sends what was written, within seconds', { timeout: 20_000 }, async () => {
  const failures: object[] = []
  const log = { error: (fields: object) => void failures.push(fields), warn: () => {} }
  // Of the worker's jobs only this one is due so soon.
  const worker = startWorker({ db, ledger: {} as Ledger, clock: Date.now, log, mailSender: sender })
  await write()
  while (smtp.letters.length === 0) await delay(100)
  await worker.stop()
  assert.deepEqual(failures, [])
})

test('in production mails cross no network in the open: their links open accounts', async () => {
  // Another name of this machine, which the sender takes for another machine.
  const elsewhere = `smtp://0.0.0.0:${new URL(smtp.url).port}`
  smtp.onCommand = (verb) => (verb === 'STARTTLS' ? '502 not here' : null)
  const id = await write()
  const strict = open(elsewhere)
  assert.equal(await strict.send(), 0)
  strict.close()
  assert.equal(smtp.letters.length, 0)
  const [row] = await db.query<Row>('select * from mail_outbox where id = $1', [id])
  assert.match(String(row?.last_error), /TLS/)
  await db.query('update mail_outbox set next_attempt_at = clock_timestamp()')
  const sandbox = open(elsewhere, 'sandbox')
  assert.equal(await sandbox.send(), 1)
  sandbox.close()
})
